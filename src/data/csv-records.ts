/** Records of a CSV file as it was exported; what is wrong with one is a problem in its place, and reading goes on. */
import { Readable } from 'node:stream';
import { CsvError, parse as parseCsv } from 'csv-parse';
import { counted } from '../protocol/errors.js';
import type { RecordOrProblem } from './data-record.js';
import { LINE_ENDS, SAYS_DELIMITER } from './dialect.js';
import type { Encoding } from './encodings.js';
import { parseJson } from './parse-json.js';
import { MAX_LINE_BYTES, openText } from './read-lines.js';

/** Columns whose cells hold JSON where the file's type has no lists. */
const NESTED_COLUMNS = ['messages', 'conversations', 'prompt', 'completion', 'chosen', 'rejected', 'tools'];

export async function* csvRecords(
  file: string,
  { delimiter, encoding }: { delimiter: string; encoding: Encoding },
): AsyncGenerator<RecordOrProblem> {
  const skipped: RecordOrProblem[] = [];
  const options = {
    bom: true,
    info: true,
    delimiter,
    record_delimiter: LINE_ENDS,
    skip_empty_lines: true,
    // Without a limit a quote that is never closed takes the rest of the file as one cell.
    max_record_size: MAX_LINE_BYTES,
    columns: uniqueColumns,
    skip_records_with_error: true,
    on_skip: (error?: CsvError) => {
      if (error) skipped.push({ file, line: Number(error.lines ?? 0), problem: csvProblem(error) });
      return undefined;
    },
  };
  const text = Readable.from(withoutDelimiterLine(openText(file, encoding)));
  const parser = text.pipe(parseCsv(options));
  text.once('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>) {
      yield* skipped.splice(0);
      const value = Object.fromEntries(Object.entries(record).map(([name, cell]) => [name, cellValue(name, cell)]));
      yield { file, line: info.lines, value };
    }
    yield* skipped;
  } catch (error) {
    yield* skipped;
    const line = error instanceof CsvError ? Number(error.lines ?? 0) : 0;
    yield { file, line, problem: error instanceof CsvError ? error.message : `the file cannot be read on: ${(error as Error).message}` };
  }
}

/** Excel's `sep=;` is no row, and stays a line: places in the file are counted with it. */
async function* withoutDelimiterLine(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const piece of pieces) {
    yield isFirst ? piece.replace(SAYS_DELIMITER, (_line, _delimiter, end: string) => end) : piece;
    isFirst = false;
  }
}

function csvProblem({ code, message, ...places }: CsvError): string {
  if (code !== 'CSV_RECORD_INCONSISTENT_COLUMNS') return message;
  const { columns, record } = places as unknown as { columns: unknown[]; record: unknown[] };
  return `has ${counted(record.length, 'cell')}, and the header has ${columns.length}: a cell that holds the delimiter or a line break needs quotes`;
}

/** Of two columns of one name the parser would keep the last. */
function uniqueColumns(names: string[]): string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two columns are called "${twice}"`);
  return names;
}

/** Columns of known formats whose cells are no text. */
const BOOLEAN_COLUMNS = ['label', 'tie'];
const NUMBER_COLUMNS = ['margin', 'score_chosen', 'score_rejected'];

function cellValue(name: string, cell: string): unknown {
  if (BOOLEAN_COLUMNS.includes(name) && /^(true|false)$/i.test(cell)) return cell.toLowerCase() === 'true';
  if (NUMBER_COLUMNS.includes(name) && cell.trim() !== '' && Number.isFinite(Number(cell))) return Number(cell);
  // An empty one says nothing of this row.
  if ((NUMBER_COLUMNS.includes(name) || name === 'tie') && cell.trim() === '') return undefined;
  if (!NESTED_COLUMNS.includes(name) || !/^\s*[[{]/.test(cell)) return cell;
  const parsed = parseJson(cell);
  return 'value' in parsed ? parsed.value : cell;
}
