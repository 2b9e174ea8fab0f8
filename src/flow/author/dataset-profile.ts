/** What is known of a file of rows that was examined. */

import type { MetricChoice } from '../../compare/choose-metric.js';
import type { Encoding } from '../../data/encodings.js';
import type { Format } from '../../data/formats.js';
import type { Splits } from '../../data/splits.js';
import type { Row } from '../../protocol/row.js';

export interface DatasetProfile {
  file: string;
  encoding: Encoding | undefined;
  format: Format;
  rows: Row[];
  columns: { group: string | null; ignore: string[] };
  num_groups: number;
  chosen: MetricChoice;
  shares: { dev: number; test: number };
  splits: Splits;
}
