/** slipway verify RUN|COMPARISON */

import { verify } from '../../flow/keep/verify.js';
import { slipwayHome } from '../../store/home.js';
import { printJson } from '../options.js';
import { style } from '../style.js';

export async function verifyCommand(id: string, options: { json?: boolean }): Promise<void> {
  const verified = await verify(slipwayHome(), id);
  if (options.json) return printJson({ ok: true, ...verified });
  const lines = verified.checked.map((text) => `  ${style('green', '✓')} ${text}`);
  process.stdout.write(`${verified.kind} ${verified.id} recomputes:\n${lines.join('\n')}\n`);
}
