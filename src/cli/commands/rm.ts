/** slipway rm RUN|COMPARISON */
import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { erase, findErasable } from '../../flow/keep/erase.js';
import { AppError, counted } from '../../protocol/errors.js';
import { slipwayHome, tombstoneFile } from '../../store/home.js';
import { printJson } from '../options.js';
import { editingTerminal } from '../printable.js';

export async function rmCommand(id: string, options: { yes?: boolean; json?: boolean }): Promise<void> {
  const home = slipwayHome();
  const found = findErasable(home, id);
  const name = `${found.kind} ${basename(found.folder)}`;
  if (!options.yes && !(await isMeant(name, options.json === true))) return;
  const tombstone = await erase(home, found);
  if (options.json) return printJson(tombstone);
  process.stdout.write(
    `erased ${name}: ${counted(tombstone.files.length, 'file')}; their hashes are in ${tombstoneFile(home, tombstone.id)}\n`,
  );
}

/** @throws AppError option-invalid without a terminal to ask on */
async function isMeant(name: string, isJson: boolean): Promise<boolean> {
  if (!process.stdin.isTTY || isJson)
    throw new AppError('option-invalid', { option: '--yes', problem: `erasing ${name} cannot be undone; say it`, command: 'rm' });
  const terminal = createInterface({ input: process.stdin, output: editingTerminal(process.stdout) });
  const answer = await terminal.question(`Erase ${name}? This cannot be undone. [y/N] `);
  terminal.close();
  return /^y/i.test(answer.trim());
}
