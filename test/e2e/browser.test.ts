/** Pages in a real browser: looked at in both themes and widths, without JavaScript, by keyboard alone, and while a run trains. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readComparison } from '../../src/compare/comparison.js';
import { exampleId } from '../../src/compare/evidence/measuring.js';
import { generateIncidentReports } from '../../src/data/sample/incident-reports.js';
import { rowLines } from '../../src/data/splits.js';
import type { ComparedRow } from '../../src/protocol/row.js';
import { type Studio, startStudio } from '../../src/server/studio.js';
import { comparisonPath } from '../../src/server/views/comparison-view.js';
import { listRuns } from '../../src/store/runs.js';
import { hasChromium, openBrowser, seriousFaults } from '../support/browser.js';
import { type FixtureHome, fixtureHome } from '../support/fixture-home.js';
import { root, temporaryFolder, testHome, testModel } from '../support/home.js';
import { spawnSlipway } from '../support/slipway.js';

const MAX_PAGE_BYTES = 60_000;
const shots = join(root, '.slipway', 'screenshots');
let browser: Browser;
let fixture: FixtureHome;
let studio: Studio;

beforeAll(async () => {
  if (!hasChromium) return;
  mkdirSync(shots, { recursive: true });
  fixture = fixtureHome();
  studio = await startStudio(fixture.home, { port: 0, data_folders: [process.cwd()] });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await studio?.close();
});

async function signedIn(options: Parameters<Browser['newContext']>[0] = {}): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(studio.link('/runs'));
  return { context, page };
}

const at = (path: string) => `http://127.0.0.1:${studio.port}${path}`;
/** A help desk's export, in columns of its own. */
const ticketsFile = () => {
  const file = join(fixture.home, 'uploads', 'tickets.csv');
  mkdirSync(dirname(file), { recursive: true });
  const places = 'harbour quay crane depot gate yard office hangar'.split(' ');
  const rows = Array.from(
    { length: 48 },
    (_, i) => `Where is the ${places[i % 8]} ${'abcdef'[Math.floor(i / 8)]}?;${['logistics', 'billing'][i % 2]};C${i % 12}`,
  );
  writeFileSync(file, `ticket;department;customer_id\n${rows.join('\n')}\n`);
  return file;
};
const rowsOf = (comparison: string) => `/comparisons/${basename(comparison)}/rows`;
const pages = () => ({
  data: '/data',
  'data-file': `/data/file?path=${encodeURIComponent(ticketsFile())}`,
  'new-comparison': '/comparisons/new',
  runs: '/runs',
  'run-stopped': `/runs/${fixture.runs.stopped}`,
  'run-failed': `/runs/${fixture.runs.failed}`,
  'run-lost': `/runs/${fixture.runs.lost}`,
  'run-preparing': `/runs/${fixture.runs.preparing}`,
  comparisons: '/comparisons',
  'compare-ship': comparisonPath(fixture.comparisons.ship),
  'compare-hold': comparisonPath(fixture.comparisons.hold),
  rows: rowsOf(fixture.comparisons.ship),
  row: `${rowsOf(fixture.comparisons.ship)}/${exampleId(readComparison(fixture.comparisons.ship).test[0] as ComparedRow)}`,
  models: '/models',
  chat: '/chat',
  start: '/start',
  gate: `/gate?recipe=${encodeURIComponent(join(root, 'recipes', 'quickstart.yaml'))}`,
  endpoints: '/endpoints',
  'not-found': '/nowhere',
});

describe.skipIf(!hasChromium)('every page', () => {
  test.each(['light', 'dark'] as const)(
    '%s, at 1280 and 320 px: no serious fault by axe, no sideways scrolling, nothing from elsewhere',
    async (colorScheme) => {
      const { context, page } = await signedIn({ colorScheme });
      const foreign: string[] = [];
      const errors: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(at(''))) foreign.push(request.url());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (/Content Security Policy|Refused/.test(message.text())) errors.push(message.text());
      });
      const stranger = await (await browser.newContext({ colorScheme })).newPage();
      for (const width of [1280, 320]) {
        await stranger.setViewportSize({ width, height: 900 });
        await stranger.goto(at('/runs'));
        expect(['sign-in', width, await seriousFaults(stranger)]).toEqual(['sign-in', width, []]);
        await stranger.screenshot({ path: join(shots, `sign-in-${colorScheme}-${width}.png`), fullPage: true });
        await page.setViewportSize({ width, height: 900 });
        for (const [name, path] of Object.entries(pages())) {
          await page.goto(at(path));
          expect([name, await page.title()]).toEqual([name, expect.stringMatching(/ · Slipway$/)]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect([name, width, Math.max(0, overflow)]).toEqual([name, width, 0]);
          expect([name, width, await seriousFaults(page)]).toEqual([name, width, []]);
          await page.screenshot({ path: join(shots, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        }
      }
      expect([foreign, errors]).toEqual([[], []]);
      await stranger.context().close();
      await context.close();
    },
    180_000,
  );

  test('a page that is read weighs less than 60 kB on the wire', async () => {
    for (const path of [
      comparisonPath(fixture.comparisons.ship),
      rowsOf(fixture.comparisons.ship),
      `/runs/${fixture.runs.stopped}`,
      '/comparisons',
    ]) {
      const { context, page } = await signedIn();
      const requests: Request[] = [];
      page.on('requestfinished', (request) => requests.push(request));
      // What changes is sent once more when the page has loaded; it is no part of reading it.
      await page.route('**/changes', (route) => route.abort());
      await page.goto(at(path), { waitUntil: 'networkidle' });
      const sizes = await Promise.all(requests.map((request) => request.sizes()));
      const bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
      expect(bytes).toBeGreaterThan(2000);
      expect([path, bytes < MAX_PAGE_BYTES, bytes]).toEqual([path, true, bytes]);
      await context.close();
    }
  }, 60_000);

  test('printed, a comparison has two sheets; sent as a file, it asks nobody for anything', async () => {
    const { context, page } = await signedIn();
    await page.goto(at(comparisonPath(fixture.comparisons.ship)));
    const sheets = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type ?\/Page\b/g);
    expect(sheets).toHaveLength(2);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'with all rows' }).click()]);
    const file = join(shots, 'report.html');
    await download.saveAs(file);
    const alone = await (await browser.newContext({ viewport: { width: 375, height: 800 } })).newPage();
    const asked: string[] = [];
    alone.on('request', (request) => asked.push(request.url()));
    await alone.goto(`file://${file}`);
    expect(asked).toEqual([`file://${file}`]);
    expect(await seriousFaults(alone)).toEqual([]);
    expect(await alone.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await alone.screenshot({ path: join(shots, 'report-375.png'), fullPage: true });
    await context.close();
  }, 60_000);

  test('on a phone the question, the word, the reason, the picture and the cost are the first screen', async () => {
    const { context, page } = await signedIn({ viewport: { width: 375, height: 812 } });
    await page.goto(at(comparisonPath(fixture.comparisons.ship)));
    for (const seen of ['.lede', '.verdict .badge', '.verdict-head strong', '.verdict .forest-row', '.verdict p:has-text("Cost")']) {
      const box = await page.locator(seen).first().boundingBox();
      expect([seen, (box?.y ?? 0) + (box?.height ?? 0) < 812]).toEqual([seen, true]);
    }
    await context.close();
  }, 60_000);

  test('without JavaScript the verdict is whole, the theme changes and a stop can be asked for', async () => {
    const { context, page } = await signedIn({ javaScriptEnabled: false });
    await page.goto(at(comparisonPath(fixture.comparisons.ship)));
    expect(await page.locator('h1').textContent()).toBe('tuned vs prompted');
    expect(await page.locator('.verdict .badge').first().textContent()).toContain('Ship');
    expect(await page.locator('.verdict .forest circle').count()).toBe(2);
    // The one attempt on these rows, and the head of the ledger.
    expect(await page.locator('section:has(h2:text("Attempts on these rows")) .forest circle').count()).toBe(1);
    expect(await page.locator('code.hash').textContent()).toMatch(/^[0-9a-f]{64}$/);
    expect(await page.locator('time').first().textContent()).toContain('UTC');
    await page.locator('button.to-dark').click();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await page.locator('h1').textContent()).toBe('tuned vs prompted');
    await page.goto(at(`/runs/${fixture.runs.stopped}`));
    await page.getByRole('button', { name: 'Resume' }).click();
    // The model is not in this home: the page says what to do.
    expect(await page.locator('.problem').textContent()).toContain('smollm2-135m-instruct is not on this machine yet');
    await context.close();
  }, 60_000);

  test('by keyboard alone: to the content, to a run, and the focus is seen', async () => {
    const { context, page } = await signedIn();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip to content');
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        return { href: element.getAttribute('href'), outline: getComputedStyle(element).outlineStyle };
      });
      expect(focused.outline).not.toBe('none');
      if (focused.href === `/runs/${fixture.runs.lost}`) break;
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(at(`/runs/${fixture.runs.lost}`));
    await context.close();
  }, 60_000);

  test('times are the reader’s own', async () => {
    const { context, page } = await signedIn({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    const text = await page.locator(`a[href="/runs/${fixture.runs.failed}"] time`).textContent();
    // 09:00 UTC
    expect(text).toContain('18:00');
    await context.close();
  }, 60_000);
});

describe.skipIf(!hasChromium)('a run from recipe to adapter in the browser', () => {
  test('checked as it is written, started, its curve grows, stopped, resumed', async () => {
    await testModel();
    const folder = temporaryFolder('browser');
    const { train } = generateIncidentReports(6, { train: 60, dev: 1, test: 1 });
    writeFileSync(join(folder, 'train.jsonl'), rowLines(train));
    writeFileSync(
      join(folder, 'small.yaml'),
      'model: smollm2-135m-instruct\nmethod: sft\ndata: {train: train.jsonl}\nlearning_rate: 0.001\nper_device_train_batch_size: 3\nsave_steps: 2\nlora: {r: 4}\n',
    );
    const command = spawnSlipway({ cwd: folder, env: { ...process.env, SLIPWAY_HOME: testHome } }, 'studio', '--json');
    const link = await firstJson(command.child.stdout as NodeJS.ReadableStream);
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    try {
      await page.goto(link.url);
      await page.getByRole('link', { name: 'Start a run' }).click();
      await page.locator('select[name=recipe]').selectOption(join(folder, 'small.yaml'));
      await page.getByRole('button', { name: 'Open' }).click();
      await page.locator('#findings').getByText('No problems.').waitFor();
      const text = page.locator('#text');
      const recipe = await text.inputValue();
      await text.fill(recipe.replace('learning_rate', 'lerning_rate'));
      await page.locator('#findings').getByText('did you mean `learning_rate`?').waitFor();
      await text.fill(recipe);
      await page.locator('#findings').getByText('No problems.').waitFor();
      const numRuns = listRuns(testHome).length;
      // Twice, as some people click: one run starts.
      await page.getByRole('button', { name: 'Start the run' }).dblclick();

      await page.waitForURL(/\/runs\/small-/);
      expect(listRuns(testHome).length).toBe(numRuns + 1);
      const points = () => page.evaluate(() => document.querySelector('#curves polyline')?.getAttribute('points')?.split(' ').length ?? 0);
      await page.waitForFunction(() => (document.querySelector('#curves polyline')?.getAttribute('points')?.split(' ').length ?? 0) >= 2);
      const before = await points();
      await page.waitForFunction(
        (seen) => (document.querySelector('#curves polyline')?.getAttribute('points')?.split(' ').length ?? 0) > seen,
        before,
      );
      for (const [colorScheme, width] of [
        ['light', 1280],
        ['light', 320],
        ['dark', 320],
        ['dark', 1280],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: join(shots, `run-running-${colorScheme}-${width}.png`), fullPage: true });
        expect([colorScheme, width, await seriousFaults(page)]).toEqual([colorScheme, width, []]);
      }

      await page.getByRole('button', { name: 'Stop, with a checkpoint' }).click();
      await page.locator('#state .status-stopped').waitFor();
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.locator('#state .status-running').waitFor();
      await page.locator('#state .status-done').waitFor();
      expect(await page.locator('#state').textContent()).toContain('Step 20 of 20');
      expect(await points()).toBe(20);

      await page.goto(new URL('/chat', link.url).href);
      // The select box alone chooses.
      await page.locator('select[name=b]').selectOption('smollm2-135m-instruct');
      await page.waitForURL(/b=smollm2/);
      await page.getByText('System prompt, temperature, length').click();
      await page.getByLabel('System prompt; empty').fill('Answer in one word.');
      await page.getByLabel('Tokens at most').fill('24');
      await page.locator('#question').fill('Hello');
      await page.keyboard.press('Enter');
      await page.waitForFunction(
        () => [...document.querySelectorAll('.said')].filter((said) => (said.textContent ?? '').length > 1).length === 2,
      );
      await expect
        .poll(() => page.locator('#turns').textContent(), { timeout: 60_000 })
        .toMatch(/(\d+ tokens?(, \d+ a second)?[\s\S]*Copy[\s\S]*){2}/);
      await page.screenshot({ path: join(shots, 'chat-two-dark-1280.png'), fullPage: true });
      expect(await seriousFaults(page)).toEqual([]);
      const [said] = await page.locator('.said').allTextContents();
      // It stays in this browser, with its settings, until it is cleared.
      await page.reload();
      expect(await page.locator('.said').allTextContents()).toContain(said);
      expect(await page.locator('[name=system]').inputValue()).toBe('Answer in one word.');
      // Stopped, what was written stays.
      await page.locator('[name=max_tokens]').evaluate((field) => Object.assign(field, { value: '1000' }));
      await page.locator('#question').fill('Tell a long story of a harbour.');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => (document.querySelectorAll('.said')[2]?.textContent ?? '').length > 20);
      await page.keyboard.press('Escape');
      await page.getByText('stopped').first().waitFor();
      // Another one begins, and the one before can be opened again, or erased.
      await page.getByRole('button', { name: 'New' }).click();
      await page.waitForURL(/#new$/);
      await expect.poll(() => page.locator('.said').count()).toBe(0);
      await page.getByText('Earlier conversations').click();
      await page.locator('#history').getByRole('link', { name: 'Hello' }).click();
      await expect.poll(() => page.locator('.said').count()).toBe(4);
      await page.screenshot({ path: join(shots, 'chat-history-dark-1280.png'), fullPage: true });
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.waitForURL(/#new$/);
      await expect.poll(() => page.locator('.said').count()).toBe(0);
      expect(await page.evaluate(() => localStorage.length)).toBe(0);
    } finally {
      await context.close();
      command.child.kill('SIGTERM');
      await command.ended;
    }
  }, 420_000);
});

/** The object that a command prints first. */
function firstJson(stream: NodeJS.ReadableStream): Promise<{ url: string }> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n}')) resolve(JSON.parse(text) as { url: string });
    });
  });
}
