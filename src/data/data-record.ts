/** What a file is read as: records, and problems in their places. */
export interface DataRecord {
  file: string;
  /** Its line in a text file; its number, from 1, in a JSON array or a Parquet file. */
  line: number;
  value: unknown;
}
export type RecordOrProblem = DataRecord | { file: string; line: number; problem: string };
