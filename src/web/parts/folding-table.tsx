/** A table that becomes a list of cards where it has no room: on a phone no column is out of sight. */
import type { ReactNode } from 'react';
import { WideTable } from './small-parts.js';

export interface FoldingRow {
  key: string;
  /** The first one names the row. */
  cells: ReactNode[];
}

/** More may be wider than the page, and scroll by themselves. */
const MAX_COLUMNS = 6;

/** @param heads of the columns; they stand beside each cell of a card */
export function FoldingTable({
  label,
  heads,
  rows,
  className = '',
}: {
  label: string;
  heads: string[];
  rows: FoldingRow[];
  className?: string;
}) {
  const table = (
    <table className={`folds ${className}`.trim()} aria-label={label}>
      <thead>
        <tr>
          {heads.map((head) =>
            head === '' ? (
              <td key={head} />
            ) : (
              <th key={head} scope="col">
                {head}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells: [first, ...rest] }) => (
          <tr key={key}>
            <th scope="row">{first}</th>
            {rest.map((cell, index) => (
              <td key={heads[index + 1]} data-label={heads[index + 1]}>
                <div>{cell}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
  return heads.length > MAX_COLUMNS ? <WideTable label={label}>{table}</WideTable> : table;
}
