/** Rows and data sets. */
import { type CatalogueRow, FAILED, INPUT, NOT_FOUND, REFUSED } from './catalogue-row.js';

export const DATA_ERRORS = {
  'data-row-invalid': {
    ...INPUT,
    message: '{count} in the data:\n{problems}',
    hint: 'Edit the rows named above, or leave them out: `slipway check {command} --write-clean clean.jsonl`. Nothing was dropped, and nothing was trained.',
  },
  'data-format-unknown': {
    ...INPUT,
    message: '{file}: the columns {columns} are none of the formats Slipway knows.',
    hint: 'Say which columns hold what is asked and what is answered: `slipway new {file} {options}`.',
  },
  'column-unknown': {
    ...INPUT,
    message: '{file} does not have the columns of {unknown}; its columns are {columns}.',
    hint: 'Name columns that are there, such as `slipway new {file} {options}`; in a recipe: under `columns`.',
  },
  'column-unused': {
    ...INPUT,
    message: 'The rows have the column {column}, which the method {method} does not use.',
    hint: 'Write `ignore: [{column}]` under `data`, remove the column, or use `method: reward`.',
  },
  'data-format-unlearnable': {
    ...INPUT,
    message: '{file} holds {format} rows, and {wanted} are needed.',
    hint: 'Give it rows with `messages`, or with `prompt` and `completion`; `slipway check {file}` checks rows of any format.',
  },
  'data-limit': {
    ...INPUT,
    message: '{file}: {what} is over the limit of {limit}.',
    hint: 'Split the file into smaller ones and name one of them in the recipe.',
  },
  'file-not-regular': {
    ...INPUT,
    message: '{file} is no file, but a folder, a pipe or a device.',
    hint: 'Name a file. What comes from a pipe is written into one first: `cat {file} > FILE`.',
  },
  'data-empty': { ...INPUT, message: '{file} has no rows.', hint: 'Put at least one row into {file}, or name another file in the recipe.' },
  'data-split-overlap': {
    ...INPUT,
    message: '{count} of {split} also occur in {other}:\n{problems}',
    hint: 'Remove these rows from {other}: a model must not be measured on what it was trained on.',
  },
  'near-duplicates': {
    ...INPUT,
    message: '{count} of {split} differ from rows of {other} in case, digits, spacing or punctuation alone:\n{problems}',
    hint: 'Remove these rows from {other}, or set `allow: [near-duplicates]`: the verdict then shows how many there are.',
  },
  'group-splits-prompt': {
    ...INPUT,
    message: '{count} of the test rows are in several groups, and would count as independent:\n{problems}',
    hint: 'Run `slipway new FILE --group COLUMN` with a column that keeps equal prompts together, or with `--no-group`.',
  },
  'test-rows-used-up': {
    ...REFUSED,
    message: 'All {count} of {what} were judged on before; none is left.',
    hint: 'Add rows to {what}, then run `slipway fresh-test {recipe}` again. Choose between attempts on dev rows, not on test rows.',
  },
  'dataset-not-here': {
    ...NOT_FOUND,
    message: 'The data set {name} is not on this machine.',
    hint: 'Run `slipway pull hub:{name}` with access to the Hub.',
  },
  'dataset-fetch-failed': {
    ...FAILED,
    message: 'The data set {name} could not be fetched: {problem}',
    hint: 'Run `slipway pull hub:{name}` again: it resumes the download. Set HF_TOKEN for a data set that needs an account.',
  },
  'group-unsaid': {
    ...INPUT,
    message: 'Values of {columns} repeat. Rows with the same value may be alike: they must stay in one split and count as one group.',
    hint: 'Run `slipway new {file} --group {column}`, or with `--no-group` if the rows are independent.',
  },
  'field-unrendered': {
    ...INPUT,
    message: 'Row {row} has {field}, but the chat template of the model never renders it: it would be dropped silently.',
    hint: 'Remove {field} from the rows, or give the model a chat template that renders it.',
  },
  'nothing-to-learn': {
    ...INPUT,
    message: '{count} without a single supervised token, first row {row}.',
    hint: 'Give every train row a non-empty assistant answer that fits into max_length ({max_length} tokens).',
  },
  'answers-truncated': {
    ...INPUT,
    message: '{count} would lose part of their answer at max_length {max_length}; the longest has {longest} tokens (row {row}).',
    hint: 'Set `max_length: {longest}` in the recipe, shorten the rows, or set `allow: [answers-truncated]`.',
  },
  'end-of-turn-unsupervised': {
    ...INPUT,
    message: 'The end of turn carries no loss in {split}: the model would never learn to stop.',
    hint: 'Give the model a chat template whose answers end with its end token, or set `allow: [end-of-turn-unsupervised]`.',
  },
  'double-bos': {
    ...INPUT,
    message: 'Row {row} begins with {bos} twice: the chat template adds one, and the row contains another.',
    hint: 'Remove {bos} from the rows or from the chat template.',
  },
  'pad-ends-turn': {
    ...INPUT,
    message:
      'The pad token ({pad}) is among the end tokens of {model}: the model would be taught to pad, and a server to stop, at the wrong place.',
    hint: 'Change pad_token_id in {model}/transformers/config.json to a token that ends nothing, or set `allow: [pad-ends-turn]`.',
  },
} as const satisfies Record<string, CatalogueRow>;
