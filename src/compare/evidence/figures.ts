/** The figures of a line of evidence, from its raw values. Pure functions: `verify` makes them again. */
import type { TimingEvidence } from '../../protocol/evidence.js';

export function meanLogprob(tokenLogprobs: number[]): number {
  return tokenLogprobs.reduce((sum, value) => sum + value, 0) / tokenLogprobs.length;
}

export function timingFigures({
  text_at_ms,
  ended_at_ms,
}: Pick<TimingEvidence, 'text_at_ms' | 'ended_at_ms'>): Pick<TimingEvidence, 'time_to_first_token_ms' | 'decode_ms'> {
  const first = text_at_ms[0] as number;
  return { time_to_first_token_ms: first, decode_ms: ended_at_ms - first };
}
