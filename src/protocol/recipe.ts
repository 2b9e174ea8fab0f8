/** What a person asks for: the YAML file that `slipway go` reads. Whatever it leaves out has a default in the plan. */
import { z } from 'zod';
import { METHOD_NAMES, METHODS, type Method } from './methods/methods.js';
import { type AskedSettings, askedShape } from './methods/settings-table.js';

const positiveInteger = z.int().positive();

export const SampleName = z.enum(['incident-reports', 'incident-summaries']);

/** Of text files that are not UTF-8. */
export const FileEncoding = z
  .enum(['utf-8', 'latin1', 'utf-16'], 'must be utf-8, latin1 or utf-16')
  .describe('of its text files; UTF-16 is found by looking, all else is UTF-8 when it is not given');

/** In a template: a column in braces; two braces are one of the text. */
export const PLACEHOLDER = /\{\{|\}\}|\{([^{}]+)\}/g;

/** A brace that belongs to no column would be asked as it stands, in every row. */
function isSource(source: string): boolean {
  const hasColumn = [...source.matchAll(PLACEHOLDER)].some(([, path]) => path !== undefined);
  return !/[{}]/.test(source.replaceAll(PLACEHOLDER, '')) && (hasColumn || !/[{}]/.test(source));
}

const source = z.string().min(1).refine(isSource, 'a template has columns in braces, such as {title}; {{ is a brace');

/** Of a file whose columns have names of its own: where each part of a row stands. */
export const Columns = z
  .strictObject({
    prompt: source.describe('a column, a path into a nested one (answers.text.0), or a template with both in braces').optional(),
    completion: source.describe('the answer, in the same way').optional(),
    system: source.describe('in the same way; a sentence that names no column is the system prompt of all rows').optional(),
    messages: source.describe('the column that holds whole conversations').optional(),
  })
  .refine(
    ({ prompt, completion, messages }) =>
      messages === undefined ? prompt !== undefined && completion !== undefined : !prompt && !completion,
    'name prompt and completion, or messages alone',
  )
  .describe('for a file whose columns have other names; columns that are not named are not used');
export type Columns = z.infer<typeof Columns>;

/** Between the cells of a CSV file. */
export const Delimiter = z.string().length(1, 'must be one character').describe('of its CSV files; found by looking when it is not given');

const reading = { columns: Columns.optional(), encoding: FileEncoding.optional(), delimiter: Delimiter.optional() };

const testFile = z
  .string()
  .min(1)
  .optional()
  .describe('rows of a known format to measure on in place of test, whose rows are then used for nothing');

export const RecipeData = z.union([
  z.strictObject({
    sample: SampleName,
    train: positiveInteger.max(20_000).describe('rows to generate'),
    dev: positiveInteger.max(2_000),
    test: positiveInteger.max(2_000),
    test_seed: z.int().min(0).optional().describe('of the test rows alone, where the ones of the seed are used up'),
  }),
  z.strictObject({
    train: z.string().min(1).describe('a file or folder of JSONL, JSON, CSV or Parquet, or hub:org/name'),
    dev: z.string().min(1).optional(),
    test: z.string().min(1).optional(),
    ...reading,
    test_file: testFile,
  }),
  z.strictObject({
    file: z.string().min(1).describe('a file or folder of rows, or hub:org/name, that is split by the hash of the prompt, or of the group'),
    group: z.string().min(1).optional().describe('column whose rows stay together and count as one: patient, client, site'),
    ignore: z.array(z.string().min(1)).optional().describe('columns that are not used'),
    dev: z.number().gt(0).lt(0.5).describe('share of the rows'),
    test: z.number().min(0).lt(0.8).describe('share of the rows'),
    ...reading,
    test_file: testFile,
  }),
]);
export type RecipeData = z.infer<typeof RecipeData>;

/** What a recipe's rows are read from, without its folder. */
export function dataName(data: RecipeData, split: 'train' | 'test'): string {
  if ('sample' in data) return data.sample;
  const all = 'file' in data ? data.file : data.train;
  const test = data.test_file ?? ('file' in data ? undefined : data.test);
  const path = (split === 'test' ? test : undefined) ?? all;
  return path.split('/').at(-1) || path;
}

/** What a recipe of any method has. */
const BaseRecipe = z.strictObject({
  model: z.string().min(1).describe('a known model, a model folder under <home>/models, or a run whose adapter is trained further'),
  machine: z
    .strictObject({ gpus: positiveInteger.max(1024), gpu_memory_gb: z.number().positive() })
    .describe('the machine it needs, if a laptop is not enough; check and plan work anywhere')
    .optional(),
  data: RecipeData,
  gate: z.string().min(1).optional().describe('the gate file, relative to the recipe'),
  parity: z.strictObject({ served_mean_nats: z.number().positive().max(1) }).optional(),
});
type BaseRecipe = z.infer<typeof BaseRecipe>;

/** A union by method. */
export type Recipe = { [M in Method]: BaseRecipe & { method: M } & AskedSettings<(typeof METHODS)[M]['settings']> }[Method];

const members = METHOD_NAMES.map((method) =>
  z.strictObject({ method: z.literal(method), ...BaseRecipe.shape, ...askedShape(METHODS[method].settings) }),
);
export const Recipe = z.discriminatedUnion('method', members as [(typeof members)[number]], {
  error: `must be one of: ${METHOD_NAMES.join(', ')}`,
}) as unknown as z.ZodType<Recipe>;
