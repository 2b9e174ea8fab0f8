/** Colour and weight on a terminal; plain text in a file, a pipe, or where NO_COLOR is set. */
import { styleText } from 'node:util';

export function style(format: Parameters<typeof styleText>[0], text: string): string {
  const isWanted = process.stdout.isTTY === true && !process.env.NO_COLOR;
  return isWanted ? styleText(format, text) : text;
}
