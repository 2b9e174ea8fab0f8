/** What is known of a file of rows that was examined. */

import type { MetricChoice } from '../../compare/choose-metric.js';
import type { Format } from '../../data/formats.js';
import type { FileReading } from '../../data/read-rows.js';
import type { Splits } from '../../data/splits.js';
import type { Method } from '../../protocol/methods/methods.js';
import type { AnyRow, ComparedRow } from '../../protocol/row.js';

export interface DatasetProfile {
  file: string;
  /** As a person has said. */
  reading: FileReading;
  /** What was found by looking at it, in words; null: comma and UTF-8, as everyone expects. */
  dialect: string | null;
  format: Format;
  rows: AnyRow[];
  /** Of them, those that a gate can measure on. */
  compared: ComparedRow[];
  method: Method;
  columns: { group: string | null; ignore: string[] };
  num_groups: number;
  chosen: MetricChoice;
  shares: { dev: number; test: number };
  splits: Splits;
}
