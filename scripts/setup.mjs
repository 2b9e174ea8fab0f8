// What both commands need before Slipway itself can run: the right Node, packages as locked, and a build.
// Only Node's own modules: on a fresh clone there is nothing else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');
const mark = join(root, 'node_modules', '.slipway-lock');
const LEAST_NODE = [20, 19];

/** Installs what npm-shrinkwrap.json says, once, and builds. */
export function setUp() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    fail(`Slipway needs Node ${LEAST_NODE.join('.')} or newer, this is ${process.version}. Install it from https://nodejs.org.`);
  }
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'npm-shrinkwrap.json')))
    .digest('hex');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    console.log('packages     npm ci, about 100 MB the first time');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error']);
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    writeFileSync(mark, lock);
  }
  run('npm', ['run', '--silent', 'build']);
}

/** Runs a program to its end with our own output; a failure ends this script with its code. */
export function run(program, programArguments, options = {}) {
  const result = spawnSync(program, programArguments, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) fail(`${program}: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}
