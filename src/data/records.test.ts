/** What stands in files as people have them: ends of lines, archives, cells, lists, nested JSON, and what is broken. */
import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AppError } from '../protocol/errors.js';
import { otherColumns, recognizeFormat, toRow } from './formats.js';
import { parseJson } from './parse-json.js';
import { isGzip, readLines } from './read-lines.js';
import { dataFiles, readRecords } from './read-records.js';

const folder = mkdtempSync(join(tmpdir(), 'slipway-records-'));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const collect = async <T>(all: AsyncIterable<T>) => {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
};
const linesOf = (content: string | Buffer) => collect(readLines(file('lines.txt', content)));
const recordsOf = (name: string, content: string | Buffer) => collect(readRecords(file(name, content)));
const valuesOf = async (name: string, content: string | Buffer) =>
  (await recordsOf(name, content)).map((read) => ('value' in read ? read.value : read.problem));
const codeOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
  return null;
};

describe('lines', () => {
  test('of both ends, with and without a last one, empty ones too', async () => {
    expect(await linesOf('a\r\n\nb\rc\n')).toEqual([
      { line: 1, text: 'a' },
      { line: 2, text: '' },
      { line: 3, text: 'b\rc' },
    ]);
    expect(await linesOf('a\nb')).toEqual([
      { line: 1, text: 'a' },
      { line: 2, text: 'b' },
    ]);
    expect(await linesOf('')).toEqual([]);
    expect(await linesOf('\n')).toEqual([{ line: 1, text: '' }]);
    expect(await linesOf('a\r')).toEqual([{ line: 1, text: 'a' }]);
  });

  test('longer than what is read at once are whole', async () => {
    const long = 'x'.repeat(3_000_000);
    expect(await linesOf(`a\n${long}\nb\n`)).toEqual([
      { line: 1, text: 'a' },
      { line: 2, text: long },
      { line: 3, text: 'b' },
    ]);
  });

  test('a byte order mark is removed from the first line alone', async () => {
    expect(await linesOf('\uFEFFa \uFEFFb\n\uFEFFc\n')).toEqual([
      { line: 1, text: 'a \uFEFFb' },
      { line: 2, text: '\uFEFFc' },
    ]);
  });

  test('UTF-16 of both orders is named; one byte of its mark is none', async () => {
    for (const mark of [
      [0xff, 0xfe],
      [0xfe, 0xff],
    ])
      expect(await linesOf(Buffer.from([...mark, 65, 0]))).toEqual([
        { line: 1, problem: expect.stringMatching(/^not UTF-8: it looks like UTF-16; read it with `--encoding utf-16`/) },
      ]);
    for (const other of [
      [0xff, 65],
      [65, 0xfe],
      [0xfe, 65],
    ])
      expect(await linesOf(Buffer.from([...other, 10, 66, 10]))).toEqual([
        { line: 1, problem: expect.stringMatching(/^not UTF-8: it looks like Latin-1/) },
        { line: 2, text: 'B' },
      ]);
  });

  test('an archive is known by both of its first bytes, whatever its name', async () => {
    expect(isGzip(file('a.txt', gzipSync('x')))).toBe(true);
    expect(isGzip(file('b.gz', Buffer.from([0x1f, 0x8c])))).toBe(false);
    expect(isGzip(file('c.gz', Buffer.from([0x1e, 0x8b])))).toBe(false);
    expect(await linesOf(gzipSync('a\nb\n'))).toHaveLength(2);
    expect(await linesOf(gzipSync('a\nb\n').subarray(0, 20))).toEqual([
      { line: 1, text: 'a' },
      { line: 2, text: 'b' },
      { line: 3, problem: 'the file cannot be read on: unexpected end of file' },
    ]);
  });
});

describe('JSON', () => {
  test.each([
    ['{"a": {"b": 1}, "b": [{"a": 1}, {"a": 2}]}', null],
    ['[{"a": 1}, {"a": 2}]', null],
    ['{"a": ["x", "x"], "b": "a"}', null],
    ['{"a": "b\\"", "b": "\\\\", "c": 1}', null],
    ['{"a\\"b": 1, "a": 2}', null],
    ['{"a": {"x": 1, "x": 2}}', 'the key x occurs twice in one object'],
    ['{"a": [1, {"y": 1, "z": 0, "y": 2}], "b": 1}', 'the key y occurs twice in one object'],
    ['{"a": {"b": 1}, "c": {"b": 1}, "a": 3}', 'the key a occurs twice in one object'],
    ['{"a": [], "a": 1}', 'the key a occurs twice in one object'],
    ['{"a\\\\": 1, "a\\\\": 2}', 'the key a\\ occurs twice in one object'],
    ['{"a": "\\ud800"}', 'a holds half a character (a lone surrogate)'],
    ['{"a": {"b": ["x", "\\uDC00"]}}', 'a.b.1 holds half a character (a lone surrogate)'],
    ['"\\udfff"', 'the text holds half a character (a lone surrogate)'],
    ['{"a": "\\ud83d\\ude42", "b": null, "c": 5}', null],
    ['{"a": null, "b": 1, "c": "\\ud83d\\ude42 \\ud83d"}', 'c holds half a character (a lone surrogate)'],
  ])('%s', (text, problem) => {
    const parsed = parseJson(text);
    expect('problem' in parsed ? parsed.problem : null).toBe(problem);
    if (problem === null) expect(parsed).toEqual({ value: JSON.parse(text) });
  });

  test('what is none says why', () => {
    expect(parseJson('{"a"')).toEqual({ problem: expect.stringMatching(/^not JSON: /) });
  });
});

describe('records', () => {
  test('of a list, with a byte order mark and spaces before it; one by one by number', async () => {
    expect(await recordsOf('list.json', '\uFEFF \n [1, {"a": "\uFEFF"}]')).toEqual([
      { file: join(folder, 'list.json'), line: 1, value: 1 },
      { file: join(folder, 'list.json'), line: 2, value: { a: '\uFEFF' } },
    ]);
    expect(await recordsOf('broken.json', '[1, ')).toEqual([
      { file: join(folder, 'broken.json'), line: 1, problem: expect.stringMatching(/^not JSON/) },
    ]);
  });

  test('blank lines are passed over; only a last line may have been cut', async () => {
    expect(await recordsOf('some.jsonl', '1\n   \n{x\n3\n')).toEqual([
      { file: join(folder, 'some.jsonl'), line: 1, value: 1 },
      { file: join(folder, 'some.jsonl'), line: 3, problem: expect.not.stringContaining('middle of this line') },
      { file: join(folder, 'some.jsonl'), line: 4, value: 3 },
    ]);
    expect(await valuesOf('cut.jsonl', '1\n{"a": ')).toEqual([1, expect.stringContaining('(the file ends in the middle of this line?)')]);
    expect(await valuesOf('twice.jsonl', '{"a": 1, "a": 2}')).toEqual(['the key a occurs twice in one object']);
    expect(await recordsOf('none.jsonl', ' \n')).toEqual([]);
  });

  test('of cells: labels and nested columns are read, others stay text', async () => {
    const text = 'prompt,label,note,tools\nQ,TRUE,[1],"[{""a"": 1}]"\nx {,False,true,[broken\n[Q],untrue,{},\n\n" [1]",truest,x,y\n';
    expect(await valuesOf('cells.csv', text)).toEqual([
      { prompt: 'Q', label: true, note: '[1]', tools: [{ a: 1 }] },
      { prompt: 'x {', label: false, note: 'true', tools: '[broken' },
      { prompt: '[Q]', label: 'untrue', note: '{}', tools: '' },
      { prompt: [1], label: 'truest', note: 'x', tools: 'y' },
    ]);
    expect((await recordsOf('cells.csv', text)).map(({ line }) => line)).toEqual([2, 3, 4, 6]);
    expect(await valuesOf('tab.tsv', '\uFEFFprompt\tnote\nQ\ta,b\n')).toEqual([{ prompt: 'Q', note: 'a,b' }]);
    expect(await valuesOf('x.csv.jsonl', '1\n')).toEqual([1]);
    expect(await valuesOf('packed.csv.gz', gzipSync('a,b\n1,2\n'))).toEqual([{ a: '1', b: '2' }]);
  });

  test('of Parquet: 64-bit integers are numbers, absent cells absent keys, lists and structs nested', async () => {
    expect(await recordsOf('rows.parquet', Buffer.from(PARQUET, 'base64'))).toEqual(
      [
        { prompt: 'Q1', completion: 'A1', group: 7, tools: [{ name: 'look', size: 3 }] },
        { prompt: 'Q2', completion: 'A2' },
        { prompt: 'Q3', completion: 'A3', group: 2 ** 40, tools: [{}] },
      ].map((value, index) => ({ file: join(folder, 'rows.parquet'), line: index + 1, value })),
    );
  });

  test('of a folder in the order of names; one that may be data and cannot be read is named, never passed over', () => {
    const parts = join(folder, 'parts');
    mkdirSync(parts);
    for (const name of ['b.json', 'a.csv.gz', 'c.ndjson', 'x.md', 'data.jsonl.bak', 'y.tsv', 'z.parquet'])
      writeFileSync(join(parts, name), '');
    expect(dataFiles(parts).map((path) => path.slice(parts.length + 1))).toEqual([
      'a.csv.gz',
      'b.json',
      'c.ndjson',
      'data.jsonl.bak',
      'y.tsv',
      'z.parquet',
    ]);
    mkdirSync(join(folder, 'empty'));
    expect([codeOf(() => dataFiles(join(folder, 'empty'))), codeOf(() => dataFiles(join(folder, 'gone')))]).toEqual([
      'data-empty',
      'file-not-found',
    ]);
  });

  test('of a list that memory could not hold are refused with the limit', async () => {
    const sparse = file('huge.json', '[');
    truncateSync(sparse, 400_000_001);
    await expect(collect(readRecords(sparse))).rejects.toMatchObject({
      code: 'data-limit',
      message: `${sparse}: its size as one JSON array is over the limit of 400000000 bytes.`,
    });
  });
});

describe('formats', () => {
  test('are recognised by their columns; what has none says which it has', () => {
    expect(recognizeFormat('f', { chosen: '\n\nHuman: a\n\nAssistant: b', rejected: 'x' })).toBe('hh-preference');
    expect(recognizeFormat('f', { chosen: 'Human: a', rejected: 'x' })).toBe('hh-preference');
    expect(recognizeFormat('f', { chosen: 'The Human: a', rejected: 'x' })).toBe('preference');
    expect(recognizeFormat('f', { chosen: [], rejected: [] })).toBe('preference');
    for (const [value, told] of [
      [{ question: 1, answer: 2 }, 'question, answer'],
      [{}, 'none'],
      [null, 'none'],
      ['text', 'none'],
    ] as const)
      try {
        recognizeFormat('rows.jsonl', value);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: 'data-format-unknown', data: { file: 'rows.jsonl', columns: told } });
      }
  });

  test('other columns are those of no format', () => {
    expect(otherColumns({ prompt: 'a', completion: 'b', id: 1, group: 2 }, 'prompt-completion')).toEqual(['id']);
    for (const value of [null, 'text', ['a']]) expect(otherColumns(value, 'messages')).toEqual([]);
  });

  test('an implicit prompt is what both dialogues begin with, and never all of one', () => {
    const turn = (role: string, content: string) => ({ role, content });
    const [q, a, b, more] = [turn('user', 'Q'), turn('assistant', 'A'), turn('assistant', 'B'), turn('user', 'More')];
    const split = (chosen: object[], rejected: object[]) => toRow('preference', { chosen, rejected });
    expect(split([q, a, more, b], [q, a, more, a])).toMatchObject({ row: { prompt: [q, a, more], chosen: [b], rejected: [a] } });
    expect(split([q, a], [q, a])).toMatchObject({ row: { prompt: [q], chosen: [a], rejected: [a] } });
    expect(split([q, a, more, b], [q, a])).toMatchObject({ row: { prompt: [q], chosen: [a, more, b], rejected: [a] } });
    expect(split([a], [q, b])).toMatchObject({ row: { prompt: [], chosen: [a], rejected: [q, b] } });
  });

  test('a dialogue as text is cut at its turns, without the spaces around them', () => {
    const read = toRow('hh-preference', {
      chosen: '\n\nHuman: Q \n\nAssistant:  A\n\nHuman: More\n\nAssistant: B ',
      rejected: 'Human: Q\n\nAssistant: C',
    });
    expect(read).toEqual({
      kind: 'preference',
      row: {
        prompt: [{ role: 'user', content: 'Q' }],
        chosen: [
          { role: 'assistant', content: 'A' },
          { role: 'user', content: 'More' },
          { role: 'assistant', content: 'B' },
        ],
        rejected: [{ role: 'assistant', content: 'C' }],
      },
    });
  });

  test('a system prompt of its own column comes first; a number is a group', () => {
    const asked = [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'Q' },
      { role: 'assistant', content: 'A' },
    ];
    expect(toRow('prompt-completion', { prompt: 'Q', completion: 'A', system: 'S', group: 5 })).toEqual({
      kind: 'chat',
      row: { messages: asked, group: '5' },
    });
    expect(toRow('alpaca', { instruction: 'Q', output: 'A', system: 'S' })).toEqual({ kind: 'chat', row: { messages: asked } });
    expect(
      toRow('sharegpt', {
        conversations: [
          { from: 'human', value: 'Q' },
          { from: 'gpt', value: 'A' },
        ],
        system: 'S',
      }),
    ).toEqual({ kind: 'chat', row: { messages: asked } });
    expect(toRow('prompts', { prompt: 'Q', tools: [1] })).toEqual({ kind: 'prompt', row: { prompt: [asked[1]], tools: [1] } });
    expect(toRow('kto', { prompt: 'Q', completion: 'A', label: true })).toEqual({
      kind: 'labelled',
      row: { prompt: [asked[1]], completion: [asked[2]], label: true },
    });
  });

  test('of parts that are text the content is their text; of what is wrong, each field is told', () => {
    const parts = [
      { type: 'text', text: 'a ' },
      { type: 'text', text: 'b' },
    ];
    expect(toRow('messages', { messages: [{ role: 'assistant', content: parts }] })).toMatchObject({
      row: { messages: [{ content: 'a b' }] },
    });
    expect(toRow('messages', { messages: [{ role: 'assistant', content: null, tool_calls: [{}] }] })).toMatchObject({
      row: { messages: [{ content: '' }] },
    });
    const problemsOf = (format: Parameters<typeof toRow>[0], value: unknown) => {
      const read = toRow(format, value);
      return 'problems' in read ? read.problems : [];
    };
    const answered = (content: unknown) => ({
      messages: [
        { role: 'user', content },
        { role: 'assistant', content: 'A' },
      ],
    });
    expect(problemsOf('messages', answered([{ type: 'image_url', image_url: { url: 'x' } }]))).toEqual([
      { field: 'messages.0.content.0', problem: expect.stringMatching(/^image_url cannot be learnt here, only text can/) },
    ]);
    expect(problemsOf('messages', answered([{ type: 'text', text: 'a', extra: 1 }, { type: 'text' }]))).toEqual([
      { field: 'messages.0.content.0', problem: 'unknown field extra: remove it' },
      { field: 'messages.0.content.1', problem: 'must have a text' },
    ]);
    expect(problemsOf('messages', { ...answered('Q'), images: ['x'], note: 1 })).toEqual([
      { field: '', problem: expect.stringMatching(/^images cannot be learnt here/) },
      { field: '', problem: 'unknown column note: remove it or rename it' },
    ]);
    expect(problemsOf('messages', { messages: [{ role: 'user', content: 5 }] })).toEqual([
      { field: 'messages.0.content', problem: 'must be a string' },
    ]);
    expect(problemsOf('prompt-completion', { prompt: 5, completion: [{ role: 'bot', content: 'x' }] })).toEqual([
      { field: 'prompt', problem: 'must be a string or messages' },
      { field: 'completion.0.role', problem: expect.stringContaining('user') },
    ]);
    expect(problemsOf('kto', { prompt: 'Q', completion: 'A', label: 'yes' })).toEqual([
      { field: 'label', problem: 'must be true or false' },
    ]);
    expect(problemsOf('messages', { messages: [] })).toEqual([{ field: 'messages', problem: 'must have at least one message' }]);
  });
});

/** Three rows with a 64-bit integer and a list of structs, as pyarrow writes them. */
const PARQUET =
  'UEFSMRUAFTAVMCwVBhUAFQYVBhwAAAACAAAABgECAAAAUTECAAAAUTICAAAAUTMVABUwFTAsFQYVABUGFQYcAAAAAgAAAAYBAgAAAEExAgAAAEEyAgAAAEEzFQAVLBUsLB' +
  'UGFQAVBhUGHAAAAAIAAAADBQcAAAAAAAAAAAAAAAABAAAVABUsFSwsFQYVABUGFQYcAAAAAgAAAAYABAAAAAPEAAAEAAAAbG9vaxUAFSwVLCwVBhUAFQYVBhwAAAACAAAA' +
  'BgAEAAAAA8QAAAMAAAAAAAAAFQQZnDUAGAZzY2hlbWEVCAAVDCUCGAZwcm9tcHQlAEwcAAAAFQwlAhgKY29tcGxldGlvbiUATBwAAAAVBCUCGAVncm91cAA1AhgFdG9vbH' +
  'MVAhUGTDwAAAA1BBgEbGlzdBUCADUCGAdlbGVtZW50FQQAFQwlAhgEbmFtZSUATBwAAAAVBCUCGARzaXplABYGGRwZXCYAHBUMGSUGABkYBnByb21wdBUAFgYWVhZWJghJ' +
  'HBUAFQAVAgA8FgwZBhkmAAYAAAAmABwVDBklBgAZGApjb21wbGV0aW9uFQAWBhZWFlYmXkkcFQAVABUCADwWDBkGGSYABgAAACYAHBUEGSUGABkYBWdyb3VwFQAWBhZSFl' +
  'ImtAFJHBUAFQAVAgA8KQYZJgIEAAAAJgAcFQwZJQYAGUgFdG9vbHMEbGlzdAdlbGVtZW50BG5hbWUVABYGFlIWUiaGAkkcFQAVABUCADwWCBkmBgAZVgIAAAICAAAAJgAc' +
  'FQQZJQYAGUgFdG9vbHMEbGlzdAdlbGVtZW50BHNpemUVABYGFlIWUibYAkkcFQAVABUCADwpJgYAGVYCAAACAgAAABaiAxYGJggWogMAKCBwYXJxdWV0LWNwcC1hcnJvdy' +
  'B2ZXJzaW9uIDI2LjAuMRlcHAAAHAAAHAAAHAAAHAAAAPYBAABQQVIx';
