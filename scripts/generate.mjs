// Writes what is derived from src/protocol: schema/*.json, the worker's protocol.py and error_codes.py, docs/errors.md
// and docs/settings.md.
// Run: npm run gen. CI fails when a committed file differs from what this writes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ERROR_CATALOGUE, ERROR_GROUPS } from '../dist/protocol/errors.js';
import { METHOD_NAMES, METHODS } from '../dist/protocol/methods/methods.js';
import { settingsOf } from '../dist/protocol/methods/settings-table.js';
import { ROW_KINDS } from '../dist/protocol/row.js';
import { SCHEMAS, WORKER_SCHEMAS } from '../dist/protocol/schemas.js';

const root = join(import.meta.dirname, '..');
const PYTHON_HEAD = '# Generated from src/protocol by `npm run gen`. Do not edit.';

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
  Object.assign(files, pythonTypes());
  files['python/worker/error_codes.py'] = pythonCodes();
  files['docs/errors.md'] = errorPage();
  files['docs/settings.md'] = settingsPage();
  return files;
}

function errorPage() {
  return [
    '# Errors',
    '',
    'Generated from `src/protocol/errors/` by `npm run gen`. Words in braces are filled in.',
    ...Object.entries(ERROR_GROUPS).flatMap(([heading, rows]) => [
      '',
      `## ${heading}`,
      '',
      '| code | message | what to do | exit code | HTTP status |',
      '|---|---|---|---|---|',
      ...Object.entries(rows).map(
        ([code, row]) => `| \`${code}\` | ${cell(row.message)} | ${cell(row.hint)} | ${row.exit_code} | ${row.http_status} |`,
      ),
    ]),
    '',
  ].join('\n');
}

function settingsPage() {
  return [
    '# Settings of the training methods',
    '',
    'Generated from `src/protocol/methods/` by `npm run gen`. Names are those of Transformers, TRL and PEFT. Each can be',
    'written in a recipe, or set on the command line: `--set learning_rate=1e-4`, `--set lora.r=8`. `slipway plan RECIPE`',
    'shows every value that a run would use, and where it comes from.',
    ...METHOD_NAMES.flatMap((method) => [
      '',
      `## ${method}`,
      '',
      `Learns from ${ROW_KINDS[METHODS[method].rows]}.`,
      '',
      '| setting | type | default | what it does |',
      '|---|---|---|---|',
      ...settingsOf(METHODS[method].settings).map(({ path, setting }) => {
        const { schema, description, reason } = setting;
        const what = reason ? `${description}. Why: ${reason}` : description;
        return `| \`${path}\` | ${cell(typeText(z.toJSONSchema(schema, { io: 'input' })))} | ${cell(setting.default.text)} | ${cell(what)} |`;
      }),
    ]),
    '',
  ].join('\n');
}

function typeText(schema) {
  if (schema.enum) return schema.enum.join(', ');
  if ('const' in schema) return String(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeText).join(', or ');
  if (schema.type === 'array') {
    if (schema.items.type === 'integer') return 'list of whole numbers';
    return `list of ${schema.items.enum ? typeText(schema.items) : 'names'}`;
  }
  if (schema.type === 'boolean') return 'true or false';
  const name = schema.type === 'integer' ? 'whole number' : schema.type;
  const least = schema.exclusiveMinimum === undefined ? schema.minimum : `above ${schema.exclusiveMinimum}`;
  const isLimited = Math.abs(schema.maximum) < Number.MAX_SAFE_INTEGER;
  const bounds = [least === undefined || least === Number.MIN_SAFE_INTEGER ? null : least, isLimited ? schema.maximum : null];
  if (bounds[0] === null && bounds[1] === null) return name;
  return `${name}, ${bounds[0] === null ? '' : bounds[0]}${bounds[1] === null ? (String(bounds[0]).startsWith('above') ? '' : ' or more') : ` to ${bounds[1]}`}`;
}

function cell(text) {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}

/** TypedDicts of the worker's files, a module a schema; nested objects get classes named after their path. */
function pythonTypes() {
  const files = {};
  const classes = [];
  for (const name of WORKER_SCHEMAS) {
    const className = pascal(name);
    const before = [...classes];
    const type = pythonType(z.toJSONSchema(SCHEMAS[name], { io: 'output' }), className, classes);
    const own = classes.filter((one) => !before.includes(one));
    const module = name.replaceAll('-', '_');
    for (const one of own) one.module = module;
    const aliases = type === className ? [] : [`${className} = ${type}`];
    if (name === 'plan') aliases.unshift(`Method = Literal[${METHOD_NAMES.map(pythonLiteral).join(', ')}]`);
    files[`python/worker/protocol/${module}.py`] = pythonModule(name, own, before, aliases);
  }
  files['python/worker/protocol/__init__.py'] = [
    PYTHON_HEAD,
    '"""Types of the files that the worker shares with the rest of Slipway."""',
    '',
    ...WORKER_SCHEMAS.map((name) => `from worker.protocol.${name.replaceAll('-', '_')} import *  # noqa: F403`),
    '',
  ].join('\n');
  return files;
}

function pythonModule(schema, classes, earlier, aliases) {
  const body = [
    ...classes.flatMap(({ name, base, lines }) => [
      '',
      '',
      `class ${name}(${base?.name ?? 'TypedDict'}):`,
      ...(lines.length > 0 ? lines : ['    pass']),
    ]),
    ...(aliases.length > 0 ? ['', '', ...aliases] : []),
    '',
  ];
  const isUsed = (name) => body.some((line) => new RegExp(`\\b${name}\\b`).test(line));
  const typing = ['Any', 'Literal', 'NotRequired', 'TypedDict'].filter(isUsed);
  const imports = earlier.filter(({ name }) => isUsed(name)).map(({ name, module }) => `from worker.protocol.${module} import ${name}`);
  return [
    PYTHON_HEAD,
    `"""Of the ${schema.replaceAll('-', ' ')}."""`,
    '',
    `from typing import ${typing.join(', ')}`,
    ...(imports.length > 0 ? ['', ...imports.sort()] : []),
    ...body,
  ].join('\n');
}

/** The codes of the catalogue. */
function pythonCodes() {
  const codes = wrapped(Object.keys(ERROR_CATALOGUE).map((code) => `"${code}",`));
  const head = [PYTHON_HEAD, '"""Codes of the catalogue of errors."""', ''];
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
    if (union.length > 2 && union.every(({ properties }) => properties)) pythonBases(union, name, classes);
    const types = union.map((member, index) => {
      const tag =
        member.properties?.type?.const ??
        member.properties?.kind?.const ??
        member.properties?.method?.const ??
        (union.length > 2 ? index : '');
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
    const all = pythonFields(schema, name, classes);
    const base = classes
      .filter((known) => known.isBase && known.all.every((line) => all.includes(line)))
      .sort((a, b) => b.all.length - a.all.length)[0];
    // What has the same fields is one class: coverage is in plan, events and artifact.
    const known = classes.find((other) => !other.isBase && other.all.join() === all.join() && (other.name === name || all.length > 2));
    if (known) return known.name;
    let unique = name;
    for (let n = 2; classes.some((other) => other.name === unique); n++) unique = `${name}${n}`;
    classes.push({ name: unique, base, all, lines: all.filter((line) => !base?.all.includes(line)) });
    return unique;
  }
  return { string: 'str', integer: 'int', number: 'float', boolean: 'bool', null: 'None' }[schema.type] ?? 'Any';
}

function pythonFields({ properties, required = [] }, name, classes) {
  // Of a union by method only `values` differs: the rest is named after the union.
  const method = properties.method?.const;
  const union = method ? name.slice(0, -pascal(method).length) : name;
  return Object.entries(properties).map(([field, value]) => {
    const type = pythonType(value, `${field === 'values' ? name : union}${pascal(field)}`, classes);
    return `    ${field}: ${required.includes(field) ? type : `NotRequired[${type}]`}`;
  });
}

/** What all members of a union have is in a class that they extend, and so for what is inside them. */
function pythonBases(members, name, classes) {
  const [first, ...others] = members;
  const isIn = (field) => others.every(({ properties }) => field in properties);
  const isSame = (field) => others.every(({ properties }) => JSON.stringify(properties[field]) === JSON.stringify(first.properties[field]));
  const shared = Object.keys(first.properties).filter((field) => isIn(field) && isSame(field));
  const properties = Object.fromEntries(shared.map((field) => [field, first.properties[field]]));
  if (shared.length > 1) {
    const all = pythonFields({ properties, required: first.required }, name, classes);
    classes.push({ name: `${name}Base`, isBase: true, all, lines: all });
  }
  for (const field of Object.keys(first.properties).filter((one) => isIn(one) && !isSame(one))) {
    const inner = members.map((member) => member.properties[field]);
    if (inner.every((schema) => schema.properties)) pythonBases(inner, `${name}${pascal(field)}`, classes);
  }
}

function pythonLiteral(value) {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);
}

function pascal(name) {
  return name.replace(/(^|[-_])(\w)/g, (_, __, letter) => letter.toUpperCase());
}
