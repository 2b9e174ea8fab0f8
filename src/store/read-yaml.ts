/** A YAML file parsed by a schema: all problems at once, each with its line and field, unknown keys with the nearest known one. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { AppError, type Problem } from '../protocol/errors.js';

/** A recipe or gate is some kilobytes; YAML aliases in a larger one could blow up memory. */
const MAX_BYTES = 1_000_000;

export type YamlResult<T> = { value: T; problems: [] } | { value: null; problems: Problem[] };

/**
 * @param adjust applied to the parsed value before the schema, such as what the command line sets
 * @throws AppError file-not-found, data-limit
 */
export function readYaml<T extends z.ZodType>(
  file: string,
  schema: T,
  adjust: (value: unknown) => unknown = (value) => value,
): YamlResult<z.infer<T>> {
  return parseYaml(file, readTextFile(file), schema, adjust);
}

/** @throws AppError file-not-found, file-not-regular for a folder, a pipe or a device, data-limit */
export function readTextFile(file: string): string {
  if (!existsSync(file)) throw new AppError('file-not-found', { file, folder: dirname(file) });
  const found = statSync(file);
  if (!found.isFile()) throw new AppError('file-not-regular', { file });
  if (found.size > MAX_BYTES) throw new AppError('data-limit', { file, what: 'its size', limit: `${MAX_BYTES} bytes` });
  return readFileSync(file, 'utf8');
}

/** As `readYaml`, for a text instead of the file. @throws AppError data-limit */
export function parseYaml<T extends z.ZodType>(
  file: string,
  text: string,
  schema: T,
  adjust: (value: unknown) => unknown = (value) => value,
): YamlResult<z.infer<T>> {
  if (text.length > MAX_BYTES) throw new AppError('data-limit', { file, what: 'its size', limit: `${MAX_BYTES} bytes` });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      line: error.linePos?.[0].line ?? 1,
      field: '',
      problem: error.message.split('\n')[0] ?? 'not YAML',
    }));
    return { value: null, problems };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    // Aliases of aliases: a kilobyte of them stands for more than memory holds.
    return { value: null, problems: [{ file, line: 1, field: '', problem: (error as Error).message }] };
  }
  const parsed = schema.safeParse(adjust(value));
  if (parsed.success) return { value: parsed.data, problems: [] };
  const known = propertyNames(z.toJSONSchema(schema, { io: 'input' }));
  const lineOf = (path: PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const problems = parsed.error.issues
    .flatMap((issue) => describeIssue(issue, [], known))
    .map(({ path, problem }) => ({
      file,
      line: lineOf(path),
      field: path.join('.'),
      problem,
    }));
  return { value: null, problems: problems.sort((a, b) => a.line - b.line) };
}

interface FlatIssue {
  path: PropertyKey[];
  problem: string;
}

function describeIssue(issue: z.core.$ZodIssue, above: PropertyKey[], known: string[]): FlatIssue[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known);
      return { path: [...path, key], problem: `unknown key${nearest ? `, did you mean \`${nearest}\`?` : ''}` };
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The member that comes nearest is the one that was meant.
    const nearest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
    return nearest.flatMap((inner) => describeIssue(inner, path, known));
  }
  return [{ path, problem: issue.message }];
}

function propertyNames(schema: unknown): string[] {
  if (schema === null || typeof schema !== 'object') return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(propertyNames)];
}

/**
 * The known name with the fewest edits, if a typing error explains them (at most a third of its letters, or three); else
 * the only one that shares a word: `alpha` → `lora_alpha`, `warmup_ratio` → `warmup_steps`.
 */
export function nearestName(name: string, known: string[]): string | null {
  let best: { name: string; distance: number } | null = null;
  for (const candidate of new Set(known)) {
    const distance = editDistance(name, candidate);
    if (!best || distance < best.distance) best = { name: candidate, distance };
  }
  if (best && best.distance <= Math.max(3, best.name.length / 3)) return best.name;
  const words = (text: string) => text.split('_');
  const isAlike = (candidate: string) =>
    words(candidate).includes(name) || (words(name).length > 1 && words(candidate)[0] === words(name)[0]);
  const alike = [...new Set(known)].filter(isAlike);
  return alike.length === 1 ? (alike[0] as string) : null;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
