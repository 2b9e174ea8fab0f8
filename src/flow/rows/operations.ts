/** What is done with files of rows that came from anywhere; run in a process of its own by read-apart.ts. */
import type { Encoding } from '../../data/encodings.js';
import { readRows } from '../../data/read-rows.js';
import type { Splits } from '../../data/splits.js';
import type { Row } from '../../protocol/row.js';
import { type FileLint, lintFile } from '../../tune/lint/lint-file.js';
import { recipeSplits } from '../../tune/prepare.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';
import type { DatasetProfile } from '../author/dataset-profile.js';
import { type ProfileRequest, profileDataset } from '../author/profile-dataset.js';

export interface RowFile {
  file: string;
  encoding?: Encoding | undefined;
}

export const OPERATIONS = {
  splits: (loaded: LoadedRecipe): Promise<Splits> => recipeSplits(loaded),
  profile: (asked: ProfileRequest): Promise<DatasetProfile> => profileDataset(asked),
  lint: ({ file, encoding }: RowFile, onRows: (numRows: number) => void): Promise<FileLint> => lintFile(file, { encoding, onRows }),
  chats: async ({ file, encoding }: RowFile): Promise<Row[]> => (await readRows(file, 'chat', { encoding })).rows,
};

export type Operation = keyof typeof OPERATIONS;
export type Asked<O extends Operation> = Parameters<(typeof OPERATIONS)[O]>[0];
export type Answered<O extends Operation> = Awaited<ReturnType<(typeof OPERATIONS)[O]>>;

export type FromProgram =
  | { rows: number }
  | { answer: unknown }
  | { error: { code: string; data: Record<string, string | number> } }
  | { problem: string };
