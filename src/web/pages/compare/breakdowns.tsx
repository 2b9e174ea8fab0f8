/** Where the candidates are right and wrong: by label, field and group, and which labels are taken for which. */
import type { Breakdown, Confusion } from '../../../protocol/row-result.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { WideTable } from '../../parts/small-parts.js';

/** Groups beyond these are in the CSV file. */
const MAX_PARTS = 30;

interface BreakdownsProps {
  breakdowns: Breakdown[];
  confusion: Confusion | null;
  candidates: string[];
  challenger: string;
  /** Writes a mean by the gate's metric. */
  figure: (value: number) => string;
}

export function Breakdowns({ breakdowns, confusion, candidates, challenger, figure }: BreakdownsProps) {
  return (
    <>
      {breakdowns.map(({ by, parts }) => (
        <details key={by} open={by !== 'group'}>
          <summary>
            By {by}: {parts.length} {parts.length === 1 ? by : `${by}s`}
          </summary>
          <FoldingTable
            label={`Figures by ${by}`}
            heads={[by, 'rows', ...candidates]}
            rows={parts.slice(0, MAX_PARTS).map(({ name, num_rows, means }) => ({
              key: name,
              cells: [name, num_rows, ...means.map((mean) => (mean === null ? 'no answer' : figure(mean)))],
            }))}
          />
          {parts.length > MAX_PARTS && <p className="muted small">The {MAX_PARTS} largest are shown; the CSV file has all rows.</p>}
        </details>
      ))}
      {confusion && <ConfusionTable confusion={confusion} challenger={challenger} />}
    </>
  );
}

/** With more labels the table cannot be read; the breakdown by label can. */
const MAX_LABELS = 16;

function ConfusionTable({ confusion: { labels, counts }, challenger }: { confusion: Confusion; challenger: string }) {
  if (labels.length > MAX_LABELS) return null;
  return (
    <details>
      <summary>What {challenger} answers where each label is right</summary>
      <WideTable label="Confusion matrix">
        <table className="confusion">
          <thead>
            <tr>
              <th scope="col">right ↓ answered →</th>
              {[...labels, 'none of them'].map((label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, right) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {[...labels, 'none of them'].map((answered, column) => (
                  <td key={answered} className={right === column ? 'right' : counts[right]?.[column] ? 'wrong' : 'muted'}>
                    {counts[right]?.[column]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    </details>
  );
}
