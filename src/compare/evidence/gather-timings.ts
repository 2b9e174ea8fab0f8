/** Speed, on ten rows with nothing else running: first token cold and warm, and decoding. The answers that are timed whole are the rows' answers. */
import type { Candidate } from '../../protocol/candidate.js';
import { messagesFor } from '../candidates.js';
import { timeChat } from './ask.js';
import { timingFigures } from './figures.js';
import { addAnswer } from './gather-answers.js';
import { exampleId, goOn, type Measuring } from './measuring.js';

const WARM_ROWS = 10;
/** A cold prompt with examples takes seconds; two are enough, and leave the cache warm for the ten. Of their answers the first tokens are asked for. */
const COLD_ROWS = 2;
const COLD = 'the time to the first token of a prompt that is not in the cache';

export async function gatherTimings(candidates: Candidate[], measuring: Measuring): Promise<void> {
  const { recorder, rows, servedOf, onProgress } = measuring;
  const cold = rows.slice(0, COLD_ROWS).map((row) => ({ row, isCold: true }));
  const warm = rows.slice(0, WARM_ROWS).map((row) => ({ row, isCold: false }));
  const planned = candidates.flatMap((candidate) => [...cold, ...warm].map((entry) => ({ candidate, ...entry })));
  for (const [index, { candidate, row, isCold }] of planned.entries()) {
    goOn(measuring);
    const example_id = exampleId(row);
    // Cold and warm are two repeats of one example.
    const repeat = isCold ? 1 : 0;
    const isKnown = recorder.has('timing', candidate, example_id, repeat) || (isCold && recorder.has('not-measured', candidate, 'cold'));
    if (!isKnown) {
      const { endpoint, model } = servedOf(candidate);
      const timed = await timeChat(endpoint, candidate, messagesFor(candidate, row), isCold);
      if (!timed) {
        const reason = 'the endpoint does not take cache_prompt';
        recorder.add('not-measured', candidate, model, { example_id: 'cold', group: 'cold', repeat: 0, what: COLD, reason });
        continue;
      }
      const { prompt_tokens, completion_tokens, duration_ms } = timed.answer;
      const times = { text_at_ms: timed.text_at_ms, ended_at_ms: duration_ms };
      recorder.add('timing', candidate, model, {
        example_id,
        group: row.group ?? example_id,
        repeat,
        is_cold: isCold,
        ...times,
        ...timingFigures(times),
        prompt_tokens,
        completion_tokens,
      });
      if (!isCold) addAnswer(measuring, candidate, row, timed.answer);
    }
    onProgress(index + 1, planned.length);
  }
}
