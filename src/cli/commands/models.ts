/** slipway models */
import { listLineage } from '../../flow/keep/lineage.js';
import { recordBytes } from '../../protocol/model-record.js';
import { count, gigabytes } from '../../protocol/units.js';
import { PINNED_MODELS } from '../../run/weights/catalogue.js';
import { unreadableModels } from '../../run/weights/resolve-model.js';
import { slipwayHome } from '../../store/home.js';
import { noteUnreadable, printJson } from '../options.js';
import { style } from '../style.js';

export function modelsCommand(options: { json?: boolean }): void {
  const home = slipwayHome();
  const models = listLineage(home);
  noteUnreadable(unreadableModels(home));
  if (options.json) {
    printJson(models);
    return;
  }
  for (const { record, runs } of models) {
    const lines: [string, string][] = [
      ['licence', record.license.id === 'unknown' ? 'unknown: check before use' : record.license.id],
      ['source', record.source],
      ['bytes', `${gigabytes(recordBytes(record))}, ${record.quantization}, sha256 ${record.sha256.slice(0, 16)}…`],
      ['shape', `${record.architecture}, ${count(record.num_parameters)} parameters, ${count(record.context_length)} tokens of context`],
      ...(record.training_only ? [['served', `not here: ${record.training_only}`] as [string, string]] : []),
      [
        'tuned',
        runs.length > 0
          ? runs.map(({ id, dev_loss }) => `${id}${dev_loss === null ? '' : ` (${dev_loss})`}`).join('\n            ')
          : 'nothing yet',
      ],
    ];
    process.stdout.write(`${style('bold', record.id)}\n${lines.map(([name, text]) => `  ${name.padEnd(10)}${text}\n`).join('')}`);
  }
  const known = PINNED_MODELS.filter(({ id }) => !models.some(({ record }) => record.id === id));
  for (const { id, license, download_bytes } of known) {
    process.stdout.write(`${style('bold', id)}\n  not imported, ${gigabytes(download_bytes)}, licence ${license.id}: slipway pull ${id}\n`);
  }
}
