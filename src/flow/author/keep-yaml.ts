/** A text that was edited in the browser is kept beside the original, never over it. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { writeWhole } from '../../store/files.js';
import { sha256Text } from '../../store/hash.js';
import { recipesFolder } from '../../store/home.js';

interface EditedYaml {
  /** That it was opened from. */
  file: string;
  text: string;
  /** Where it names files, relative to its own. */
  path_fields: string[][];
  ending: '.yaml' | '.gate.yaml';
}

/** The file itself when the text is its own; else a new file in <home>/recipes, whose paths still lead where they did. */
export function keepYaml(home: string, { file, text, path_fields, ending }: EditedYaml): string {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return file;
  const absolute = withAbsolutePaths(text, dirname(file), path_fields);
  const stem = basename(file)
    .replace(/(\.gate)?\.ya?ml$/, '')
    .replace(/-[0-9a-f]{6}$/, '');
  const kept = join(recipesFolder(home), `${stem}-${sha256Text(absolute).slice(0, 6)}${ending}`);
  if (!existsSync(kept)) writeWhole(kept, absolute);
  return kept;
}

function withAbsolutePaths(text: string, folder: string, fields: string[][]): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  for (const field of fields) {
    const value = document.getIn(field);
    if (typeof value === 'string') document.setIn(field, resolve(folder, value));
  }
  return document.toString({ lineWidth: 0 });
}
