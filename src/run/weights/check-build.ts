/** Compares what a run left with its recorded hashes: before each use, and for `verify`. Nothing is measured again. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Artifact, type HashedFile } from '../../protocol/artifact.js';
import { Build, ParityLine } from '../../protocol/build.js';
import { ModelRecord } from '../../protocol/model-record.js';
import { changedRunFiles } from '../../store/closed-run.js';
import { readJson, readLines } from '../../store/files.js';
import { sha256File, sha256Value } from '../../store/hash.js';
import { homeOf, modelFiles, runFiles } from '../../store/home.js';
import { readLedger, recordsOf } from '../../store/ledger.js';
import { figuresOf } from './measure-adapter.js';

/**
 * Compares the run's files with the ledger, and its weights with artifact.json.
 * @param isServed only what serving rests on is looked at
 */
export async function checkArtifact(run: string, modelFolder: string, isServed: boolean): Promise<string[]> {
  const files = runFiles(run);
  const artifact = readJson(files.artifact, Artifact);
  const model = readJson(modelFiles(modelFolder).record, ModelRecord);
  const isOfBase = artifact.base.sha256 === model.sha256;
  return [
    ...(await changedRunFiles(run, isServed)),
    ...(await changedFiles('artifact', files.artifactFolder, artifact.files)),
    ...(isOfBase ? [] : [`the adapter was trained on ${shortHash(artifact.base.sha256)}, the base here is ${shortHash(model.sha256)}`]),
  ];
}

/** Compares the build with the ledger, its files with their hashes, and its figures with the raw values. */
export async function checkBuild(run: string, modelFolder: string): Promise<string[]> {
  const files = runFiles(run);
  const build = readJson(files.build, Build);
  const made = recordsOf(readLedger(homeOf(run)), 'build-made').findLast((record) => record.run === basename(run));
  const changed = await changedFiles('builds/gguf-lora', files.ggufLora, [build.file, build.parity.raw]);
  const problems = [
    ...(made?.build_sha256 === sha256Value(build) ? [] : ['builds/gguf-lora/build.json is not the one that the ledger has']),
    ...(build.source_sha256 === (await sha256File(files.artifact)) ? [] : ['the build is of another artifact']),
    ...changed,
  ];
  if (changed.length > 0) return problems;
  const figures = figuresOf(run, modelFolder, readLines(files.parity, ParityLine));
  const { raw: _raw, ...recorded } = build.parity;
  const hasItsFigures = sha256Value(figures) === sha256Value(recorded);
  return [...problems, ...(hasItsFigures ? [] : ['parity has other figures than its raw values give'])];
}

export async function changedFiles(what: string, folder: string, files: HashedFile[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { path, sha256 } of files) {
    const whole = join(folder, path);
    const actual = existsSync(whole) ? await sha256File(whole) : null;
    if (actual === sha256) continue;
    problems.push(`${what}/${path} ${actual ? `has sha256 ${shortHash(actual)}, recorded was ${shortHash(sha256)}` : 'is missing'}`);
  }
  return problems;
}

const shortHash = (sha256: string) => `${sha256.slice(0, 12)}…`;
