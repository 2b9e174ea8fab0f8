/** slipway new FILE */
import { createInterface } from 'node:readline/promises';
import type { DatasetProfile } from '../../flow/author/dataset-profile.js';
import { groupsText, metricText, profileWarnings } from '../../flow/author/describe-profile.js';
import { type NewOptions, newRecipe } from '../../flow/author/new-recipe.js';
import { relativeToHere } from '../../flow/author/profile-dataset.js';
import { AppError } from '../../protocol/errors.js';
import type { Method } from '../../protocol/methods/methods.js';
import { type AnyRow, conversationOf, type Message } from '../../protocol/row.js';
import { shellWord } from '../../protocol/shell-word.js';
import { count } from '../../protocol/units.js';
import { slipwayHome } from '../../store/home.js';
import { openedRows } from '../../store/ledger.js';
import { fileReading, printJson, type RowOptions } from '../options.js';
import { editingTerminal } from '../printable.js';
import { style } from '../style.js';
import { cut } from '../table.js';

interface NewCommandOptions extends RowOptions {
  /** commander gives true when neither `--group` nor `--no-group` is given. */
  group?: string | boolean;
  name?: string;
  model: string;
  method?: Method;
  allowNearDuplicates?: boolean;
  force?: boolean;
  json?: boolean;
}

export async function newCommand(file: string, options: NewCommandOptions): Promise<void> {
  const group = options.group === true ? undefined : options.group;
  const asked: NewOptions = {
    group,
    name: options.name,
    model: options.model,
    method: options.method,
    force: options.force === true,
    allow_near_duplicates: options.allowNearDuplicates === true,
    ...fileReading(options, 'new'),
    were_test: openedRows(slipwayHome()),
  };
  const { profile, recipe, gate } = await withGroup(file, asked, options.json === true);
  const { rows, splits, chosen, columns, shares, format, num_groups } = profile;
  const sizes = { train: splits.train.length, dev: splits.dev.length, test: splits.test.length };
  if (options.json)
    return printJson({
      recipe,
      gate,
      method: profile.method,
      format,
      num_rows: rows.length,
      dialect: profile.dialect,
      columns,
      num_groups,
      metric: chosen.metric,
      shares,
      sizes,
    });
  process.stdout.write(
    `${[
      ...lines([
        ['rows', `${count(rows.length)}, format ${format}`],
        ...(profile.dialect
          ? [['read as', `${profile.dialect}: \`--encoding\` and \`--delimiter\` set it by hand`] as [string, string]]
          : []),
        ['columns', columnsText(profile)],
        ['groups', groupsText(profile)],
        ['split', `${sizes.train} train, ${sizes.dev} dev, ${sizes.test} test, by hash: a row stays in its split when rows are added`],
        ['answers', metricText(chosen)],
        ...firstRow(rows[0]),
      ]),
      ...profileWarnings(profile, options.allowNearDuplicates === true).map((text) => style('yellow', `  warning   ${text}`)),
      '',
      `  wrote     ${relativeToHere(recipe)} and ${relativeToHere(gate)}: their comments explain each value`,
      `  next      slipway go ${shellWord(relativeToHere(recipe))}`,
      '',
    ].join('\n')}`,
  );
}

function lines(entries: [string, string][]): string[] {
  return entries.map(([name, text]) => `  ${name.padEnd(10)}${text}`);
}

/** On a terminal the question is asked; elsewhere it is an error that says what to add. */
async function withGroup(file: string, options: NewOptions, isJson: boolean): ReturnType<typeof newRecipe> {
  try {
    return await newRecipe(file, options);
  } catch (error) {
    const isAskable = error instanceof AppError && error.code === 'group-unsaid' && process.stdin.isTTY && process.stdout.isTTY && !isJson;
    if (!isAskable) throw error;
    const terminal = createInterface({ input: process.stdin, output: editingTerminal(process.stdout) });
    process.stdout.write(`${error.message}\n`);
    const answer = await terminal.question(`Keep rows of one ${error.data.column} together? [Y/n] `);
    terminal.close();
    return await newRecipe(file, { ...options, group: /^n/i.test(answer.trim()) ? false : String(error.data.column) });
  }
}

function firstRow(row: AnyRow | undefined): [string, string][] {
  if (!row) return [];
  const messages = conversationOf(row);
  const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const answers = 'chosen' in row ? [`better: ${lastText(row.chosen)}`, `worse: ${lastText(row.rejected)}`] : [lastText(messages)];
  const label = 'label' in row ? (row.label ? 'good: ' : 'bad: ') : '';
  return [['first row', cut(question, 90)], ...answers.map((answer): [string, string] => ['', `→ ${cut(label + answer, 88)}`])];
}

const lastText = (messages: Message[]) => messages.at(-1)?.content ?? '';

function columnsText({ columns, reading }: DatasetProfile): string {
  const named = Object.entries(reading.columns ?? {}).map(([part, source]) => `${part} is ${cut(source, 40)}`);
  const unused = columns.ignore.length > 0 ? `not used: ${columns.ignore.join(', ')}` : 'all are used';
  return [...named, ...(columns.group ? [`grouped by ${columns.group}`] : []), unused].join('; ');
}
