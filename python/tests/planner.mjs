// Plans runs for the worker's tests with the product's own planner: a JSON request a line, a plan or an error code a line.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readShape } from '../../dist/model/families/read-shape.js';
import { planRun } from '../../dist/tune/plan/plan.js';

const machine = { num_cores: 1, has_bfloat16: false, memory_bytes: 16e9, free_memory_bytes: 12e9, free_disk_bytes: 50e9, gpus: [] };

for await (const line of createInterface({ input: process.stdin })) {
  const { model, splits, recipe, parent, labels } = JSON.parse(line);
  const factsOf = (name) => {
    const found = splits.find(({ split }) => split === name);
    if (!found) return null;
    const num_supervised_rows = found.num_rows - found.rows_without_supervision.length;
    return { ...found, num_supervised_rows, longest_row_tokens: found.longest_row.num_tokens, labels };
  };
  try {
    const plan = planRun({
      loaded: { file: 'r.yaml', folder: '/', text: '', sha256: '0', command_line: {}, recipe },
      model: { id: 'tiny', folder: model, sha256: '0', quantization: 'F32' },
      parent,
      shape: readShape(JSON.parse(readFileSync(`${model}/transformers/config.json`, 'utf8')), model),
      train: factsOf('train'),
      dev: factsOf('dev'),
      test: null,
      gate_sha256: null,
      machine,
    });
    process.stdout.write(`${JSON.stringify(plan)}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  }
}
