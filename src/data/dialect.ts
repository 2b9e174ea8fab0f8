/** How a text file is written, found by looking at its beginning: its encoding, and what stands between the cells of CSV. */
import { parse } from 'csv-parse/sync';
import { decoderOf, type Encoding, isUtf16, NAMES } from './encodings.js';
import { openBytes } from './read-lines.js';

export interface Dialect {
  encoding: Encoding;
  /** Null: no CSV. */
  delimiter: string | null;
}

/** What a person says of a file; the rest is found. */
export type SaidDialect = { encoding?: Encoding | undefined; delimiter?: string | undefined };

/** A CSV file's first rows. */
const SAMPLE_BYTES = 65_536;
const SAMPLE_ROWS = 50;
/** In Excel's exports: of the language it runs in; and what databases write. */
const DELIMITERS = [',', ';', '\t', '|'];
/** In all three forms, one file may have several. */
export const LINE_ENDS = ['\r\n', '\n', '\r'];
/** Excel's own first line, which tells the delimiter. */
export const SAYS_DELIMITER = /^\uFEFF?sep=(.)(\r\n|\n|\r)/i;

/** @param file a path; a name that ends in .csv or .tsv, packed or not, has cells */
export async function dialectOf(file: string, said: SaidDialect = {}): Promise<Dialect> {
  const [, ending] = /\.(csv|tsv)(\.gz)?$/.exec(file) ?? [];
  if (said.encoding && (!ending || said.delimiter))
    return { encoding: said.encoding, delimiter: ending ? (said.delimiter as string) : null };
  const start = await beginning(file);
  const encoding = said.encoding ?? (isUtf16(start) ? 'utf-16' : 'utf-8');
  if (!ending) return { encoding, delimiter: null };
  const text = new TextDecoder(decoderOf(encoding, start).encoding).decode(start);
  return { encoding, delimiter: said.delimiter ?? findDelimiter(text, ending === 'tsv' ? '\t' : ',') };
}

/** What is not as everyone expects it, in words, or null. */
export function dialectText({ encoding, delimiter }: Dialect): string | null {
  const cells = delimiter === null || delimiter === ',' ? [] : [`cells separated by ${delimiter === '\t' ? 'tabs' : delimiter}`];
  return [...(encoding === 'utf-8' ? [] : [NAMES[encoding]]), ...cells].join(', ') || null;
}

async function beginning(file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of openBytes(file)) {
      pieces.push(chunk);
      size += chunk.length;
      if (size >= SAMPLE_BYTES) break;
    }
  } catch {
    // A broken archive is reported when it is read.
  }
  return Buffer.concat(pieces).subarray(0, SAMPLE_BYTES);
}

/** The one that gives every row the same number of cells, and the most of them; the ending's own where none does. */
function findDelimiter(sample: string, expected: string): string {
  const said = SAYS_DELIMITER.exec(sample)?.[1];
  if (said) return said;
  const counted = [expected, ...DELIMITERS.filter((one) => one !== expected)].map((delimiter) => ({
    delimiter,
    ...cellsOf(sample, delimiter),
  }));
  const [best] = counted
    .filter(({ inHeader }) => inHeader > 1)
    .sort((a, b) => Number(b.isEven) - Number(a.isEven) || b.inHeader - a.inHeader);
  return best?.delimiter ?? expected;
}

function cellsOf(sample: string, delimiter: string): { inHeader: number; isEven: boolean } {
  const options = { delimiter, to: SAMPLE_ROWS, record_delimiter: LINE_ENDS, relax_column_count: true, skip_empty_lines: true, bom: true };
  try {
    const rows = parse(sample, options) as string[][];
    // The sample may end within a row.
    const whole = rows.length > 1 && rows.length < SAMPLE_ROWS ? rows.slice(0, -1) : rows;
    const inHeader = rows[0]?.length ?? 0;
    return { inHeader, isEven: whole.every((row) => row.length === inHeader) };
  } catch {
    const [header = ''] = sample.split(/[\r\n]/, 1);
    return { inHeader: header.split(delimiter).length, isEven: false };
  }
}
