/** Before all tests: runs and comparisons of an earlier time are gone; weights and the Python environment stay. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { testHome } from './home.js';

export default function setup(): void {
  for (const folder of ['runs', 'comparisons', 'datasets', 'recipes', 'uploads', 'tombstones', 'ledger.jsonl'])
    rmSync(join(testHome, folder), { recursive: true, force: true });
}
