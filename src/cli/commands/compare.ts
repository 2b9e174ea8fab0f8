/** slipway compare A B */
import { comparisonId } from '../../compare/comparison.js';
import { concludeTwoWay } from '../../flow/compare/conclude-two.js';
import { followMeasuring, startMeasuring, verdictsOf } from '../../flow/compare/measure.js';
import { openTwoWay } from '../../flow/compare/open-two.js';
import { AppError } from '../../protocol/errors.js';
import type { Verdict } from '../../protocol/verdict.js';
import { slipwayHome } from '../../store/home.js';
import { readLedger } from '../../store/ledger.js';
import { interruptibleJob, reportEnding } from '../follow-job.js';
import { fileReading, printJson, type RowOptions, refuseOfDataFile } from '../options.js';
import { VERDICT_EXIT_CODES, verdictScreen } from '../show-verdict.js';
import { terminalReporter } from '../terminal-reporter.js';

interface CompareOptions extends RowOptions {
  test?: string;
  apiKeyEnv: string[];
  systemA?: string;
  systemB?: string;
  rule: string[];
  allowNearDuplicates?: boolean;
  exitCode?: boolean;
  json?: boolean;
}

export async function compareCommand(a: string, b: string, options: CompareOptions): Promise<void> {
  const isJson = options.json === true;
  if (options.test === undefined) refuseOfDataFile(options, 'compare', 'is of the file that --test names');
  const reporter = terminalReporter(isJson ? process.stderr : process.stdout);
  const interrupt = interruptibleJob(reporter);
  try {
    const allows_near_duplicates = options.allowNearDuplicates === true;
    const asked = {
      a,
      b,
      testFile: options.test,
      reading: fileReading(options, 'compare'),
      allows_near_duplicates,
      systems: [options.systemA, options.systemB] as [string | undefined, string | undefined],
      rule: options.rule.map(ruleFrom),
      keyOf: keyFinder(options.apiKeyEnv),
    };
    const comparison = await openTwoWay(slipwayHome(), asked, reporter);
    const { is_done } = await startMeasuring(comparison);
    interrupt.onJob(comparison.folder);
    const ending = is_done ? { reason: 'done' as const } : await followMeasuring(comparison, reporter);
    reporter.end();
    if (ending.reason !== 'done') return reportEnding(comparison.folder, ending, isJson);
    const verdicts = verdictsOf(comparison);
    if (options.exitCode) process.exitCode = VERDICT_EXIT_CODES[(verdicts[0] as Verdict).decision];
    const conclusion = concludeTwoWay(verdicts);
    const id = comparisonId(comparison);
    if (isJson) return printJson({ comparison: id, conclusion, verdicts, ledger_head: readLedger(slipwayHome()).head });
    for (const verdict of verdicts) process.stdout.write(verdictScreen(verdict, { comparison: id }));
    process.stdout.write(`  ${conclusion}\n`);
  } finally {
    interrupt.end();
  }
}

function ruleFrom(text: string): [string, string] {
  const [, path, typed] = /^([\w.]+)=(.+)$/s.exec(text) ?? [];
  if (path && typed) return [path, typed];
  throw new AppError('option-invalid', {
    option: `--rule ${text}`,
    problem: 'write it as name=value, such as margin=0.05',
    command: 'compare',
  });
}

/** `NAME` is for every endpoint, `http://host:port/v1=NAME` for one. */
function keyFinder(assignments: string[]): (base_url: string) => string | null {
  const keys = assignments.map((text) => {
    const [, url, name] = /^(?:(.*)=)?(\w+)$/.exec(text) ?? [];
    const problem = 'name the environment variable that has the key, as NAME or as http://host:port/v1=NAME';
    if (!name) throw new AppError('option-invalid', { option: `--api-key-env ${text}`, problem, command: 'compare' });
    return { url: url?.replace(/\/$/, ''), name };
  });
  return (base_url) => (keys.find(({ url }) => url === base_url) ?? keys.find(({ url }) => url === undefined))?.name ?? null;
}
