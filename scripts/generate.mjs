// Writes what is derived from src/protocol: schema/*.json, the worker's protocol.py and error_codes.py, docs/errors.md.
// Run: npm run gen. CI fails when a committed file differs from what this writes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ERROR_CATALOGUE } from '../dist/protocol/errors.js';
import { SCHEMAS, WORKER_SCHEMAS } from '../dist/protocol/schemas.js';

const root = join(import.meta.dirname, '..');

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of Object.entries(generatedFiles())) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Every generated file with its text. */
export function generatedFiles() {
  const files = {};
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    files[`schema/${name}.json`] = `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
  }
  files['python/worker/protocol.py'] = pythonTypes();
  files['python/worker/error_codes.py'] = pythonCodes();
  files['docs/errors.md'] = errorPage();
  return files;
}

function errorPage() {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, row]) => `| \`${code}\` | ${cell(row.message)} | ${cell(row.hint)} | ${row.exit_code} | ${row.http_status} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `src/protocol/errors.ts` by `npm run gen`. Words in braces are filled in.',
    '',
    '| code | message | what to do | exit code | HTTP status |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function cell(text) {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}

/** TypedDicts of the worker's files; nested objects get classes named after their path. */
function pythonTypes() {
  const classes = [];
  const aliases = [];
  for (const name of WORKER_SCHEMAS) {
    const schema = SCHEMAS[name];
    const className = pascal(name);
    const type = pythonType(z.toJSONSchema(schema, { io: 'output' }), className, classes);
    if (type !== className) aliases.push(`${className} = ${type}`);
  }
  return [
    '# Generated from src/protocol by `npm run gen`. Do not edit.',
    '"""Types of the files that the worker shares with the rest of Slipway."""',
    '',
    'from typing import Any, Literal, NotRequired, TypedDict',
    ...classes.flatMap((text) => ['', '', text]),
    '',
    '',
    ...aliases,
    '',
  ].join('\n');
}

/** The codes of the catalogue, for whoever raises one. */
function pythonCodes() {
  const codes = wrapped(Object.keys(ERROR_CATALOGUE).map((code) => `"${code}",`));
  const head = ['# Generated from src/protocol by `npm run gen`. Do not edit.', '"""Codes of the catalogue of errors."""', ''];
  return [...head, 'from typing import Literal', '', 'ErrorCode = Literal[', ...codes, ']', ''].join('\n');
}

/** Words on indented lines of at most 100 characters. */
function wrapped(words) {
  const lines = [];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= 100) lines[lines.length - 1] = longer;
    else lines.push(`    ${word}`);
  }
  return lines;
}

function pythonType(schema, name, classes) {
  if ('const' in schema) return `Literal[${pythonLiteral(schema.const)}]`;
  if (schema.enum) return `Literal[${schema.enum.map(pythonLiteral).join(', ')}]`;
  const union = schema.anyOf ?? schema.oneOf;
  if (union) {
    const types = union.map((member, index) => {
      const tag = member.properties?.type?.const ?? member.properties?.kind?.const ?? (union.length > 2 ? index : '');
      return pythonType(member, `${name}${pascal(String(tag))}`, classes);
    });
    return [...new Set(types)].join(' | ');
  }
  if (Array.isArray(schema.type)) return schema.type.map((type) => pythonType({ ...schema, type }, name, classes)).join(' | ');
  if (schema.type === 'array') {
    if (schema.prefixItems) return 'list[int]';
    return `list[${pythonType(schema.items ?? {}, `${name}Item`, classes)}]`;
  }
  if (schema.type === 'object') {
    if (!schema.properties) {
      const values = schema.additionalProperties;
      return `dict[str, ${values && typeof values === 'object' ? pythonType(values, `${name}Value`, classes) : 'Any'}]`;
    }
    const fields = Object.entries(schema.properties).map(([field, value]) => {
      const type = pythonType(value, `${name}${pascal(field)}`, classes);
      return `    ${field}: ${schema.required?.includes(field) ? type : `NotRequired[${type}]`}`;
    });
    // A planned value is named after its type: one class for all settings of a type.
    if (Object.keys(schema.properties).join() === 'value,source,why') {
      const valueType = pythonType(schema.properties.value, name, classes);
      const known = classes.find((text) => text.startsWith('class Planned') && text.includes(`    value: ${valueType}\n`));
      if (known) return /class (\w+)/.exec(known)[1];
      name = `Planned${pascal(valueType.replace(/\W+/g, '-').slice(0, 40).replace(/-$/, ''))}`;
    }
    // Lists of one name whose items are alike hold one class: coverage stands in events and in the artifact.
    const list = /[A-Z][a-z]+Item$/.exec(name)?.[0];
    const known = list && classes.find((text) => text.split('\n')[0].endsWith(`${list}(TypedDict):`) && text.endsWith(fields.join('\n')));
    if (known) return /class (\w+)/.exec(known)[1];
    let unique = name;
    for (let n = 2; classes.some((text) => text.startsWith(`class ${unique}(`)); n++) unique = `${name}${n}`;
    classes.push([`class ${unique}(TypedDict):`, ...fields].join('\n'));
    return unique;
  }
  return { string: 'str', integer: 'int', number: 'float', boolean: 'bool', null: 'None' }[schema.type] ?? 'Any';
}

function pythonLiteral(value) {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);
}

function pascal(name) {
  return name.replace(/(^|[-_])(\w)/g, (_, __, letter) => letter.toUpperCase());
}
