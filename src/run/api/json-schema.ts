/** A client's JSON Schema in the part that the engine's grammar enforces; anything else is refused, since it would be ignored. */
import { AppError } from '../../protocol/errors.js';

const MAX_DEPTH = 32;
/** Of a schema that is nested once: itself, its `properties`, and the list of an `anyOf`. */
const PARTS_A_LEVEL = 3;
/** Each alternative is looked at for every token: a thousand take milliseconds, twenty thousand half a minute before the first. */
const MAX_VALUES = 1000;
/** Parts of a whole schema; a grammar of more takes seconds to be read. */
const MAX_PARTS = 2000;
/** llama.cpp writes a repetition out that often, and refuses a grammar of more (llama-grammar.cpp). */
const MAX_REPETITIONS = 1000;
/** Keywords that say nothing about which values are allowed. */
const ANNOTATIONS = ['title', 'description', 'default', 'examples', '$schema', '$id', '$defs', 'definitions'];
const KEYWORDS: Record<string, string[]> = {
  object: ['type', 'properties', 'required', 'additionalProperties'],
  array: ['type', 'items', 'minItems', 'maxItems'],
  string: ['type', 'format', 'minLength', 'maxLength'],
  number: ['type'],
  integer: ['type'],
  boolean: ['type'],
  null: ['type'],
};
const STRING_FORMATS = ['date', 'time', 'date-time'];

/** @throws AppError request-invalid naming the keyword and its place */
export function toGrammarSchema(schema: unknown, size: SchemaSize = { parts: 0 }): Record<string, unknown> {
  return partOf(schema, { path: 'schema', depth: 0, size, root: schema });
}

/** Whether no part of a schema is nested deeper than any that is enforced: rendering and copying go as deep as it does. */
export function isWithinDepth(value: unknown, room = MAX_DEPTH * PARTS_A_LEVEL): boolean {
  if (value === null || typeof value !== 'object') return true;
  return room > 0 && Object.values(value).every((inner) => isWithinDepth(inner, room - 1));
}

/** A text that a grammar can hold: llama.cpp ends at a NUL, and knows no other control character than these in its strings. */
export function isGrammarText(text: string): boolean {
  return !/[\p{Cc}]/u.test(text.replace(/[\t\n\r]/g, ''));
}

/** Of all schemas of one grammar together. */
export interface SchemaSize {
  parts: number;
}

interface Place {
  path: string;
  depth: number;
  size: SchemaSize;
  /** What references are resolved in. */
  root: unknown;
}

/** As Pydantic and Zod write them: `#/$defs/Step`, or `#` for the whole (RFC 6901). */
function definition(root: unknown, reference: string): unknown {
  const [start, ...names] = reference.split('/');
  if (start !== '#') return undefined;
  const decoded = names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return decoded.reduce<unknown>(
    (value, name) =>
      value !== null && typeof value === 'object' && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined,
    root,
  );
}

function partOf(schema: unknown, { path, depth, size, root }: Place): Record<string, unknown> {
  const refuse = (problem: string): never => {
    throw new AppError('request-invalid', { problem: `${path}: ${problem}` });
  };
  if (++size.parts > MAX_PARTS) refuse(`the schema has more than ${MAX_PARTS} parts`);
  const refuseText = (text: string) => {
    if (!isGrammarText(text)) refuse('a control character other than tab and newline cannot be enforced here');
  };
  const refuseMany = (values: unknown[]) => {
    if (values.length === 0 || values.length > MAX_VALUES) refuse(`has ${values.length} alternatives, the limit is 1 to ${MAX_VALUES}`);
    for (const value of values) if (typeof value === 'string') refuseText(value);
  };
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return refuse('must be a JSON Schema object');
  if (depth > MAX_DEPTH) return refuse(`nested deeper than ${MAX_DEPTH}`);
  const node = schema as Record<string, unknown>;
  const inner = (value: unknown, name: string) => partOf(value, { path: `${path}.${name}`, depth: depth + 1, size, root });
  const allow = (keywords: string[]) => {
    const other = Object.keys(node).find((key) => !keywords.includes(key) && !ANNOTATIONS.includes(key));
    if (other) refuse(`\`${other}\` cannot be enforced here`);
  };
  if (typeof node.$ref === 'string') {
    allow(['$ref']);
    // One that refers to itself has no end, and ends at the depth.
    return inner(definition(root, node.$ref) ?? refuse(`\`$ref\`: ${node.$ref} is not in this schema`), '$ref');
  }
  const options = node.anyOf ?? node.oneOf;
  if (Array.isArray(options)) {
    allow(['anyOf', 'oneOf']);
    refuseMany(options);
    return { oneOf: options.map((option, index) => inner(option, `anyOf.${index}`)) };
  }
  if (Array.isArray(node.enum)) {
    allow(['enum', 'type']);
    refuseMany(node.enum);
    return { enum: node.enum };
  }
  if ('const' in node) {
    allow(['const', 'type']);
    refuseMany([node.const]);
    return { const: node.const };
  }
  if (Array.isArray(node.type)) {
    const types = node.type as unknown[];
    refuseMany(types);
    return { oneOf: types.map((type) => inner(type === 'null' ? { type } : { ...node, type }, `type.${String(type)}`)) };
  }
  for (const key of ['minItems', 'maxItems', 'minLength', 'maxLength']) {
    const limit = node[key];
    if (limit === undefined) continue;
    if (!Number.isInteger(limit) || (limit as number) < 0 || (limit as number) > MAX_REPETITIONS)
      refuse(`\`${key}\` must be a whole number up to ${MAX_REPETITIONS}`);
  }
  const type = String(node.type);
  allow(KEYWORDS[type] ?? refuse(`type ${type} is unknown`));
  if (type === 'object') {
    const properties = Object.entries((node.properties ?? {}) as Record<string, unknown>);
    if (properties.length === 0 && node.additionalProperties !== false) refuse('an object needs `properties`');
    for (const [name] of properties) refuseText(name);
    return { type, properties: Object.fromEntries(properties.map(([name, value]) => [name, inner(value, name)])) };
  }
  if (type === 'array') {
    const limits = Object.fromEntries(['minItems', 'maxItems'].flatMap((key) => (key in node ? [[key, node[key]]] : [])));
    return { type, items: inner(node.items, 'items'), ...limits };
  }
  if (type === 'string' && 'format' in node && !STRING_FORMATS.includes(String(node.format)))
    refuse(`format ${String(node.format)} cannot be enforced here`);
  return Object.fromEntries(Object.entries(node).filter(([key]) => !ANNOTATIONS.includes(key)));
}
