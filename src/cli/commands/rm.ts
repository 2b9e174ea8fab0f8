/** slipway rm RUN|COMPARISON */
import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { comparisonsOf } from '../../compare/verdicts-of-runs.js';
import type { Job } from '../../flow/find-job.js';
import { erase, findErasable } from '../../flow/keep/erase.js';
import { AppError, counted } from '../../protocol/errors.js';
import { slipwayHome, tombstoneFile } from '../../store/home.js';
import { printJson } from '../options.js';
import { editingTerminal } from '../printable.js';

interface RmOptions {
  yes?: boolean;
  withComparisons?: boolean;
  json?: boolean;
}

export async function rmCommand(id: string, options: RmOptions): Promise<void> {
  const home = slipwayHome();
  const found = findErasable(home, id);
  const holding = found.kind === 'run' ? comparisonsOf(home, basename(found.folder)) : [];
  const others = options.withComparisons ? holding.map((comparison) => findErasable(home, comparison)) : [];
  if (!options.yes && !(await isMeant([found, ...others].map(nameOf).join(' and '), options.json === true))) return;
  const tombstones = [];
  for (const job of [found, ...others]) tombstones.push(await erase(home, job));
  const kept = options.withComparisons ? [] : holding;
  if (options.json) return printJson({ ...tombstones[0], with_comparisons: tombstones.slice(1), comparisons_that_hold_rows: kept });
  for (const tombstone of tombstones)
    process.stdout.write(
      `erased ${tombstone.kind} ${tombstone.id}: ${counted(tombstone.files.length, 'file')}; their hashes are in ${tombstoneFile(home, tombstone.id)}\n`,
    );
  if (kept.length > 0)
    process.stdout.write(
      `${counted(kept.length, 'comparison')} still ${kept.length === 1 ? 'holds' : 'hold'} its test rows and answers: ${kept.join(', ')}\nerase ${kept.length === 1 ? 'it' : 'them'} too: ${kept.map((one) => `slipway rm ${one}`).join('; ')}\n`,
    );
}

const nameOf = ({ kind, folder }: Job) => `${kind} ${basename(folder)}`;

/** @throws AppError option-invalid without a terminal to ask on */
async function isMeant(name: string, isJson: boolean): Promise<boolean> {
  if (!process.stdin.isTTY || isJson)
    throw new AppError('option-invalid', { option: '--yes', problem: `erasing ${name} cannot be undone; say it`, command: 'rm' });
  const terminal = createInterface({ input: process.stdin, output: editingTerminal(process.stdout) });
  const answer = await terminal.question(`Erase ${name}? This cannot be undone. [y/N] `);
  terminal.close();
  return /^y/i.test(answer.trim());
}
