/** slipway fresh-test RECIPE */
import { relativeToHere } from '../../flow/author/profile-dataset.js';
import { freshTest } from '../../flow/compare/fresh-test.js';
import { counted } from '../../protocol/errors.js';
import { shellWord } from '../../protocol/shell-word.js';
import { slipwayHome } from '../../store/home.js';
import { givenOptions, printJson, type RecipeOptions, recipeFrom, wholeNumber } from '../options.js';
import { style } from '../style.js';

export async function freshTestCommand(recipe: string, options: RecipeOptions & { rows?: string }): Promise<void> {
  const numRows = options.rows === undefined ? null : wholeNumber('--rows', options.rows, 1, 'fresh-test');
  const drawn = await freshTest(slipwayHome(), recipeFrom(recipe, options), numRows);
  if (options.json) return printJson(drawn);
  const { is_drawn, num_rows, num_groups, min_groups, num_left, file } = drawn;
  const rows = `${counted(num_rows, 'test row')} in ${counted(num_groups, 'group')}`;
  if (!is_drawn) {
    process.stdout.write(`The ${rows} of ${recipe} were not judged on yet: nothing to draw. Choose between attempts on dev.\n`);
    return;
  }
  const where = file ? `${relativeToHere(file)}, named in ${recipe}` : `by a new test_seed in ${recipe}`;
  const left = num_left === null ? 'the generator makes as many more as are asked for' : `${counted(num_left, 'unused row')} left`;
  const few = num_groups < min_groups ? style('yellow', `  warning: a verdict needs ${min_groups} groups; it will be hold\n`) : '';
  process.stdout.write(
    `drew ${rows}: ${where}; ${left}\n${few}  next      slipway go ${shellWord(recipe)}${givenOptions(options)}   (training is reused; choose between attempts on dev)\n`,
  );
}
