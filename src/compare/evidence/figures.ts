/** The figures of a line of evidence, from its raw values. Pure functions: `verify` makes them again. */
import type { PreferenceEvidence, TimingEvidence } from '../../protocol/evidence.js';

export function meanLogprob(tokenLogprobs: number[]): number {
  return tokenLogprobs.reduce((sum, value) => sum + value, 0) / tokenLogprobs.length;
}

export function preferenceFigures({
  chosen_token_logprobs,
  rejected_token_logprobs,
}: Pick<PreferenceEvidence, 'chosen_token_logprobs' | 'rejected_token_logprobs'>): Pick<
  PreferenceEvidence,
  'chosen_logprob' | 'rejected_logprob'
> {
  return { chosen_logprob: meanLogprob(chosen_token_logprobs), rejected_logprob: meanLogprob(rejected_token_logprobs) };
}

export function timingFigures({
  text_at_ms,
  ended_at_ms,
}: Pick<TimingEvidence, 'text_at_ms' | 'ended_at_ms'>): Pick<TimingEvidence, 'time_to_first_token_ms' | 'decode_ms'> {
  const first = text_at_ms[0] as number;
  return { time_to_first_token_ms: first, decode_ms: ended_at_ms - first };
}
