/** The response for an error that a route has thrown. */
import { AppError, asAppError } from '../protocol/errors.js';

/** @returns the error, and the HTTP status of the answer. A request that fastify itself refuses keeps fastify's status. */
export function asClientError(thrown: Error & { statusCode?: number }): { error: AppError; status: number } {
  const { statusCode } = thrown;
  if (!(thrown instanceof AppError) && statusCode !== undefined && statusCode < 500)
    return { error: new AppError('request-invalid', { problem: thrown.message }, { cause: thrown }), status: statusCode };
  const error = asAppError(thrown);
  return { error, status: error.http_status };
}
