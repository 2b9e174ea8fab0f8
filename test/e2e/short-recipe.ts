/** The quickstart with fewer rows: everything it does, in minutes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, temporaryFolder } from '../support/home.js';

export function shortRecipe(): { file: string; gate: string } {
  const folder = temporaryFolder('short');
  const [file, gate] = [join(folder, 'short.yaml'), join(folder, 'quickstart.gate.yaml')];
  const text = readFileSync(join(root, 'recipes', 'quickstart.yaml'), 'utf8');
  const short = text
    .replace(/^data:.*$/m, 'data: {sample: incident-reports, train: 48, dev: 8, test: 8}')
    .replace(/^eval_steps:.*$/m, 'eval_steps: 6')
    .replace(/^save_steps:.*$/m, 'save_steps: 3');
  writeFileSync(file, short);
  writeFileSync(gate, readFileSync(join(root, 'recipes', 'quickstart.gate.yaml'), 'utf8'));
  return { file, gate };
}
