/** Before each test file: errors that are raised in it, and in the commands that it starts, are recorded. */
import { join } from 'node:path';
import { AppError } from '../../src/protocol/errors.js';
import { recordErrorsOf } from './record-errors-of.mjs';

recordErrorsOf(AppError);
if (process.env.SLIPWAY_RAISED_ERRORS) process.env.NODE_OPTIONS = `--import ${join(import.meta.dirname, 'record-errors-of-build.mjs')}`;
