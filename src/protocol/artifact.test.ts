import { expect, test } from 'vitest';
import { Artifact } from './artifact.js';

test('what a version without reward models wrote is read', () => {
  const artifact = {
    kind: 'adapter',
    method: 'sft',
    run: 'r',
    base: { id: 'm', sha256: 'x', quantization: 'Q4_1' },
    parents: [],
    files: [],
    lineage: { plan_sha256: 'p', train_sha256: 't', num_attempts: 1, num_steps: 3, best_step: null },
    train_loss: 1,
    dev_loss: null,
    logits_change: 2,
    coverage: [],
    versions: {},
  };
  expect(Artifact.parse(artifact).reward).toBeNull();
});
