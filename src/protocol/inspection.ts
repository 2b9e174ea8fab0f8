/** What the worker's verb `inspect` found: what will be learnt from which row. */
import { z } from 'zod';

export const InspectedRow = z.strictObject({
  row: z.int().describe('line number in the split, from 1'),
  part: z.enum(['chosen', 'rejected', 'completion']).optional().describe('which of its answers; none: the row is one conversation'),
  label: z.boolean().optional().describe('of a labelled answer: whether it was good'),
  margin: z.number().optional().describe('of a pair, where its rows have one'),
  input_ids: z.array(z.int()),
  supervised: z.array(z.tuple([z.int(), z.int()])).describe('half-open spans of input_ids that carry loss'),
  text: z.string(),
  supervised_text: z.array(z.string()).describe('what the spans say, one text each'),
});
export type InspectedRow = z.infer<typeof InspectedRow>;

/** Which answer of its row a text has, in words; null: the row is one conversation. */
export function answerName({ part, label }: Pick<InspectedRow, 'part' | 'label'>): string | null {
  if (!part) return null;
  return label === undefined ? part : label ? 'a good answer' : 'a bad answer';
}

/** A row that was cut to max_length, from its end. */
export const TruncatedRow = z.strictObject({
  row: z.int(),
  num_tokens: z.int().describe('before the cut'),
  num_answer_tokens_cut: z.int().describe('tokens that would have carried loss'),
});

export const SplitInspection = z.strictObject({
  split: z.enum(['train', 'dev']),
  sha256: z.string().describe('of the split file that was read'),
  num_rows: z.int(),
  num_tokens: z.int(),
  longest_row: z.strictObject({ row: z.int(), num_tokens: z.int() }),
  longest_lengths: z.array(z.int()).describe('tokens of the longest rows with supervision, the longest first; at most 256 rows'),
  heaviest_own_tokens: z
    .array(z.int())
    .describe(
      'of the rows that cost most when what rows share is computed once: tokens that each adds to those before it; at most 256 rows',
    ),
  computed_shares: z
    .array(z.strictObject({ num_rows: z.int(), share: z.number() }))
    .describe('share of its tokens that a batch of so many drawn rows computes when what they share is computed once'),
  supervised_tokens: z.strictObject({ min: z.int(), median: z.number(), max: z.int() }),
  rows_without_supervision: z.array(z.int()),
  truncated_rows: z.array(TruncatedRow),
  is_end_of_turn_supervised: z.boolean(),
});
export type SplitInspection = z.infer<typeof SplitInspection>;

export const Inspection = z.strictObject({
  max_length: z.int(),
  tokenizer_sha256: z.string(),
  splits: z.array(SplitInspection),
  first_rows: z.array(InspectedRow),
});
export type Inspection = z.infer<typeof Inspection>;
