/** Every candidate's answer to every test row, scored. */
import type { Candidate } from '../../protocol/candidate.js';
import type { Endpoint, ServedModel } from '../../protocol/endpoint.js';
import type { Gate } from '../../protocol/gate.js';
import type { Row } from '../../protocol/row.js';
import { sha256Value } from '../../store/hash.js';
import { messagesFor } from '../candidates.js';
import { askChat } from './ask.js';
import type { Recorder } from './recorder.js';
import { scoreAnswer } from './score-answer.js';

export interface Measuring {
  endpoint: (candidate: Candidate) => Endpoint;
  model: (candidate: Candidate) => ServedModel;
  recorder: Recorder;
  onProgress: (done: number, total: number) => void;
}

/**
 * Rows that were measured before are kept.
 * @param concurrency requests at a time; one per engine
 */
export async function gatherAnswers(
  candidates: Candidate[],
  rows: Row[],
  gate: Gate,
  concurrency: number,
  measuring: Measuring,
): Promise<void> {
  const { recorder } = measuring;
  const wanted = candidates.flatMap((candidate) => rows.map((row) => ({ candidate, row, example_id: exampleId(row) })));
  const missing = wanted.filter(({ candidate, example_id }) => !recorder.has('answer', candidate, example_id));
  let done = wanted.length - missing.length;
  measuring.onProgress(done, wanted.length);
  await inParallel(missing, concurrency, async ({ candidate, row, example_id }) => {
    const answer =
      candidate.constant === undefined
        ? await askChat(measuring.endpoint(candidate), candidate, messagesFor(candidate, row))
        : { text: candidate.constant, finish_reason: 'stop', prompt_tokens: 0, completion_tokens: 0, duration_ms: 0 };
    recorder.add('answer', candidate, candidate.constant === undefined ? measuring.model(candidate) : null, {
      example_id,
      group: row.group ?? example_id,
      repeat: 0,
      answer: answer.text,
      finish_reason: answer.finish_reason,
      scores: scoreAnswer(gate, answer.text, row.messages.at(-1)?.content ?? ''),
      prompt_tokens: answer.prompt_tokens,
      completion_tokens: answer.completion_tokens,
      duration_ms: answer.duration_ms,
    });
    measuring.onProgress(++done, wanted.length);
  });
}

export function exampleId(row: Row): string {
  return sha256Value(row.messages).slice(0, 32);
}

async function inParallel<T>(items: T[], concurrency: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker));
}
