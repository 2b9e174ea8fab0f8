/** What is trained, by class of module, as `check`, `plan` and `show` print it. */
import type { ModuleCoverage } from '../protocol/event.js';
import { count, percent } from '../protocol/units.js';
import { table } from './table.js';

export function coverageTable(coverage: ModuleCoverage[]): string {
  const rows = coverage.map((entry) => [
    entry.module_class,
    count(entry.num_parameters),
    percent(entry.num_parameters ? entry.num_reached_parameters / entry.num_parameters : 0),
    count(entry.num_trained_parameters),
  ]);
  const sum = (field: 'num_parameters' | 'num_trained_parameters') => coverage.reduce((total, entry) => total + entry[field], 0);
  const total = ['all', count(sum('num_parameters')), '', count(sum('num_trained_parameters'))];
  return table([['module class', 'parameters', 'reached', 'trained'], ...rows, total], '    ');
}
