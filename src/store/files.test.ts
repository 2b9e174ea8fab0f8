import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { appendLine, readLines } from './files.js';

test('what a crash has left of a line is cut off and said before the next is appended', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'files-')), 'lines.jsonl');
  appendLine(file, { n: 1 });
  appendFileSync(file, '{"n": 2');
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  appendLine(file, { n: 3 });
  expect(said).toHaveBeenCalledWith(expect.stringContaining(`half-written last line of ${file} (7 bytes)`));
  said.mockRestore();
  expect(readLines(file, z.object({ n: z.number() }))).toEqual([{ n: 1 }, { n: 3 }]);
});

test('a file that was cut in its only line begins anew', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'files-')), 'lines.jsonl');
  writeFileSync(file, '{"n"');
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  appendLine(file, { n: 1 });
  said.mockRestore();
  expect(readFileSync(file, 'utf8')).toBe('{"n":1}\n');
});
