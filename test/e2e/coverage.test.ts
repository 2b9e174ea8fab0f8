/** The table of what is trained that a plan makes from a config is the one that PEFT and PyTorch make of the model. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readShape } from '../../src/model/folder/read-shape.js';
import type { ModuleCoverage } from '../../src/protocol/event.js';
import { trainedCoverage } from '../../src/tune/plan/coverage.js';
import { root, temporaryFolder, testModel, testPython } from '../support/home.js';

interface Table {
  family: string;
  form: 'lora' | 'full' | 'experts';
  coverage: ModuleCoverage[];
}
const EXPERTS = ['feed_forward.experts.gate_up_proj', 'feed_forward.experts.down_proj'];

test('five families, three forms', async () => {
  const folder = temporaryFolder('coverage');
  const env = { ...process.env, PYTHONPATH: join(root, 'python'), OMP_NUM_THREADS: '1' };
  const script = [join(root, 'python', 'tests', 'print_coverage.py'), await testModel(), folder];
  const tables = JSON.parse(execFileSync(testPython(), script, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as Table[];
  const sorted = (coverage: ModuleCoverage[]) => [...coverage].sort((a, b) => a.module_class.localeCompare(b.module_class));
  const said = <T>(value: T) => ({ value, source: 'recipe' as const });
  for (const { family, form, coverage } of tables) {
    const file = join(folder, family, 'transformers', 'config.json');
    const ours = trainedCoverage(readShape(JSON.parse(readFileSync(file, 'utf8')), file), {
      use_peft: said(form !== 'full'),
      load_in_4bit: said(false),
      lora_r: said(4),
      lora_dropout: said(0),
      lora_target_modules: said(['all-linear']),
      lora_target_parameters: said(form === 'experts' ? EXPERTS : []),
      allow: said([]),
    });
    expect({ family, form, coverage: sorted(ours) }).toEqual({ family, form, coverage: sorted(coverage) });
  }
  expect(tables.length).toBe(12);
}, 300_000);
