/** slipway verify RUN|COMPARISON */

import { verify } from '../../flow/keep/verify.js';
import { slipwayHome } from '../../store/home.js';
import { printJson, wholeNumber } from '../options.js';
import { style } from '../style.js';
import { terminalReporter } from '../terminal-reporter.js';

interface VerifyCommandOptions {
  replay?: string;
  ledgerHead?: string;
  json?: boolean;
}

export async function verifyCommand(id: string, options: VerifyCommandOptions): Promise<void> {
  const reporter = terminalReporter(process.stderr);
  const verified = await verify(slipwayHome(), id, {
    ledger_head: options.ledgerHead,
    replay: options.replay === undefined ? undefined : wholeNumber('--replay', options.replay, 1, 'verify'),
    onProgress: reporter.progress,
  }).finally(() => reporter.end());
  if (options.json) return printJson({ ok: true, ...verified });
  const lines = verified.checked.map((text) => `  ${style('green', '✓')} ${text}`);
  process.stdout.write(`${verified.kind} ${verified.id} recomputes:\n${lines.join('\n')}\n`);
}
