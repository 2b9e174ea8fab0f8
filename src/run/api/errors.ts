/** Errors in the shape that OpenAI clients expect. */
import type { AppError } from '../../protocol/errors.js';

export function errorBody(error: AppError) {
  const type = error.http_status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message: `${error.message} ${error.hint}`, type, code: error.code, param: null } };
}
