/** The rows of a file that nothing is wrong with, as JSONL with the columns they have; and a list of the others, each with its reason. */
import { once } from 'node:events';
import { createWriteStream, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { oddness, oddProblem } from '../../data/odd-answers.js';
import { type FileReading, streamRows } from '../../data/read-rows.js';
import { AppError, type Problem, problemLines } from '../../protocol/errors.js';
import { answerOf, lintFile } from './lint-file.js';

export interface CleanedFile {
  out: string;
  left_out: string;
  num_written: number;
  num_left_out: number;
}

const SUFFIX = /\.jsonl$/;

/**
 * Two passes: only the first knows whether the answers are meant as records. Both files appear whole or not at all.
 * @param out a name that ends in .jsonl; the list beside it ends in .left-out.txt, which nobody takes for rows
 * @throws AppError file-exists, file-not-found, option-invalid, and those of `lintFile`
 */
export async function writeClean(
  path: string,
  reading: FileReading,
  { out, onRows }: { out: string; onRows: (numRows: number) => void },
): Promise<CleanedFile> {
  if (!SUFFIX.test(out))
    throw new AppError('option-invalid', { option: `--write-clean ${out}`, problem: 'the name must end in .jsonl', command: 'check' });
  if (!existsSync(dirname(out))) throw new AppError('file-not-found', { file: dirname(out), folder: dirname(dirname(out)) });
  const left_out = out.replace(SUFFIX, '.left-out.txt');
  for (const file of [out, left_out]) if (existsSync(file)) throw new AppError('file-exists', { file });
  const { wants_records } = await lintFile(path, reading, onRows);
  const [rows, reasons] = [openNew(out), openNew(left_out)];
  try {
    let num_written = 0;
    const leftOut = new Set<string>();
    for await (const read of streamRows(path, reading)) {
      const problem = 'problem' in read ? read : oddnessOf(read, wants_records);
      if (problem) {
        leftOut.add(`${problem.file}:${problem.line}`);
        await reasons.write(`${problemLines([problem]).trim()}\n`);
      } else if (!('problem' in read)) {
        num_written++;
        await rows.write(`${JSON.stringify(read.record)}\n`);
      }
    }
    await rows.flush();
    await reasons.flush();
    rows.place();
    try {
      reasons.place();
    } catch (error) {
      rmSync(out);
      throw error;
    }
    return { out, left_out, num_written, num_left_out: leftOut.size };
  } finally {
    rows.drop();
    reasons.drop();
  }
}

function oddnessOf(read: Parameters<typeof answerOf>[0], wantsRecords: boolean): Problem | null {
  const answer = wantsRecords ? answerOf(read) : null;
  const problem = answer === null ? null : oddness(answer);
  return problem === null ? null : oddProblem(read, problem);
}

/** A file under another name until it is whole; one that is there already is never written over. */
function openNew(file: string) {
  const unfinished = `${file}.${process.pid}.unfinished`;
  const stream = createWriteStream(unfinished, { flags: 'wx' });
  const ended = finished(stream);
  ended.catch(() => undefined);
  const remove = () => rmSync(unfinished, { force: true });
  process.once('exit', remove);
  return {
    async write(text: string) {
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), ended]);
    },
    async flush() {
      stream.end();
      await ended;
    },
    /** Under its own name at once, with all that it holds. */
    place() {
      try {
        linkSync(unfinished, file);
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'EEXIST') throw new AppError('file-exists', { file }, { cause });
        // Some file systems have no second names.
        if (code === undefined || !['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code) || existsSync(file)) throw cause;
        renameSync(unfinished, file);
      }
    },
    drop() {
      stream.destroy();
      remove();
      process.off('exit', remove);
    },
  };
}
