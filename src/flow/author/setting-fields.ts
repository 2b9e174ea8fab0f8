/** A recipe's settings as fields of a form, and a recipe's text with one of them changed. */
import { type Document, isCollection, isNode, isScalar, type Node, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { METHODS, type Method } from '../../protocol/methods/methods.js';
import type { SettingField } from '../../protocol/methods/setting-field.js';
import { type SettingEntry, settingsOf } from '../../protocol/methods/settings-table.js';

/** What people change first; the others are folded. */
const FIRST = [
  'learning_rate',
  'num_train_epochs',
  'per_device_train_batch_size',
  'lora.r',
  'lora.lora_alpha',
  'beta',
  'max_length',
  'use_peft',
  'load_in_4bit',
  'seed',
];

/** Those that people change first, then the others in the order of the settings table; none where the text is no recipe of a known method. */
export function settingFields(text: string): SettingField[] {
  const document = parseDocument(text);
  const method = document.errors.length === 0 ? document.get('method') : undefined;
  const place = ({ path }: SettingEntry) => (FIRST.includes(path) ? FIRST.indexOf(path) : FIRST.length);
  const entries = settingEntries(method).sort((a, b) => place(a) - place(b));
  return entries.map(({ path, setting }) => {
    return {
      path,
      value: written(document.getIn(path.split('.'), true)),
      description: setting.description,
      default_text: setting.default.text,
      reason: setting.reason,
      choices: choicesOf(setting.schema),
      is_first: FIRST.includes(path),
    };
  });
}

function settingEntries(method: unknown): SettingEntry[] {
  return typeof method === 'string' && method in METHODS ? settingsOf(METHODS[method as Method].settings) : [];
}

function choicesOf(schema: z.ZodType): string[] | null {
  if (schema instanceof z.ZodBoolean) return ['true', 'false'];
  return schema instanceof z.ZodEnum ? schema.options.map(String) : null;
}

/** As the recipe writes it; empty: it does not. */
function written(node: unknown): string {
  if (node === undefined || node === null) return '';
  if (isScalar(node)) return String(node.source ?? node.value);
  return isCollection(node) ? JSON.stringify(node.toJSON()) : String(node);
}

/**
 * The text with a setting as it was typed, or without it where nothing was; comments stay.
 * @param path of a setting of the text's method; another one changes nothing
 */
export function withSetting(text: string, path: string, typed: string): string {
  const document = parseDocument(text);
  const isSetting = document.errors.length === 0 && settingEntries(document.get('method')).some((entry) => entry.path === path);
  if (!isSetting) return text;
  const keys = path.split('.');
  if (typed.trim() === '') document.deleteIn(keys);
  else document.setIn(keys, typedNode(typed, document.getIn(keys, true)));
  const [group] = keys;
  const parent = document.get(group, true);
  if (keys.length > 1 && isCollection(parent) && parent.items.length === 0) document.delete(group);
  return document.toString({ lineWidth: 0 });
}

/** Written as it was typed, with the comment of the value before; what is no YAML is text, so that the check names what is wrong with it. */
function typedNode(typed: string, before: unknown): Node | string {
  const document = parseDocument(typed);
  const { contents, errors } = document;
  if (errors.length > 0 || contents === null || hasAliases(document)) return typed;
  if (isNode(before)) contents.comment = before.comment;
  return contents;
}

/** `*name` of a value that is not there cannot be written. */
function hasAliases(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}
