/** A file of rows as its page shows it: read in a process of its own, with what a person has said of it. */
import { basename } from 'node:path';
import { kindOfFormat } from '../../data/formats.js';
import type { DatasetProfile } from '../../flow/author/dataset-profile.js';
import { groupsText, metricText, profileWarnings } from '../../flow/author/describe-profile.js';
import { recipeText } from '../../flow/author/recipe-texts.js';
import { type AskedTraining, modelChoices } from '../../flow/author/trainable-models.js';
import { readApart } from '../../flow/rows/read-apart.js';
import { AppError } from '../../protocol/errors.js';
import { METHOD_NAMES, METHODS } from '../../protocol/methods/methods.js';
import type { Columns } from '../../protocol/recipe.js';
import { conversationOf } from '../../protocol/row.js';
import { count } from '../../protocol/units.js';
import { openedRows } from '../../store/ledger.js';
import { parseRecipe } from '../../tune/read-recipe.js';
import type { AskedReading, DataFileView } from '../../web/pages/data/data-file-page.js';

const NUM_FIRST = 3;

export async function dataFileView(home: string, asked: AskedReading): Promise<DataFileView> {
  const { path: file } = asked;
  const peek = await readApart('peek', { file });
  const guess = peek.format === null ? peek.guess : null;
  const kind = peek.format === null ? 'chat' : kindOfFormat(peek.format);
  const assigned: AskedReading = {
    ...asked,
    prompt: asked.prompt || (guess?.prompt ?? ''),
    completion: asked.completion || (guess?.completion ?? ''),
    messages: asked.messages || (asked.prompt ? '' : (guess?.messages ?? '')),
  };
  const view: DataFileView = {
    asked: assigned,
    name: basename(file),
    dialect: peek.dialect,
    columns: peek.columns,
    is_known: peek.format !== null,
    models: modelChoices(home, null),
    methods: METHOD_NAMES.filter((name) => METHODS[name].rows === kind),
    profile: null,
    error: null,
  };
  try {
    const { profile, shown } = await profileOf(home, assigned);
    return { ...view, models: modelChoices(home, trainingOf(profile, assigned)), profile: shown };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message, hint, code } = error;
    return { ...view, error: { message, hint, can_clean: code === 'data-row-invalid' } };
  }
}

/** What is read as columns; undefined: the file has columns of a known format. */
export function columnsOf({ prompt, completion, system, messages }: AskedReading): Columns | undefined {
  if (messages !== '') return { messages };
  return prompt && completion ? { prompt, completion, ...(system ? { system } : {}) } : undefined;
}

/** What the recipe would say that is made of it. */
function trainingOf(profile: DatasetProfile, { path, model, allow }: AskedReading): AskedTraining {
  const text = recipeText(profile, { file: path, gate: 'new.gate.yaml', model, allows_near_duplicates: allow });
  return { loaded: parseRecipe('new.yaml', text), splits: profile.splits };
}

/** A group that nobody has named is the one that is proposed. */
async function profileOf(
  home: string,
  asked: AskedReading,
): Promise<{ profile: DatasetProfile; shown: NonNullable<DataFileView['profile']> }> {
  const request = {
    file: asked.path,
    columns: columnsOf(asked),
    method: asked.method || undefined,
    were_test: openedRows(home),
  };
  const group = asked.group === '' ? undefined : asked.group === '-' ? false : asked.group;
  let is_proposed = false;
  const profile = await readApart('profile', { ...request, group }).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'group-unsaid') throw error;
    is_proposed = true;
    return readApart('profile', { ...request, group: String(error.data.column) });
  });
  const { splits, rows } = profile;
  const shown: NonNullable<DataFileView['profile']> = {
    format: profile.format,
    num_rows: rows.length,
    first: rows.slice(0, NUM_FIRST).map((row) => {
      const messages = conversationOf(row);
      return {
        question: messages
          .slice(0, -1)
          .map(({ role, content }) => (role === 'user' ? content : `${role}: ${content}`))
          .join('\n'),
        answer: messages.at(-1)?.content ?? '',
      };
    }),
    facts: [
      ['Split', `${count(splits.train.length)} train, ${count(splits.dev.length)} dev, ${count(splits.test.length)} test, by hash`],
      ['Groups', groupsText(profile)],
      ['Answers', metricText(profile.chosen)],
      ['Method', profile.method],
      ['Not used', profile.columns.ignore.length > 0 ? profile.columns.ignore.join(', ') : 'no column'],
    ],
    warnings: profileWarnings(profile, false),
    num_near_duplicates: splits.near_duplicates?.length ?? 0,
    group: profile.columns.group,
    is_proposed,
  };
  return { profile, shown };
}
