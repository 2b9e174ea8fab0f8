/** Gates, evidence and verdicts. */
import { type CatalogueRow, FAILED, INPUT, NOT_FOUND, REFUSED } from './catalogue-row.js';

export const COMPARE_ERRORS = {
  'gate-invalid': { ...INPUT, message: '{count} in the gate:\n{problems}', hint: 'Edit {file} at the lines named above.' },
  'gate-margin-negative': {
    ...INPUT,
    message: 'The margin {margin} is below zero.',
    hint: 'Set `noninferiority: true` in the gate if it should only show "not much worse".',
  },
  'candidates-identical': {
    ...INPUT,
    message: '{first} and {second} are identical: model, adapter, prompt and decoding are equal.',
    hint: 'Change one of the two candidates, or compare another model.',
  },
  'looks-spent': {
    ...REFUSED,
    message: 'The gate allows {looks} at the evidence, and {spent} were used.',
    hint: 'Write a new gate and measure on fresh rows only.',
  },
  'comparison-not-found': { ...NOT_FOUND, message: 'There is no comparison {comparison}.', hint: 'Run `ls {folder}` for the list.' },
  'comparison-format': {
    ...REFUSED,
    message: 'Comparison {comparison} has format {format}; this version of Slipway reads format {known}.',
    hint: 'Run the comparison again, or read it with the version of Slipway that wrote it.',
  },
  'evidence-duplicate': {
    ...REFUSED,
    message: '{file}:{line}: the measurement {id}… is there twice.',
    hint: 'Remove one of the two lines if they are equal; else run the comparison again, since one of them was changed.',
  },
  'not-verified': {
    ...REFUSED,
    message: '{count} did not recompute:\n{problems}',
    hint: 'Do not rely on {what}; run the comparison again.',
  },
  'endpoint-failed': { ...FAILED, message: '{url} answered {status}: {problem}', hint: 'Check that the endpoint is up: `curl {url}`.' },
} as const satisfies Record<string, CatalogueRow>;
