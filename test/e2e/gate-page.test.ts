/** The gate of a recipe in the studio: a form beside its text, checked, and kept with the recipe. Without a browser. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGate } from '../../src/compare/read-gate.js';
import { keepWithGate, openGate } from '../../src/flow/author/edit-gate.js';
import { createSessions } from '../../src/server/sessions.js';
import { createStudio } from '../../src/server/studio.js';
import { recipesFolder } from '../../src/store/home.js';
import { readRecipe } from '../../src/tune/read-recipe.js';
import { HOSTILE } from '../support/fixture-home.js';
import { temporaryFolder } from '../support/home.js';
import { pagesOf } from '../support/pages.js';

const home = temporaryFolder('gate-page');
const folder = temporaryFolder('gate-folder');
const recipe = join(recipesFolder(home), 'desk.yaml');
const GATE = `# Why it is as it is.
challenger: tuned
baselines: [bare]
metric: normalized_match
margin: 0.05 # five points
guardrails: {}
candidates:
  bare: { model: base }
  tuned: { model: tuned }
`;
let app: FastifyInstance;
let pages: ReturnType<typeof pagesOf>;
const get = (url: string) => pages.get(url);
const post = (url: string, fields: Record<string, string> = {}) => pages.post(url, fields);
const gateUrl = `/gate?${new URLSearchParams({ recipe })}`;
const checked = async (fields: Record<string, string>) =>
  (await post('/gate/check', { recipe, ...fields })).json<{ text: string; findings: string; settings: string; is_ready: boolean }>();

const THINGS = 'harbour quay crane depot gate yard office hangar wharf basin lock beacon'.split(' ');

beforeAll(() => {
  mkdirSync(recipesFolder(home), { recursive: true });
  const rows = Array.from({ length: 120 }, (_, i) =>
    JSON.stringify({
      prompt: `Where is the ${THINGS[i % 12]} ${'abcdefghij'[Math.floor(i / 12)]}?`,
      completion: `At ${THINGS[(i * 5) % 12]}`,
    }),
  );
  writeFileSync(join(recipesFolder(home), 'desk.jsonl'), `${rows.join('\n')}\n`);
  writeFileSync(join(recipesFolder(home), 'desk.gate.yaml'), GATE);
  writeFileSync(
    recipe,
    'model: smollm2-135m-instruct\nmethod: sft\ndata: { file: desk.jsonl, dev: 0.1, test: 0.3 }\ngate: desk.gate.yaml\n',
  );
  app = createStudio(home, createSessions(), { data_folders: [folder] });
  pages = pagesOf(home, app);
});
afterAll(() => app.close());

describe('the page', () => {
  test('says in sentences what the rule is, and what so many test rows can show', async () => {
    const { body, statusCode } = await get(gateUrl);
    expect(statusCode).toBe(200);
    expect(body).toContain(
      'tuned ships only if the lower bound of its lead in answers equal to the reference is at least 5.0 points against bare',
    );
    expect(body).toMatch(/\d+ test rows in \d+ groups: a lead below \d+\.\d points cannot ship, a larger one may/);
    for (const text of ['What counts as right', 'By how much it has to be better', 'What each choice means', 'right when the pattern'])
      expect(body.toLowerCase()).toContain(text.toLowerCase());
    // Of pairs and of reward models, which these rows and this method are not.
    expect(body).not.toContain('value="preference_accuracy"');
    expect(body).not.toContain('value="reward_accuracy"');
  });

  test('a value that is typed is in the text, and a mistake is named and keeps the gate from being used', async () => {
    const right = await checked({ text: GATE, path: 'margin', value: '0.2' });
    expect([right.text, right.is_ready]).toEqual([GATE.replace('0.05', '0.2'), true]);
    expect(right.findings).toContain('20.0 points');
    const wrong = await checked({ text: GATE, path: 'margin', value: '2' });
    expect([wrong.is_ready, wrong.findings]).toEqual([false, expect.stringContaining('margin')]);
    const other = await checked({ text: GATE, path: 'metric', value: 'regex' });
    expect(other.text).toBe(GATE.replace('normalized_match', 'regex'));
    expect(other.settings).toContain('id="set-pattern"');
    expect(other.findings).toContain('write the regular expression');
    const { statusCode, body } = await post('/gate', { recipe, text: wrong.text });
    expect([statusCode, body]).toEqual([400, expect.stringContaining('disabled=""')]);
  });

  test('no margin is above chance, one below zero is for a challenger that is not worse, and too few groups never ship', async () => {
    expect((await checked({ text: GATE.replace('0.05', '0') })).findings).toContain('is above chance against bare');
    const below = GATE.replace('0.05', '-0.02');
    expect((await checked({ text: below })).is_ready).toBe(false);
    expect((await checked({ text: `${below}noninferiority: true\n` })).findings).toContain('not worse than bare by more than 2.0 points');
    expect((await checked({ text: GATE.replace('0.05', '0.95') })).findings).toContain('no lead can ship');
    expect((await checked({ text: GATE.replace('normalized_match', 'reference_logprob') })).findings).toContain('never ships');
  });
});

describe('a gate that was changed', () => {
  test('is a new file, and the recipe that names it too; what they name is where it was', async () => {
    const sent = await post('/gate', { recipe, text: GATE.replace('0.05', '0.2').replaceAll('\n', '\r\n') });
    expect(sent.statusCode).toBe(303);
    const next = new URLSearchParams(String(sent.headers.location).split('?')[1]).get('recipe') as string;
    expect(next).not.toBe(recipe);
    const kept = readRecipe(next).recipe;
    expect(readGate(kept.gate as string).gate.margin).toBe(0.2);
    expect(kept.data).toMatchObject({ file: join(recipesFolder(home), 'desk.jsonl') });
    expect(readFileSync(join(recipesFolder(home), 'desk.gate.yaml'), 'utf8')).toBe(GATE);
    expect((await get(String(sent.headers.location))).body).toContain('No problems.');
    // Unchanged it is the same file, and the same recipe.
    const same = await post('/gate', { recipe, text: GATE });
    expect(new URLSearchParams(String(same.headers.location).split('?')[1]).get('recipe')).toBe(recipe);
  });

  test('the page of the recipe leads there with what was written', async () => {
    const text = `${readFileSync(recipe, 'utf8')}seed: 7\n`;
    const { headers: sent } = await post('/start', { recipe, text, action: 'gate' });
    expect(sent.location).toMatch(/^\/gate\?recipe=/);
    const kept = new URLSearchParams(String(sent.location).split('?')[1]).get('recipe') as string;
    expect([basename(kept), readRecipe(kept).recipe.seed]).toEqual([expect.stringMatching(/^desk-[0-9a-f]{6}\.yaml$/), 7]);
    expect((await get(String(sent.location))).statusCode).toBe(200);
  });

  test('path-forbidden: its function lies in no other folder, and a recipe of no list is not opened', async () => {
    const scored = `${GATE.replace('normalized_match', 'function')}function: { file: /etc/score.py }\n`;
    expect((await checked({ text: scored })).findings).toContain('function.file');
    expect((await post('/gate', { recipe, text: scored })).statusCode).toBe(400);
    expect(existsSync('/etc/score.py')).toBe(false);
    writeFileSync(join(folder, 'score.py'), 'def score(answer, expected, question):\n    return 1.0\n');
    expect((await checked({ text: scored.replace('/etc/score.py', join(folder, 'score.py')) })).is_ready).toBe(true);
    expect((await get('/gate?recipe=/etc/passwd')).statusCode).toBe(404);
  });

  test('its function beside it is found from where the gate is kept', async () => {
    writeFileSync(join(recipesFolder(home), 'beside.py'), 'def score(answer, expected, question):\n    return 0.5\n');
    const scored = `${GATE.replace('normalized_match', 'function')}function: { file: beside.py }\n`;
    const sent = await post('/gate', { recipe, text: scored });
    const next = new URLSearchParams(String(sent.headers.location).split('?')[1]).get('recipe') as string;
    const { gate } = readGate(readRecipe(next).recipe.gate as string);
    expect(gate.function).toEqual({ file: join(recipesFolder(home), 'beside.py'), source: expect.stringContaining('return 0.5') });
  });

  test('a text that is no recipe does not lead there, and a folder of any name does', async () => {
    const broken = await post('/start', { recipe, text: 'model: [', action: 'gate' });
    expect([broken.statusCode, broken.body]).toEqual([400, expect.stringContaining('to correct before it can start')]);
    const odd = join(recipesFolder(home), 'odd #1: a');
    mkdirSync(odd, { recursive: true });
    const opened = { ...openGate(home, recipe, [folder]), file: join(odd, 'desk.gate.yaml') };
    const kept = keepWithGate(home, opened, join(odd, 'other.gate.yaml'));
    expect(readRecipe(kept).recipe.gate).toBe(join(odd, 'other.gate.yaml'));
  });

  test('what it says stays text', async () => {
    const { settings, findings } = await checked({
      text: `${GATE}currency: ${JSON.stringify(HOSTILE)}\nlabels: [${JSON.stringify(HOSTILE)}]\n`,
    });
    for (const html of [settings, findings]) expect(html).not.toContain('<script');
    expect((await checked({ text: 'metric: [' })).settings).toContain('when the text can be read');
  });
});
