/** Every value of the plan, and where it came from. */
import { type Plan, planRows } from '../../../protocol/plan.js';
import { count, duration, gigabytes } from '../../../protocol/units.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { modelPath } from '../../paths.js';

export function PlanTable({ plan }: { plan: Plan | null }) {
  if (!plan) return null;
  const { forecast, models, data } = plan;
  const model = models.policy;
  return (
    <section>
      <h2>Plan</h2>
      <p>
        {plan.method} on <a href={modelPath(model.id)}>{model.id}</a> ({model.quantization}), {count(data.num_train_rows)} train and{' '}
        {count(data.num_dev_rows)} dev rows. Forecast: {forecast.num_steps} steps,{' '}
        {forecast.duration_s === null ? 'time on a GPU not measured' : duration(forecast.duration_s)}, {gigabytes(forecast.memory_bytes)} of
        memory.
      </p>
      <details>
        <summary>Every value with its source</summary>
        <FoldingTable
          label="Plan"
          heads={['Setting', 'Value', 'Source', 'Why']}
          rows={planRows(plan).map(({ path, value, source, why }) => ({
            key: path,
            cells: [<code key="path">{path}</code>, value, source, why],
          }))}
        />
      </details>
    </section>
  );
}
