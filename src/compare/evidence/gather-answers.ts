/** Every candidate's answer to every test row, scored. */
import type { Candidate } from '../../protocol/candidate.js';
import type { Row } from '../../protocol/row.js';
import { messagesFor } from '../candidates.js';
import { type Answer, askChat } from './ask.js';
import { inParallel } from './in-parallel.js';
import { exampleId, goOn, type Measuring } from './measuring.js';
import { scoreAnswer } from './score-answer.js';

/** Rows that were measured before are kept. */
export async function gatherAnswers(candidates: Candidate[], measuring: Measuring): Promise<void> {
  const { rows, recorder, concurrency, servedOf, onProgress } = measuring;
  const wanted = candidates.flatMap((candidate) => rows.map((row) => ({ candidate, row, example_id: exampleId(row) })));
  const missing = wanted.filter(({ candidate, example_id }) => !recorder.has('answer', candidate, example_id));
  let done = wanted.length - missing.length;
  onProgress(done, wanted.length);
  await inParallel(missing, concurrency, async ({ candidate, row }) => {
    goOn(measuring);
    const served = candidate.constant === undefined ? servedOf(candidate) : null;
    const answer = served
      ? await askChat(served.endpoint, candidate, messagesFor(candidate, row))
      : { text: candidate.constant as string, finish_reason: 'stop', prompt_tokens: 0, completion_tokens: 0, duration_ms: 0 };
    addAnswer(measuring, candidate, row, answer);
    onProgress(++done, wanted.length);
  });
}

export function addAnswer({ gate, recorder, servedOf }: Measuring, candidate: Candidate, row: Row, { text, ...counts }: Answer): void {
  const example_id = exampleId(row);
  recorder.add('answer', candidate, candidate.constant === undefined ? servedOf(candidate).model : null, {
    example_id,
    group: row.group ?? example_id,
    repeat: 0,
    answer: text,
    scores: scoreAnswer(gate, text, row.messages.at(-1)?.content ?? ''),
    ...counts,
  });
}
