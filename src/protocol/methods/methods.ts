/** The training methods: recipe, plan, `--set`, docs/settings.md and the worker's types follow from this table. */

import type { DataRow } from '../row.js';
import { DPO } from './dpo.js';
import { KTO } from './kto.js';
import { REWARD } from './reward.js';
import type { SettingsTable } from './settings-table.js';
import { SFT } from './sft.js';

interface MethodTable {
  rows: DataRow['kind'];
  /** Its loss compares the model with what it was before: each row is computed forward once more. */
  has_reference: boolean;
  settings: SettingsTable;
}

export const METHODS = { sft: SFT, dpo: DPO, kto: KTO, reward: REWARD } as const satisfies Record<string, MethodTable>;
export type Method = keyof typeof METHODS;
export const METHOD_NAMES = Object.keys(METHODS) as Method[];
