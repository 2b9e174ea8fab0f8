/** Parquet as PyArrow writes it, in each packing that is common. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRows } from '../../src/data/read-rows.js';
import { failure } from '../support/failure.js';
import { temporaryFolder, testPython } from '../support/home.js';

const folder = temporaryFolder('parquet');
const SCRIPT = `
import sys, pyarrow as pa, pyarrow.parquet as pq
rows = [{"messages": [{"role": "user", "content": f"Q{n}"}, {"role": "assistant", "content": f"Ä{n}"}], "group": n} for n in range(2500)]
bad = [{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}, {"messages": [{"role": "user", "content": "Q"}]}]
for name, packing in (("snappy", "snappy"), ("zstd", "zstd"), ("gzip", "gzip"), ("none", "none")):
    pq.write_table(pa.Table.from_pylist(rows), f"{sys.argv[1]}/{name}.parquet", compression=packing, row_group_size=700)
pq.write_table(pa.Table.from_pylist(bad), f"{sys.argv[1]}/bad.parquet")
`;
execFileSync(testPython(), ['-c', SCRIPT, folder]);

test.each(['snappy', 'zstd', 'gzip', 'none'])('%s', async (packing) => {
  const { rows, format } = await readRows(join(folder, `${packing}.parquet`), 'chat');
  expect(format).toBe('messages');
  expect(rows).toHaveLength(2500);
  const messages = [
    { role: 'user', content: 'Q2499' },
    { role: 'assistant', content: 'Ä2499' },
  ];
  expect(rows[2499]).toEqual({ messages, group: '2499' });
});

test('a bad row is named by its number', async () => {
  expect((await failure(() => readRows(join(folder, 'bad.parquet'), 'chat'))).message).toContain(
    'bad.parquet:2: messages.0.content: the last message must be',
  );
});
