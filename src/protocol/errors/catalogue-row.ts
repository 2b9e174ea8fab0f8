/** One error of the catalogue: its text, what to do, and the codes that a shell and a client see. */
export interface CatalogueRow {
  /** `{name}` is filled from the error's data. */
  message: string;
  /** A command to run or an edit to make. */
  hint: string;
  exit_code: number;
  http_status: number;
}

/** Exit codes: 2 what was asked for is wrong, 3 not found, 4 this machine lacks something, 5 a run or engine failed, 6 a gate said no. */
export const INPUT = { exit_code: 2, http_status: 400 };
export const NOT_FOUND = { exit_code: 3, http_status: 404 };
export const MACHINE = { exit_code: 4, http_status: 500 };
export const FAILED = { exit_code: 5, http_status: 500 };
export const REFUSED = { exit_code: 6, http_status: 409 };
