/** Recomputing what a run left: hashes of the artifact and its build, and the parity figures themselves. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Artifact } from '../../protocol/artifact.js';
import { Build, type ParityFigures } from '../../protocol/build.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { readJson } from '../../store/files.js';
import { sha256File } from '../../store/hash.js';
import { modelFiles, runFiles } from '../../store/home.js';
import { measureAdapter } from './build-adapter.js';

/** Two machines' float32 sums differ in the last digits; a wrong figure differs by far more. */
const SAME_NATS = 0.002;

/** @returns what was checked, and what does not recompute (empty: all is well) */
export async function verifyBuild(run: string, modelFolder: string): Promise<{ checked: string[]; problems: string[] }> {
  const files = runFiles(run);
  const checked: string[] = [];
  const problems: string[] = [];
  const checkHash = async (what: string, path: string, expected: string) => {
    const actual = existsSync(path) ? await sha256File(path) : 'missing';
    if (actual !== expected) problems.push(`${what}: sha256 is ${actual.slice(0, 12)}…, recorded was ${expected.slice(0, 12)}…`);
  };
  const model = readJson(modelFiles(modelFolder).record, ModelRecord);
  const artifact = readJson(files.artifact, Artifact);
  if (artifact.base.sha256 !== model.sha256)
    problems.push(`the adapter was trained on ${artifact.base.sha256.slice(0, 12)}…, the base here is ${model.sha256.slice(0, 12)}…`);
  for (const file of artifact.files) await checkHash(`artifact/${file.path}`, join(files.artifactFolder, file.path), file.sha256);
  for (const file of [...(model.gguf ? [model.gguf] : []), ...model.files])
    await checkHash(`${model.id}/${file.path}`, join(modelFolder, file.path), file.sha256);
  await checkHash('data/train.jsonl', files.train, artifact.lineage.train_sha256);
  checked.push(`hashes of ${artifact.files.length} artifact files, ${model.files.length + 1} model files and the train rows`);
  if (!existsSync(files.build)) return { checked: [...checked, 'no GGUF build yet'], problems };

  const build = readJson(files.build, Build);
  await checkHash(`builds/gguf-lora/${build.file.path}`, join(files.ggufLora, build.file.path), build.file.sha256);
  await checkHash('artifact/artifact.json', files.artifact, build.source_sha256);
  if (problems.length > 0) return { checked, problems };
  const again = await measureAdapter(run, modelFolder, join(files.ggufLora, build.file.path));
  for (const [name, figures] of Object.entries(again)) {
    const stored = build.parity[name as 'float32' | 'served'];
    if (!isSame(stored, figures)) problems.push(`parity ${name}: mean ${figures.mean_nats} nats, recorded was ${stored.mean_nats}`);
  }
  checked.push(
    `parity at F32 (mean ${again.float32.mean_nats.toExponential(1)} nats) and ${again.served.base_type} (mean ${again.served.mean_nats.toFixed(4)} nats)`,
  );
  return { checked, problems };
}

function isSame(a: ParityFigures, b: ParityFigures): boolean {
  return a.num_tokens === b.num_tokens && a.num_rows_other_ids === b.num_rows_other_ids && Math.abs(a.mean_nats - b.mean_nats) < SAME_NATS;
}
