/** A recipe's settings as fields of a form, and a recipe's text with one of them changed. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Choice, FormField } from '../../protocol/form-field.js';
import { METHODS, type Method } from '../../protocol/methods/methods.js';
import { type SettingEntry, settingsOf } from '../../protocol/methods/settings-table.js';
import { withValue, writtenValue } from './edit-yaml.js';
import { type AskedTraining, modelField } from './trainable-models.js';

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
export function settingFields(text: string): FormField[] {
  const document = parseDocument(text);
  const method = document.errors.length === 0 ? document.get('method') : undefined;
  const place = ({ path }: SettingEntry) => (FIRST.includes(path) ? FIRST.indexOf(path) : FIRST.length);
  const entries = settingEntries(method).sort((a, b) => place(a) - place(b));
  return entries.map(({ path, setting }) => {
    return {
      path,
      label: null,
      value: writtenValue(document, path),
      help: helpText(setting),
      placeholder: setting.default.text,
      choices: choicesOf(setting.schema),
      is_first: FIRST.includes(path),
    };
  });
}

function settingEntries(method: unknown): SettingEntry[] {
  return typeof method === 'string' && method in METHODS ? settingsOf(METHODS[method as Method].settings) : [];
}

function helpText({ description, default: { text }, reason }: SettingEntry['setting']): string {
  return `${description.charAt(0).toUpperCase()}${description.slice(1)}. Default: ${text}${reason && `; ${reason}`}.`;
}

function choicesOf(schema: z.ZodType): Choice[] | null {
  const values = schema instanceof z.ZodBoolean ? ['true', 'false'] : schema instanceof z.ZodEnum ? schema.options.map(String) : null;
  return values && ['', ...values].map((value) => ({ value, text: value || 'default', meaning: '' }));
}

/** The model and the settings. */
export function recipeFields(home: string, text: string, training: AskedTraining | null): FormField[] {
  const fields = settingFields(text);
  return fields.length === 0 ? [] : [modelField(home, writtenValue(parseDocument(text), 'model'), training), ...fields];
}

/**
 * The text with the model or a setting as it was typed, or without it where nothing was; comments stay.
 * @param path of a setting of the text's method; another one changes nothing
 */
export function withSetting(text: string, path: string, typed: string): string {
  const document = parseDocument(text);
  const isSetting =
    document.errors.length === 0 && (path === 'model' || settingEntries(document.get('method')).some((entry) => entry.path === path));
  return isSetting ? withValue(text, path, typed) : text;
}
