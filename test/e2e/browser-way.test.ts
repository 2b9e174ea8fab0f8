/** The whole way in the browser as a newcomer goes it: a CSV with columns of its own is dropped, tuned on, compared, and shown to others. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminToken } from '../../src/store/admin-token.js';
import { findEndpoint, removeEndpoint } from '../../src/store/endpoints.js';
import { hasChromium, openBrowser, seriousFaults } from '../support/browser.js';
import { root, temporaryFolder, testHome, testModel } from '../support/home.js';
import { spawnSlipway } from '../support/slipway.js';

const shots = join(root, '.slipway', 'screenshots');
const PLACES = 'harbour quay crane depot gate yard office hangar'.split(' ');
const THINGS = ['parcel', 'invoice'];

/** A help desk's export: semicolons, and no column that is called as Slipway calls them. */
const EXPORT = [
  'ticket_no;body;queue',
  ...Array.from(
    { length: 40 },
    (_, i) =>
      `T${i};Where is the ${THINGS[i % 2]} of the ${PLACES[i % 8]} ${'abcde'[Math.floor(i / 8)]}?;${['logistics', 'billing'][i % 2]}`,
  ),
].join('\n');

let studio: ReturnType<typeof spawnSlipway>;
let url: string;

beforeAll(async () => {
  if (!hasChromium) return;
  mkdirSync(shots, { recursive: true });
  await testModel();
  studio = spawnSlipway(
    { env: { ...process.env, SLIPWAY_HOME: testHome }, cwd: temporaryFolder('desk') },
    'studio',
    '--port',
    '0',
    '--json',
  );
  url = await new Promise((resolve) => {
    let text = '';
    studio.child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n}')) resolve((JSON.parse(text) as { url: string }).url);
    });
  });
});
afterAll(async () => {
  studio?.child.kill('SIGTERM');
  await studio?.ended;
  if (findEndpoint(testHome, 'desk-server')) removeEndpoint(testHome, 'desk-server');
});

/** As a file manager does it. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content as string], fileName as string, { type: 'text/csv' }));
      return transfer;
    },
    [name, text],
  );
  await page.dispatchEvent('#upload', 'drop', { dataTransfer });
}

/** Presses Tab until what has the focus is called so, and then a key. */
async function press(page: Page, name: RegExp, key = 'Enter'): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      return element.closest('label')?.textContent || element.getAttribute('aria-label') || element.textContent || '';
    });
    if (name.test(focused.trim())) return await page.keyboard.press(key);
  }
  throw new Error(`nothing called ${name} has the focus`);
}

interface Visit {
  page: Page;
  /** Keeps a picture of the page in both themes, and has axe look at it. */
  seen(name: string): Promise<void>;
}

/** Signed in by a key of its own. */
async function visit(browser: Browser, width: number): Promise<Visit & { close(): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(180_000);
  await page.goto(new URL('/runs', url).href);
  await page.getByLabel('Token').fill(adminToken(testHome));
  await page.getByRole('button', { name: 'Sign in' }).click();
  const seen = async (name: string) => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(shots, `way-${name}-${colorScheme}-${width}.png`), fullPage: true });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect([name, colorScheme, Math.max(0, overflow), await seriousFaults(page)]).toEqual([name, colorScheme, 0, []]);
    }
  };
  return { page, seen, close: () => context.close() };
}

async function dropAndAssign({ page, seen }: Visit): Promise<void> {
  await page.getByRole('link', { name: 'Data' }).click();
  await drop(page, 'desk export.csv', EXPORT);
  await page.waitForURL(/\/data\/file/);
  expect(await page.locator('h1').textContent()).toMatch(/^desk export(-\d+)?\.csv$/);
  // The guess takes ticket_no for nothing; a person may still change what is asked.
  await page.getByLabel('What is asked').selectOption('body');
  await page.getByLabel('What is answered').selectOption('queue');
  await page.getByRole('button', { name: 'Read it again' }).click();
  await page.getByText('2 labels (billing, logistics)').waitFor();
  await seen('data');
  await page.getByRole('button', { name: 'Make a recipe of it' }).click();
}

/** The form and the text are one: what is typed in one is in the other, and a mistake keeps it from starting. */
async function editRecipe({ page, seen }: Visit): Promise<void> {
  await page.locator('#findings').getByText('No problems.').waitFor();
  const text = page.locator('#text');
  await page.getByLabel('num_train_epochs').fill('many');
  await page.locator('#findings').getByText('to correct before it can start').waitFor();
  const isDisabled = await page.getByRole('button', { name: 'Start the run' }).isDisabled();
  expect([await text.inputValue(), isDisabled]).toEqual([expect.stringContaining('num_train_epochs: many'), true]);
  await page.getByLabel('num_train_epochs').fill('2');
  await page.locator('#findings').getByText('No problems.').waitFor();
  expect(await text.inputValue()).toMatch(/num_train_epochs: 2 # about/);
  await text.fill((await text.inputValue()).replace('r: 16', 'r: 4'));
  await page.waitForFunction(() => (document.getElementById('set-lora.r') as HTMLInputElement).value === '4');
  await page
    .locator('#findings')
    .getByText(/forecast: \d+ steps, about .* of memory/)
    .waitFor();
  await seen('recipe');
}

/** The rule is a form too: a metric says what it means, and what was chosen is in the recipe that is started. */
async function editGate({ page, seen }: Visit): Promise<void> {
  await page.getByRole('button', { name: 'Change the gate' }).click();
  await page.waitForURL(/\/gate\?/);
  await page.getByLabel('By how much it has to be better').fill('0.02');
  await page.locator('#findings').getByText('at least 2.0 points').waitFor();
  await page.getByLabel('What counts as right').selectOption('numeric');
  await page.getByLabel('How far a number may be off').waitFor();
  await page.getByLabel('What counts as right').selectOption('accuracy');
  await page.locator('#settings').getByText('Right when the answer is the label of the reference.').first().waitFor();
  await page.locator('#findings').getByText('right labels').waitFor();
  await seen('gate');
  await page.getByRole('button', { name: 'Use this gate' }).click();
  await page.waitForURL(/\/start\?/);
  await page.locator('#findings').getByText('No problems.').waitFor();
  expect(await page.locator('#text').inputValue()).toMatch(/gate: .*\.gate\.yaml/);
}

async function train({ page, seen }: Visit): Promise<void> {
  await page.getByRole('button', { name: 'Start the run' }).click();
  await page.waitForURL(/\/runs\//);
  expect(await page.locator('#state').textContent()).toMatch(/smollm2-135m-instruct by sft, on \d+ rows of desk export(-\d+)?\.csv/);
  // How long it will take is there from the first second.
  await page
    .locator('#state')
    .getByText(/, about .* left/)
    .waitFor();
  await page.locator('#state .status-done').waitFor();
  await seen('run');
}

/** The run answers as an endpoint, and is kept as one with its key. */
async function serveAndKeep({ page, seen }: Visit): Promise<void> {
  const run = page.url();
  await page.getByRole('link', { name: 'Serve it' }).click();
  await page.getByRole('button', { name: 'Serve it' }).click();
  await page.getByText('It answers now').waitFor();
  await seen('serve');
  const [address, key] = (await page.locator('dd code').allTextContents()) as [string, string];
  const ask = async (model: string, secret: string) => {
    await page.goto(new URL('/endpoints', url).href);
    await page.getByLabel('Name').fill('desk-server');
    await page.getByLabel('Address').fill(address);
    await page.getByLabel('Model').fill(model);
    await page.getByRole('textbox', { name: 'Key' }).fill(secret);
    await page.getByRole('button', { name: 'Check and keep it' }).click();
  };
  await ask('', '');
  await page.getByText('answered 401').waitFor();
  await ask('smollm2-135m-instruct', key);
  await page.getByText('kept, not shown').waitFor();
  expect(await page.content()).not.toContain(key);
  await seen('endpoints');
  await page.getByRole('link', { name: 'Compare with it' }).click();
  await page.getByText('The rule: what counts as right').click();
  await seen('new-comparison');
  await page.goto(run);
}

async function compareIt({ page, seen }: Visit): Promise<void> {
  await page.getByRole('button', { name: 'Compare it' }).click();
  await page.waitForURL(/\/compare\//);
  while ((await page.locator('section.verdict').count()) === 0) {
    await page.waitForTimeout(1000);
    await page.reload();
  }
  expect(await page.locator('.lede').textContent()).toMatch(
    /Should tuned go live in place of .*\? Both answered the same \d+ test rows, from desk export(-\d+)?\.csv\./,
  );
  expect(await page.locator('body').textContent()).toContain('is at least 2.0 points against');
  await seen('verdict');
}

async function readWrongRow({ page, seen }: Visit): Promise<void> {
  await page.getByRole('link', { name: /^See all \d+ rows/ }).click();
  const show = page.getByLabel('Show');
  const wrong = await show.locator('option').evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
  const some = wrong.find((value) => ['baseline-ahead', 'both-wrong', 'challenger-ahead'].includes(value)) as string;
  await show.selectOption(some);
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL(new RegExp(`show=${some}`));
  await seen('rows');
  await page.locator('table.rows a').first().click();
  expect(await page.locator('.example .wrong').count()).toBeGreaterThan(0);
  await seen('row');
}

async function downloadReport({ page }: Visit): Promise<void> {
  await page.getByRole('link', { name: /vs/ }).click();
  const [report] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'with all rows' }).click()]);
  await report.saveAs(join(shots, 'way-report.html'));
  expect(readFileSync(join(shots, 'way-report.html'), 'utf8')).toContain('id="row-1"');
}

describe.skipIf(!hasChromium)('the whole way in the browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test.each([1280, 375])(
    'at %i px: from a file that is dropped to a report that is sent',
    async (width) => {
      const one = await visit(browser, width);
      await dropAndAssign(one);
      await editRecipe(one);
      await editGate(one);
      await train(one);
      if (width === 1280) await serveAndKeep(one);
      await compareIt(one);
      await readWrongRow(one);
      await downloadReport(one);
      await one.close();
    },
    600_000,
  );

  test('by keyboard alone, on a phone: from the list to a row', async () => {
    const { page, seen, close } = await visit(browser, 375);
    await page.goto(new URL('/runs', url).href);
    await press(page, /^Comparisons$/);
    await page.waitForURL(/\/comparisons$/);
    await press(page, /desk-export-[\w-]+: tuned vs/);
    await page.waitForURL(/\/compare\//);
    await press(page, /^See all \d+ rows/);
    await page.waitForURL(/\/rows$/);
    await press(page, /^Contains/, 'Shift');
    await page.keyboard.type('harbour');
    await page.keyboard.press('Enter');
    await page.waitForURL(/text=harbour/);
    await press(page, /^\d+$/);
    await page.waitForURL(/\/rows\/[0-9a-f]{32}/);
    expect(await page.locator('.question').textContent()).toContain('harbour');
    await seen('row-by-keyboard');
    await close();
  }, 180_000);
});
