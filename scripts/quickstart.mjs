// npm run quickstart: sets Slipway up on a fresh clone and runs `slipway go recipes/quickstart.yaml`.
// What follows the set-up is `slipway go` and nothing else; arguments after `--` are passed on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp();
const slipway = spawn(process.execPath, [join(root, 'dist', 'cli', 'main.js'), 'go', 'recipes/quickstart.yaml', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// Ctrl-C reaches the child as well; it decides what to do.
process.on('SIGINT', () => {});
slipway.once('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
