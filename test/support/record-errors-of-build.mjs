/** Loaded by node before a built program: as record-errors.ts. */
import { AppError } from '../../dist/protocol/errors.js';
import { recordErrorsOf } from './record-errors-of.mjs';

recordErrorsOf(AppError);
