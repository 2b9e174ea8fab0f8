/** Every candidate's answer to every test row, scored. */
import type { Candidate } from '../../protocol/candidate.js';
import { messagesFor } from '../candidates.js';
import { askChat } from './ask.js';
import { inParallel } from './in-parallel.js';
import { exampleId, goOn, type Measuring } from './measuring.js';
import { scoreAnswer } from './score-answer.js';

/** Rows that were measured before are kept. */
export async function gatherAnswers(candidates: Candidate[], measuring: Measuring): Promise<void> {
  const { gate, rows, recorder, concurrency, servedOf, onProgress } = measuring;
  const wanted = candidates.flatMap((candidate) => rows.map((row) => ({ candidate, row, example_id: exampleId(row) })));
  const missing = wanted.filter(({ candidate, example_id }) => !recorder.has('answer', candidate, example_id));
  let done = wanted.length - missing.length;
  onProgress(done, wanted.length);
  await inParallel(missing, concurrency, async ({ candidate, row, example_id }) => {
    goOn(measuring);
    const served = candidate.constant === undefined ? servedOf(candidate) : null;
    const { text, ...counts } = served
      ? await askChat(served.endpoint, candidate, messagesFor(candidate, row))
      : { text: candidate.constant as string, finish_reason: 'stop', prompt_tokens: 0, completion_tokens: 0, duration_ms: 0 };
    recorder.add('answer', candidate, served?.model ?? null, {
      example_id,
      group: row.group ?? example_id,
      repeat: 0,
      answer: text,
      scores: scoreAnswer(gate, text, row.messages.at(-1)?.content ?? ''),
      ...counts,
    });
    onProgress(++done, wanted.length);
  });
}
