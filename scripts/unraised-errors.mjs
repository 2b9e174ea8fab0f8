// Errors of the catalogue that no test has raised.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** @param recorded a code a line; those that the worker's own tests raised after the word "worker" */
export function unraisedErrors(recorded) {
  const raised = new Set(recorded.split('\n'));
  const groups = readdirSync(join(root, 'src', 'protocol', 'errors')).filter((name) => name.endsWith('-errors.ts'));
  const codes = groups.flatMap((name) =>
    [...readFileSync(join(root, 'src', 'protocol', 'errors', name), 'utf8').matchAll(/^ {2}'?([a-z0-9-]+)'?: \{/gm)].map(
      ([, code]) => code,
    ),
  );
  return codes
    .filter((code) => !raised.has(code) && !raised.has(`worker ${code}`))
    .concat(workerCodes().filter((code) => !raised.has(`worker ${code}`)));
}

function workerCodes() {
  const folder = join(root, 'python', 'worker');
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.py'));
  const codes = files.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/WorkerError\(\s*"([\w-]+)"/g)].map(([, code]) => code),
  );
  return [...new Set(codes)];
}
