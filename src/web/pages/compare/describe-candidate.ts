/** A candidate in words: what it is, and how it is prompted. Pure functions. */
import type { Candidate } from '../../../protocol/candidate.js';

/** One line under its name. */
export function pitchOf(candidate: Candidate): string {
  if (candidate.constant !== undefined) return `Answers every question with “${candidate.constant}”`;
  const { model, model_ref, adapter_sha256, examples } = candidate;
  if (adapter_sha256) return `${model_ref}, a run of your own`;
  if (examples.length > 0) return `${model_ref}, prompted as a good engineer would`;
  return model_ref === model ? `${model_ref} as released` : `${model_ref}, an endpoint`;
}

/** What makes its answers beside the weights. */
export function settingsOf(candidate: Candidate): string[] {
  if (candidate.constant !== undefined) return ['no model: the least that any model has to beat'];
  const numExamples = candidate.examples.filter(({ role }) => role === 'assistant').length;
  return [
    candidate.adapter_sha256 ? 'base and adapter' : 'base model',
    ...(candidate.system ? ['a system prompt of its own'] : ['the rows’ own prompt']),
    ...(numExamples > 0 ? [`${numExamples} ${numExamples === 1 ? 'example' : 'examples'} in the prompt`] : []),
    ...(candidate.schema ? ['decoding constrained to the schema'] : []),
    ...(candidate.labels ? ['decoding constrained to the labels'] : []),
    candidate.decoding.temperature === 0 ? 'greedy' : `temperature ${candidate.decoding.temperature}`,
  ];
}
