/** What is done with files of rows that came from anywhere; run in a process of its own by read-apart.ts. */
import { refuseOddAnswers } from '../../data/odd-answers.js';
import { type FilePeek, peekFile } from '../../data/peek-file.js';
import { type FileReading, readRows } from '../../data/read-rows.js';
import type { Splits } from '../../data/splits.js';
import type { ErrorData } from '../../protocol/errors.js';
import type { Row } from '../../protocol/row.js';
import { type FileLint, lintFile } from '../../tune/lint/lint-file.js';
import { type CleanedFile, writeClean } from '../../tune/lint/write-clean.js';
import { recipeSplits } from '../../tune/prepare.js';
import type { LoadedRecipe } from '../../tune/read-recipe.js';
import type { DatasetProfile } from '../author/dataset-profile.js';
import { type ProfileRequest, profileDataset } from '../author/profile-dataset.js';

export type RowFile = FileReading & { file: string };

type OnRows = (numRows: number) => void;

export const OPERATIONS = {
  splits: (loaded: LoadedRecipe): Promise<Splits> => recipeSplits(loaded),
  profile: (asked: ProfileRequest): Promise<DatasetProfile> => profileDataset(asked),
  peek: ({ file, ...reading }: RowFile): Promise<FilePeek> => peekFile(file, reading),
  lint: ({ file, ...reading }: RowFile, onRows: OnRows): Promise<FileLint> => lintFile(file, reading, onRows),
  clean: ({ file, out, ...reading }: RowFile & { out: string }, onRows: OnRows): Promise<CleanedFile> =>
    writeClean(file, reading, { out, onRows }),
  chats: async ({ file, ...reading }: RowFile): Promise<Row[]> => {
    const { rows, places } = await readRows(file, 'chat', reading);
    refuseOddAnswers(file, reading, { rows, places });
    return rows;
  },
};

export type Operation = keyof typeof OPERATIONS;
export type Asked<O extends Operation> = Parameters<(typeof OPERATIONS)[O]>[0];
export type Answered<O extends Operation> = Awaited<ReturnType<(typeof OPERATIONS)[O]>>;

export type FromProgram = { rows: number } | { answer: unknown } | { error: { code: string; data: ErrorData } } | { problem: string };
