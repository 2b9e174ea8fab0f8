/** slipway verify RUN|COMPARISON */
import { styleText } from 'node:util';
import { verify } from '../../flow/verify.js';
import { slipwayHome } from '../../store/home.js';
import { printJson } from '../options.js';

export async function verifyCommand(id: string, options: { json?: boolean }): Promise<void> {
  const verified = await verify(slipwayHome(), id);
  if (options.json) return printJson({ ok: true, ...verified });
  const lines = verified.checked.map((text) => `  ${styleText('green', '✓')} ${text}`);
  process.stdout.write(`${verified.kind} ${verified.id} recomputes:\n${lines.join('\n')}\n`);
}
