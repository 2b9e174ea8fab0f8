/** Gates, evidence and verdicts. */
import { type CatalogueRow, FAILED, INPUT, NOT_FOUND, REFUSED } from './catalogue-row.js';

export const COMPARE_ERRORS = {
  'gate-invalid': { ...INPUT, message: '{count} in the gate:\n{problems}', hint: 'Edit {file} at the lines named above.' },
  'gate-margin-negative': {
    ...INPUT,
    message: 'The margin {margin} is below zero.',
    hint: 'Set `noninferiority: true` in the gate if it should only show "not much worse".',
  },
  'function-failed': {
    ...FAILED,
    message: 'The gate’s function {file} failed on the answer “{answer}”: {problem}.',
    hint: 'Correct {file} so that `score(answer, expected, question)` gives a number from 0 to 1 for any text, and run the command again.',
  },
  'candidates-identical': {
    ...INPUT,
    message: '{first} and {second} are identical: model, adapter, prompt and decoding are equal.',
    hint: 'Change one of the two candidates, or compare another model.',
  },
  'comparison-not-found': {
    ...NOT_FOUND,
    message: 'There is no comparison {comparison}.',
    hint: 'Run `slipway comparisons` for the list.',
  },
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
  'ledger-broken': {
    ...REFUSED,
    message: '{file}:{line}: this line does not follow the one before it: the ledger was changed.',
    hint: 'Restore {file} from a backup. Without it no verdict of this home can be relied on.',
  },
  'not-judged': {
    ...REFUSED,
    message: 'Comparison {comparison} has no verdict yet.',
    hint: 'Run `slipway show {comparison}` for its state; when it has stopped, `slipway resume {comparison}`.',
  },
  'not-verified': {
    ...REFUSED,
    message: '{what} is not as it was recorded, {count}:\n{problems}',
    hint: 'Do not rely on {what}: restore its files from a backup, or make it again.',
  },
  'endpoint-invalid': {
    ...INPUT,
    message: 'The endpoint cannot be kept: {problems}.',
    hint: 'Correct what is named above: `slipway endpoints my-server https://host:port/v1#model --api-key-env NAME`.',
  },
  'endpoint-not-found': {
    ...NOT_FOUND,
    message: 'This home keeps no endpoint {name}{at}.',
    hint: 'Run `slipway endpoints` for the list, or keep it: `slipway endpoints {name} {url}#MODEL`.',
  },
  'endpoint-key-missing': {
    ...INPUT,
    message: 'The environment variable {variable}, which has the key of {url}, is not set.',
    hint: 'Run `export {variable}=KEY`, then the same command again.',
  },
  'endpoint-failed': { ...FAILED, message: '{url} answered {status}: {problem}', hint: 'Check that the endpoint is up: `curl {url}`.' },
} as const satisfies Record<string, CatalogueRow>;
