/** A client's JSON Schema in the part that the engine's grammar enforces; anything else is refused, since it would be ignored. */
import { AppError } from '../../protocol/errors.js';

const MAX_DEPTH = 32;
/** Keywords that say nothing about which values are allowed. */
const ANNOTATIONS = ['title', 'description', 'default', 'examples', '$schema', '$id'];
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
export function toGrammarSchema(schema: unknown, path = 'schema', depth = 0): Record<string, unknown> {
  const refuse = (problem: string): never => {
    throw new AppError('request-invalid', { problem: `${path}: ${problem}` });
  };
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return refuse('must be a JSON Schema object');
  if (depth > MAX_DEPTH) return refuse(`nested deeper than ${MAX_DEPTH}`);
  const node = schema as Record<string, unknown>;
  const inner = (value: unknown, name: string) => toGrammarSchema(value, `${path}.${name}`, depth + 1);
  const allow = (keywords: string[]) => {
    const other = Object.keys(node).find((key) => !keywords.includes(key) && !ANNOTATIONS.includes(key));
    if (other) refuse(`\`${other}\` cannot be enforced here`);
  };
  const options = node.anyOf ?? node.oneOf;
  if (Array.isArray(options)) {
    allow(['anyOf', 'oneOf']);
    return { oneOf: options.map((option, index) => inner(option, `anyOf.${index}`)) };
  }
  if (Array.isArray(node.enum)) {
    allow(['enum', 'type']);
    return { enum: node.enum };
  }
  if ('const' in node) {
    allow(['const', 'type']);
    return { const: node.const };
  }
  if (Array.isArray(node.type)) {
    const types = node.type as unknown[];
    return { oneOf: types.map((type) => inner(type === 'null' ? { type } : { ...node, type }, `type.${String(type)}`)) };
  }
  const type = String(node.type);
  allow(KEYWORDS[type] ?? refuse(`type ${type} is unknown`));
  if (type === 'object') {
    const properties = Object.entries((node.properties ?? {}) as Record<string, unknown>);
    if (properties.length === 0) refuse('an object needs `properties`');
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
