/** Of a zod union that nothing matched: what is wrong with the member that was meant. */
import type { z } from 'zod';

/** The member that matched furthest gives the more useful message; where none went deeper, the union's own. */
export function meantIssues(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const deepest = [...issue.errors].sort((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0))[0] ?? [];
  const isDeeper = (deepest[0]?.path.length ?? 0) > 0;
  return isDeeper ? deepest.flatMap(meantIssues).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) : [issue];
}
