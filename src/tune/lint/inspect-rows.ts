/** Asking the worker what will be learnt from the rows, and refusing what cannot be learnt from. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { AppError, counted, type ErrorCode, type ErrorData } from '../../protocol/errors.js';
import { Inspection } from '../../protocol/inspection.js';
import type { Override } from '../../protocol/methods/shared-settings.js';
import { readJson, writeJson } from '../../store/files.js';
import { dataFiles, modelFiles } from '../../store/home.js';
import { pythonSources } from '../../store/package.js';

const run = promisify(execFile);

/** No limit of the recipe: the context of the model is one, and it is checked with it. */
const NO_LIMIT = 2 ** 31 - 1;

/**
 * @param data_folder holds train.jsonl and perhaps dev.jsonl; the worker never sees test
 * @param max_length null: no row is too long
 * @throws AppError nothing-to-learn, answers-truncated, end-of-turn-unsupervised, or what the worker reports
 */
export async function inspectRows(request: {
  python: string;
  model_folder: string;
  data_folder: string;
  max_length: number | null;
  allow?: Override[];
}): Promise<Inspection> {
  const { python, model_folder, data_folder } = request;
  const files = dataFiles(data_folder);
  const max_length = request.max_length ?? NO_LIMIT;
  writeJson(files.inspectRequest, { model_folder: modelFiles(model_folder).transformers, data_folder, max_length });
  await run(python, ['-m', 'worker', 'inspect', files.inspectRequest], { env: { ...process.env, PYTHONPATH: pythonSources() } }).catch(
    (cause: { stderr?: string }) => {
      if (!existsSync(files.error))
        throw new AppError('worker-failed', { problem: String(cause.stderr ?? cause).slice(-500), log: data_folder, run: '' }, { cause });
      const { code, data } = JSON.parse(readFileSync(files.error, 'utf8')) as { code: ErrorCode; data: ErrorData };
      throw new AppError(code, { log: data_folder, run: '', ...data }, { cause });
    },
  );
  const inspection = readJson(files.inspection, Inspection);
  refuseUnlearnable(inspection, request.allow ?? []);
  return inspection;
}

/** More rows than this may not lose part of their answer. */
const MAX_TRUNCATED_SHARE = 0.01;

function refuseUnlearnable(inspection: Inspection, allow: Override[]): void {
  for (const split of inspection.splits) {
    const empty = split.rows_without_supervision;
    if (empty.length > 0 && !allow.includes('rows-without-supervision')) {
      throw new AppError('nothing-to-learn', {
        count: `${counted(empty.length, 'row')} of ${split.split}`,
        row: empty[0] as number,
        max_length: inspection.max_length,
      });
    }
    const cut = split.truncated_rows.filter(({ num_answer_tokens_cut }) => num_answer_tokens_cut > 0);
    if (cut.length > MAX_TRUNCATED_SHARE * split.num_rows && !allow.includes('answers-truncated')) {
      const longest = cut.reduce((a, b) => (b.num_tokens > a.num_tokens ? b : a));
      throw new AppError('answers-truncated', {
        count: `${counted(cut.length, 'row')} of ${split.split}`,
        max_length: inspection.max_length,
        longest: longest.num_tokens,
        row: longest.row,
      });
    }
    if (!split.is_end_of_turn_supervised && !allow.includes('end-of-turn-unsupervised')) {
      throw new AppError('end-of-turn-unsupervised', { split: split.split });
    }
  }
}
