// npm run verify: sets Slipway up and runs every test. Ends with "N passed, N failed" (and ", N skipped").
// `npm run verify -- --full` kills 1,000 times at random in place of 30, and reads 100,000 random inputs of each kind in place of 1,000.
// Tests use homes of their own under .slipway/, so that weights and the Python environment are made once.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { halvesOfCores } from './cores.mjs';
import { root, run, setUp } from './setup.mjs';
import { pytestCounts, pytestTimes, vitestCounts, vitestTimes } from './test-results.mjs';
import { unraisedErrors } from './unraised-errors.mjs';

const home = process.env.SLIPWAY_TEST_HOME ?? join(root, '.slipway', 'home');
const results = join(root, '.slipway', 'results');
mkdirSync(home, { recursive: true, mode: 0o700 });
// Results of an earlier time must not count for a runner that was killed.
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const files = {
  light: join(results, 'light.json'),
  first: join(results, 'first.json'),
  second: join(results, 'second.json'),
  pytest: join(results, 'pytest.xml'),
};
// Tests leave models and whole homes behind, gigabytes in all: they go with the folder they are in.
const temporary = join(root, '.slipway', 'tmp');
rmSync(temporary, { recursive: true, force: true });
mkdirSync(temporary);
const full = process.argv.includes('--full')
  ? { SLIPWAY_NUM_KILLS: '20', SLIPWAY_NUM_RANDOM_KILLS: '500', SLIPWAY_NUM_MUTATIONS: '100000' }
  : {};
const raised = join(results, 'raised-errors.txt');
const env = { ...process.env, SLIPWAY_RAISED_ERRORS: raised, SLIPWAY_HOME: home, SLIPWAY_TEST_HOME: home, TMPDIR: temporary, ...full };
const NUM_SLOWEST = 10;
let numFailedSteps = 0;

setUp();
installPackages(['strace', 'ip'], ['strace', 'iproute2'], 'the no-egress test');
installPackages(['chromium'], ['chromium'], 'the browser tests');
step('Python environment', process.execPath, ['dist/cli/main.js', 'doctor', '--fix']);
const { folder: environment, python } = (await import('../dist/tune/environment.js')).environmentFiles(home);
installDevelopmentPackages();
step('style', 'npx', ['biome', 'check', '.']);
step('TypeScript types', 'npx', ['tsc', '--project', 'tsconfig.json']);
step('dead code', 'npx', ['knip']);
step('Python style', python, ['-m', 'ruff', 'check', 'python']);
step('Python types', 'npx', ['pyright', '--project', 'python', '--pythonpath', python]);
const light = step('TypeScript tests', ...vitest('light', ['unit', 'light']));
const [[first, pytest], [second]] = await sideBySide();

rmSync(temporary, { recursive: true, force: true });
countUnraisedErrors();
showSlowest();
const counts = [
  vitestCounts(files.light, light),
  vitestCounts(files.first, first),
  vitestCounts(files.second, second),
  pytestCounts(files.pytest, pytest),
];
const sum = (name) => counts.reduce((total, entry) => total + entry[name], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`${sum('passed')} passed, ${sum('failed') + numFailedSteps} failed${skipped}`);
process.exit(sum('failed') + numFailedSteps > 0 ? 1 : 0);

/** Vitest's command line for some of its projects. */
function vitest(name, projects) {
  const chosen = projects.flatMap((project) => ['--project', project]);
  return ['npx', ['vitest', 'run', ...chosen, '--reporter=default', '--reporter=json', `--outputFile=${files[name]}`]];
}

/**
 * What starts engines and training, in two lanes with cores and a home of their own: most of it uses one core, and two
 * threads on busy cores wait for each other. Where cores cannot be divided, one lane after the other.
 * @returns exit codes, by lane
 */
async function sideBySide() {
  const cores = spawnSync('which', ['taskset']).status === 0 ? halvesOfCores() : null;
  // One thread each, as many at a time as the lane has cores; 0: in pytest's own process.
  const numCores = cores ? cores[0].split(',').length : 1;
  const pythonTests = ['-m', 'pytest', 'python/tests', '-q', '-n', String(numCores > 1 ? numCores : 0), `--junitxml=${files.pytest}`];
  const lanes = [[vitest('first', ['first']), [python, pythonTests, { OMP_NUM_THREADS: '1' }]], [vitest('second', ['second'])]];
  if (!cores) {
    return lanes.map((lane, index) =>
      lane.map(([program, programArguments, more]) => step('tests', program, programArguments, { ...laneEnvironment(index), ...more })),
    );
  }
  console.log('\n== tests that start engines and training, in two lanes: a line begins with the number of its lane');
  return Promise.all(
    lanes.map(async (lane, index) => {
      const codes = [];
      for (const [program, programArguments, more] of lane) {
        const child = spawn('taskset', ['-c', cores[index], program, ...programArguments], {
          cwd: root,
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...env, ...laneEnvironment(index), ...more },
        });
        for (const input of [child.stdout, child.stderr])
          createInterface({ input }).on('line', (line) => console.log(`${index + 1} | ${line}`));
        codes.push(await new Promise((ended) => child.on('close', ended)));
      }
      return codes;
    }),
  );
}

/** A home of its own, with the environment that all share. */
function laneEnvironment(index) {
  const own = index === 0 ? home : `${home}-${index + 1}`;
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const environments = join(own, 'environments');
  if (!existsSync(environments)) symlinkSync(resolve(home, 'environments'), environments);
  return { SLIPWAY_HOME: own, SLIPWAY_TEST_HOME: own };
}

/** A step that fails is counted; the others still run, so that one run reports everything. @returns its exit code, null when it was killed */
function step(name, program, programArguments, more = {}) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(program, programArguments, { cwd: root, stdio: 'inherit', env: { ...env, ...more } });
  const isCounted = name.endsWith('tests');
  if (status !== 0 && !isCounted) {
    numFailedSteps++;
    console.log(`== ${name} failed`);
  }
  return status;
}

/** Each error of the catalogue has to be raised by a test, and one that the worker raises by a test of the worker. */
function countUnraisedErrors() {
  const missing = unraisedErrors(existsSync(raised) ? readFileSync(raised, 'utf8') : '');
  for (const code of missing) console.log(`== no test raises the error ${code}`);
  numFailedSteps += missing.length;
}

/** What some tests want from Debian; where it cannot be installed they are skipped, and the line to run is shown. */
function installPackages(programs, packages, what) {
  if (programs.every((program) => spawnSync('which', [program]).status === 0)) return;
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid() !== 0 || spawnSync('which', ['apt-get']).status !== 0) {
    console.log(`${what} will be skipped; to run them: sudo ${line}`);
    return;
  }
  const { status } = spawnSync('sh', ['-c', `apt-get update -qq && ${line} -qq`], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) console.log(`${what} will be skipped: \`${line}\` failed`);
}

function installDevelopmentPackages() {
  const lock = join(root, 'python', 'requirements-dev.lock');
  const mark = join(environment, 'slipway-dev-lock.sha256');
  const hash = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return;
  run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--require-hashes', '--only-binary=:all:', '--requirement', lock]);
  writeFileSync(mark, hash);
}

/** Where the time goes. A change may add at most four minutes. */
function showSlowest() {
  const ofVitest = ['light', 'first', 'second'].flatMap((name) => vitestTimes(files[name]));
  const tests = [...ofVitest, ...pytestTimes(files.pytest)].sort((a, b) => b.seconds - a.seconds).slice(0, NUM_SLOWEST);
  console.log(`\n== the ${NUM_SLOWEST} slowest tests`);
  for (const { seconds, name } of tests) console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
}
