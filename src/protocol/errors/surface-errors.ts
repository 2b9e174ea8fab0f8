/** The command line, the pages, and files of every job. */
import { type CatalogueRow, INPUT, MACHINE, NOT_FOUND, REFUSED } from './catalogue-row.js';

export const SURFACE_ERRORS = {
  'option-invalid': { ...INPUT, message: '{option}: {problem}', hint: 'Run `slipway {command} --help` to see its options.' },
  'job-not-found': {
    ...NOT_FOUND,
    message: 'There is no run and no comparison {id}.',
    hint: 'Run `slipway runs`, or `slipway comparisons`, for the list.',
  },
  erased: {
    ...NOT_FOUND,
    message: 'The {kind} {id} was erased on {date}.',
    hint: 'Nothing of it is left but the hashes in {tombstone}: run it again from its recipe.',
  },
  'id-ambiguous': {
    ...INPUT,
    message: '{id} is the beginning of {count} ids: {ids}.',
    hint: 'Give more of the id that you mean.',
  },
  'not-running': { ...REFUSED, message: '{id} is {status}: there is nothing to stop.', hint: 'Run `slipway show {id}` to see it.' },
  'file-not-found': { ...NOT_FOUND, message: 'There is no file {file}.', hint: 'Check the path; run `ls {folder}`.' },
  'file-unreadable': {
    ...REFUSED,
    message: '{file} is not what this version of Slipway writes:\n{problems}',
    hint: 'Run the command that wrote it again, or read it with the version of Slipway that wrote it.',
  },
  'file-exists': {
    ...INPUT,
    message: '{file} already exists.',
    hint: 'Name another file, or remove it: `rm {file}`. `slipway new` takes `--name NAME`, and `--force` to overwrite.',
  },
  'offline-not-cached': {
    ...MACHINE,
    message: '{what} is not on this machine and --offline forbids fetching it.',
    hint: 'Run the same command once without --offline.',
  },
  'disk-too-small': {
    ...MACHINE,
    message: '{needed} of free disk are needed under {folder}, {free} are free.',
    hint: 'Free some disk, or set SLIPWAY_HOME to a folder on a larger one.',
  },
  locked: {
    ...MACHINE,
    message: '{file} is held by another process: {holder}',
    hint: 'Wait for it and run the command again; if no Slipway process runs on any machine, remove it: `rm {file}`.',
  },
  unauthorized: {
    exit_code: 2,
    http_status: 401,
    message: 'This request needs the admin token.',
    hint: 'Send `Authorization: Bearer $(cat {token_file})`.',
  },
  'api-key-wrong': {
    exit_code: 2,
    http_status: 401,
    message: 'This server answers with its key only, and {reason}.',
    hint: 'Send `Authorization: Bearer KEY` with the key that `slipway serve` has printed; `--no-api-key` starts it without one.',
  },
  'user-forbidden': {
    exit_code: 2,
    http_status: 403,
    message: 'This studio was started by another user of this machine; the connection is of user {user}.',
    hint: 'Start one of your own: `slipway studio`.',
  },
  'path-forbidden': {
    exit_code: 2,
    http_status: 403,
    message: '{field}: {file} is outside of the folders that this studio may read: {folders}.',
    hint: 'Start the studio with the folder: `slipway studio --data {folder}`.',
  },
  'upload-refused': {
    ...INPUT,
    message: '{file} was not taken: {problem}.',
    hint: 'Save it as CSV, TSV, JSON, JSONL or Parquet, or start the studio with its folder: `slipway studio --data FOLDER`.',
  },
  'host-forbidden': {
    exit_code: 2,
    http_status: 403,
    message: 'The Host header {host} is not this machine.',
    hint: 'Use the address http://127.0.0.1:{port}.',
  },
  'request-forged': {
    exit_code: 2,
    http_status: 403,
    message: 'This change did not come from a page of this server, or its page is too old.',
    hint: 'Try it again from a freshly loaded page.',
  },
  'page-not-found': { ...NOT_FOUND, message: 'There is no page {path}.', hint: 'Open `/runs` or `/comparisons`: they list every page.' },
  internal: {
    exit_code: 70,
    http_status: 500,
    message: '{problem}',
    hint: 'Run the command again with SLIPWAY_DEBUG=1 and report the trace.',
  },
} as const satisfies Record<string, CatalogueRow>;
