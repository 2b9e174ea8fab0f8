/** Checking the body of a request against its schema. */
import type { z } from 'zod';
import { AppError } from '../protocol/errors.js';
import { meantIssues } from '../protocol/meant-issues.js';

/** @throws AppError request-invalid naming every field that is wrong */
export function parseRequest<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(meantIssues).map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? `not supported: ${issue.keys.join(', ')}` : issue.message;
    return `${issue.path.join('.') || 'body'}: ${unknown}`;
  });
  throw new AppError('request-invalid', { problem: problems.join('; ') });
}
