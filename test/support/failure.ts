/** The AppError that something throws; anything else, or nothing, fails the test. */
import { AppError } from '../../src/protocol/errors.js';

export async function failure(act: () => unknown): Promise<AppError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
