/**
 * Speed, on ten rows one at a time: first token cold and warm, and decoding. What other programs use of the machine meanwhile is recorded,
 * and a row that was disturbed is timed again. The answers that are timed whole are the rows' answers.
 */
import type { Candidate } from '../../protocol/candidate.js';
import { QUIET_CORES } from '../../protocol/evidence.js';
import type { Row } from '../../protocol/row.js';
import { startCpuMeter } from '../../store/cpu-load.js';
import { messagesFor } from '../candidates.js';
import { timeChat } from './ask.js';
import { timingFigures } from './figures.js';
import { addAnswer } from './gather-answers.js';
import { exampleId, goOn, type Measuring } from './measuring.js';

const WARM_ROWS = 10;
/** A cold prompt with examples takes seconds; two are enough, and leave the cache warm for the ten. Of their answers the first tokens are asked for. */
const COLD_ROWS = 2;
const COLD = 'the time to the first token of a prompt that is not in the cache';
/** A row that was disturbed is timed again when all others were: asked twice in a row its whole prompt would be in the cache. */
const MAX_PASSES = 3;

interface TimedRow {
  row: Row;
  isCold: boolean;
}

/** @param startMeter begins to measure what other programs use; null: it is not known */
export async function gatherTimings(candidates: Candidate[], measuring: Measuring, startMeter = startCpuMeter): Promise<void> {
  const { rows, onProgress } = measuring;
  const cold = rows.slice(0, COLD_ROWS).map((row) => ({ row, isCold: true }));
  const warm = rows.slice(0, WARM_ROWS).map((row) => ({ row, isCold: false }));
  const total = candidates.length * (cold.length + warm.length);
  let done = 0;
  for (const candidate of candidates) {
    let disturbed: TimedRow[] = [...cold, ...warm];
    for (let pass = 0; pass < MAX_PASSES && disturbed.length > 0; pass++) {
      const again: TimedRow[] = [];
      for (const timed of disturbed) {
        goOn(measuring);
        const otherCores = await timeRow(candidate, timed, { measuring, pass, startMeter });
        if (otherCores !== null && otherCores > QUIET_CORES) again.push(timed);
        if (pass === 0) onProgress(++done, total);
      }
      disturbed = again;
    }
  }
}

interface Pass {
  measuring: Measuring;
  pass: number;
  startMeter: typeof startCpuMeter;
}

/** @returns cores that other programs have used meanwhile; null: not known, or of no matter since another machine answers */
async function timeRow(candidate: Candidate, { row, isCold }: TimedRow, { measuring, pass, startMeter }: Pass): Promise<number | null> {
  const { recorder, servedOf } = measuring;
  const example_id = exampleId(row);
  // Cold and warm are two repeats of one example, and so are passes.
  const repeat = 2 * pass + (isCold ? 1 : 0);
  const isRefused = isCold && recorder.has('not-measured', candidate, 'cold');
  if (isRefused) return null;
  const known = recorder
    .lines()
    .find((line) => line.kind === 'timing' && line.repeat === repeat && isTimingOf(line, candidate, example_id));
  if (known) return known.kind === 'timing' ? (known.other_cores ?? null) : null;
  const { endpoint, model } = servedOf(candidate);
  const stopMeter = startMeter();
  const timed = await timeChat(endpoint, candidate, messagesFor(candidate, row), isCold);
  if (!timed) {
    const reason = 'the endpoint does not take cache_prompt';
    recorder.add('not-measured', candidate, model, { example_id: 'cold', group: 'cold', repeat: 0, what: COLD, reason });
    return null;
  }
  const other_cores = isHere(endpoint.base_url) ? stopMeter() : null;
  const { prompt_tokens, completion_tokens, duration_ms } = timed.answer;
  const times = { text_at_ms: timed.text_at_ms, ended_at_ms: duration_ms };
  recorder.add('timing', candidate, model, {
    example_id,
    group: row.group ?? example_id,
    repeat,
    is_cold: isCold,
    ...times,
    ...timingFigures(times),
    ...(other_cores === null ? {} : { other_cores }),
    prompt_tokens,
    completion_tokens,
  });
  if (!isCold && pass === 0) addAnswer(measuring, candidate, row, timed.answer);
  return other_cores;
}

const isTimingOf = (line: { example_id: string; candidates: { identity: string }[] }, { identity }: Candidate, example_id: string) =>
  line.example_id === example_id && line.candidates[0]?.identity === identity;

/** Whether this machine answers, so that its load matters. */
function isHere(base_url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(base_url).hostname);
}
