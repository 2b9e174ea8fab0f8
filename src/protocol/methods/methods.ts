/** The training methods: recipe, plan, `--set`, docs/settings.md and the worker's types follow from this table. */

import type { DataRow } from '../row.js';
import { DPO } from './dpo.js';
import { KTO } from './kto.js';
import type { SettingsTable } from './settings-table.js';
import { SFT } from './sft.js';

export const METHODS = { sft: SFT, dpo: DPO, kto: KTO } as const satisfies Record<
  string,
  { rows: DataRow['kind']; settings: SettingsTable }
>;
export type Method = keyof typeof METHODS;
export const METHOD_NAMES = Object.keys(METHODS) as Method[];
