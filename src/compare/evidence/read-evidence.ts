/** Reading a channel's lines: each measurement occurs once. */
import { AppError } from '../../protocol/errors.js';
import { Evidence } from '../../protocol/evidence.js';
import { readLines } from '../../store/files.js';

/** @throws AppError file-unreadable, evidence-duplicate naming the line whose id was there before */
export function readEvidence(file: string): Evidence[] {
  const lines = readLines(file, Evidence);
  const seen = new Set<string>();
  for (const [index, { id }] of lines.entries()) {
    if (seen.has(id)) throw new AppError('evidence-duplicate', { file, line: index + 1, id: id.slice(0, 12) });
    seen.add(id);
  }
  return lines;
}
