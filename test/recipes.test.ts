/** The shelf: every recipe parses, says what it needs, and its plan can be made here, whatever machine it is for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownModel } from '../src/model/known-models.js';
import { Plan } from '../src/protocol/plan.js';
import { planWithoutWeights, recipeSplits } from '../src/tune/prepare.js';
import { readRecipe } from '../src/tune/read-recipe.js';
import { root } from './support/home.js';

const shelf = join(root, 'recipes');
const recipes = (readdirSync(shelf, { recursive: true, encoding: 'utf8' }) as string[]).filter((name) => /(?<!\.gate)\.yaml$/.test(name));

describe.each(recipes)('recipes/%s', (name) => {
  const text = readFileSync(join(shelf, name), 'utf8');

  test('says its machine, and what to expect with where that was measured or not', () => {
    const comments = text.split('\n').filter((line) => line.startsWith('#'));
    expect(comments.join('\n')).toMatch(/Machine: /);
    expect(comments.join('\n')).toMatch(/[Mm]easured|on dev|Not tried|cannot be run/);
    expect(text).not.toMatch(/MEASURED_/);
    expect(text.split('\n').filter((line) => line && !line.startsWith('#')).length).toBeLessThan(20);
  });

  test('a plan can be made of it, and on the machine that it names it fits', async () => {
    const loaded = readRecipe(join(shelf, name));
    const known = knownModel(loaded.recipe.model);
    if (!known) throw new Error(`no sizes known of ${loaded.recipe.model}`);
    const plan = planWithoutWeights(loaded, await recipeSplits(loaded), { known, home: root, gate_sha256: null });
    expect(Plan.parse(plan)).toEqual(plan);
    const { machine } = loaded.recipe;
    expect(plan.device).toBe(machine ? 'cuda' : 'cpu');
    if (machine) expect(plan.forecast.memory_bytes / machine.gpus).toBeLessThan(machine.gpu_memory_gb * 1e9);
  });
});
