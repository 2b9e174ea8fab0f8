/** slipway approve COMPARISON --as NAME */
import { fingerprint } from '../../compare/approvals.js';
import { approve } from '../../flow/keep/approve.js';
import { slipwayHome } from '../../store/home.js';
import { printJson } from '../options.js';
import { verdictLine } from '../show-verdict.js';

export function approveCommand(id: string, options: { as: string; json?: boolean }): void {
  const { approval, verdicts } = approve(slipwayHome(), id, options.as);
  if (options.json) {
    printJson(approval);
    return;
  }
  const lines = verdicts.map((verdict) => `  ${verdictLine(verdict)}`);
  process.stdout.write(
    `${approval.comparison} is approved by ${approval.name}, signed with key ${fingerprint(approval)}:\n${lines.join('\n')}\n`,
  );
}
