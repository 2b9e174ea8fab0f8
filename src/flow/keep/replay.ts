/** Asking some test rows again, from the same endpoints or from engines that are started anew, and comparing the answers. */
import { randomInt } from 'node:crypto';
import { messagesFor } from '../../compare/candidates.js';
import { comparisonId, judgedCandidates, measuredEvidence, readComparison } from '../../compare/comparison.js';
import { askChat } from '../../compare/evidence/ask.js';
import { exampleId } from '../../compare/evidence/measuring.js';
import { counted } from '../../protocol/errors.js';
import { isOf } from '../../protocol/evidence.js';
import type { Row } from '../../protocol/row.js';
import { homeOf } from '../../store/home.js';
import { serveComparison } from '../compare/served.js';
import type { Reporter } from '../reporter.js';

/**
 * Greedy answers of the embedded engine are the same letter by letter on machines of one kind: another answer is a problem.
 * Of an endpoint elsewhere the share that agrees is told.
 * @param numRows drawn at random from the test rows
 * @throws AppError those of serving, endpoint-failed
 */
export async function replay(
  folder: string,
  numRows: number,
  onProgress: Reporter['progress'],
): Promise<{ checked: string[]; problems: string[] }> {
  const comparison = readComparison(folder);
  const { record, test } = comparison;
  const evidence = measuredEvidence(comparison);
  const rows = drawRows(test, numRows);
  const models = judgedCandidates(comparison).filter(({ constant }) => constant === undefined);
  const { served, close } = await serveComparison(homeOf(folder), record, onProgress);
  const embedded = new Set(record.local.flatMap(({ model, runs }) => [model, ...runs]));
  const [checked, problems]: [string[], string[]] = [[], []];
  try {
    for (const [index, candidate] of models.entries()) {
      const endpoint = served.get(candidate.model_ref)?.endpoint;
      const different: number[] = [];
      for (const [asked, row] of rows.entries()) {
        onProgress(`${candidate.name}: row ${asked + 1} of ${rows.length}`, (index + asked / rows.length) / models.length);
        const before = evidence.find((line) => line.kind === 'answer' && isOf(line, candidate.name) && line.example_id === exampleId(row));
        const now = endpoint ? (await askChat(endpoint, candidate, messagesFor(candidate, row))).text : null;
        if (before?.kind !== 'answer' || now !== before.answer) different.push(test.indexOf(row) + 1);
      }
      checked.push(
        `${rows.length - different.length} of ${counted(rows.length, 'row')} asked again have the same answer of ${candidate.name}`,
      );
      const mustAgree = embedded.has(candidate.model_ref) && candidate.decoding.temperature === 0;
      if (mustAgree)
        problems.push(...different.map((row) => `${candidate.name} answers test row ${row} of ${comparisonId(comparison)} otherwise`));
    }
  } finally {
    await close();
  }
  return { checked, problems };
}

function drawRows(rows: Row[], count: number): Row[] {
  const left = [...rows];
  return Array.from({ length: Math.min(count, rows.length) }, () => left.splice(randomInt(left.length), 1)[0] as Row);
}
