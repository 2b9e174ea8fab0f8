/** Asking some test rows again, from the same endpoints or from engines that are started anew, and comparing the answers. */
import { randomInt } from 'node:crypto';
import { messagesFor } from '../../compare/candidates.js';
import { comparisonId, judgedCandidates, measuredEvidence, readComparison } from '../../compare/comparison.js';
import { askChat, scoreConversations } from '../../compare/evidence/ask.js';
import { pairOf } from '../../compare/evidence/gather-preferences.js';
import { exampleId } from '../../compare/evidence/measuring.js';
import type { Candidate } from '../../protocol/candidate.js';
import type { Endpoint } from '../../protocol/endpoint.js';
import { counted } from '../../protocol/errors.js';
import { type Evidence, isOf } from '../../protocol/evidence.js';
import { answerKind } from '../../protocol/metrics/metrics.js';
import type { ComparedRow } from '../../protocol/row.js';
import { homeOf } from '../../store/home.js';
import { serveComparison } from '../compare/served.js';
import type { Reporter } from '../reporter.js';

/** Sums of float32 in another order, on another machine: rewards are around 1 (python/worker/score.py). */
const SAME_REWARD = 1e-3;

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
      const one = served.get(candidate.model_ref);
      const isScored = answerKind(comparison.gate.metric) === 'score';
      // Of a comparison of scores, rewards alone are asked again.
      if (isScored && !one?.model.is_reward_model) continue;
      const isSame = isScored ? sameRewards : sameAnswer;
      const different: number[] = [];
      for (const [asked, row] of rows.entries()) {
        onProgress(`${candidate.name}: row ${asked + 1} of ${rows.length}`, (index + asked / rows.length) / models.length);
        const before = evidence.filter((line) => isOf(line, candidate.name) && line.example_id === exampleId(row));
        if (!one || !(await isSame(one.endpoint, candidate, row, before))) different.push(test.indexOf(row) + 1);
      }
      checked.push(
        `${rows.length - different.length} of ${counted(rows.length, 'row')} asked again have the same ${isScored ? 'rewards' : 'answer'} of ${candidate.name}`,
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

async function sameAnswer(endpoint: Endpoint, candidate: Candidate, row: ComparedRow, before: Evidence[]): Promise<boolean> {
  const { text } = await askChat(endpoint, candidate, messagesFor(candidate, row));
  return before.some((line) => line.kind === 'answer' && line.answer === text);
}

async function sameRewards(endpoint: Endpoint, _candidate: Candidate, row: ComparedRow, before: Evidence[]): Promise<boolean> {
  const scored = await scoreConversations(endpoint, pairOf(row));
  if ('reason' in scored) return false;
  const [chosen, rejected] = scored.rewards as [number, number];
  const isNear = (one: number, other: number) => Math.abs(one - other) <= SAME_REWARD;
  return before.some((line) => line.kind === 'scored-pair' && isNear(line.chosen_reward, chosen) && isNear(line.rejected_reward, rejected));
}

function drawRows(rows: ComparedRow[], count: number): ComparedRow[] {
  const left = [...rows];
  return Array.from({ length: Math.min(count, rows.length) }, () => left.splice(randomInt(left.length), 1)[0] as ComparedRow);
}
