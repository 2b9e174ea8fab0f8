import { expect, test } from 'vitest';
import { editingTerminal, guardTerminal, printable } from './printable.js';
import { showError } from './show-error.js';
import { cut } from './table.js';
import { terminalReporter } from './terminal-reporter.js';

const HOSTILE = 'a\u001b[2J\u001b]0;title\u0007b\r\u009bc\u202ed\u0000e\u007f';

test('control characters are shown, and tabs and newlines kept', () => {
  expect(printable(HOSTILE)).toBe('a␛[2J␛]0;title␇b␍�c�d␀e␡');
  expect(printable('ä\t医\n')).toBe('ä\t医\n');
  expect(cut(HOSTILE, 100)).toBe(printable(HOSTILE));
});

/** A stream that keeps what a terminal would get. */
function terminal(): { stream: NodeJS.WriteStream; text: () => string } {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  return { stream: { isTTY: true, columns: 80, write } as unknown as NodeJS.WriteStream, text: () => written.join('') };
}

test('a terminal gets colours and live lines, and nothing else that moves it', () => {
  const { stream, text } = terminal();
  guardTerminal(stream);
  stream.write(`\r\u001b[2K\u001b[31mred\u001b[39m ${HOSTILE}\n`);
  expect(text()).toBe(`\r\u001b[2K\u001b[31mred\u001b[39m ${printable(HOSTILE)}\n`);
  editingTerminal(stream).write('\u001b[1G\u001b[0J> ');
  expect(text().endsWith('\n\u001b[1G\u001b[0J> ')).toBe(true);
});

test('rows and errors are shown without what they would do to the terminal, colours too', () => {
  const { stream, text } = terminal();
  const reporter = terminalReporter(stream);
  reporter.stage('data', HOSTILE);
  reporter.note(`${HOSTILE} \u001b[8mhidden`);
  reporter.progress(HOSTILE);
  reporter.done(HOSTILE);
  const shown = text().replaceAll('\r\u001b[2K', '');
  for (const raw of ['\u001b[2J', '\u001b]0', '\u001b[8m', '\u0007', '\u009b', '\r'])
    expect([raw, shown.includes(raw)]).toEqual([raw, false]);
  const said: string[] = [];
  const plain = process.stderr.write;
  process.stderr.write = ((part: string) => said.push(part) > 0) as typeof process.stderr.write;
  showError(new Error(HOSTILE), false);
  process.stderr.write = plain;
  process.exitCode = 0;
  expect(said.join('')).toContain(printable(HOSTILE));
});
