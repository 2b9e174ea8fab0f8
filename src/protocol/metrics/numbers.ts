/** Numbers as people write them. */

/** Groups of three digits, all by one separator. */
const GROUPED = /^[-+]?\d{1,3}(?:([.,'’ ])\d{3})(?:\1\d{3})*$/;

/**
 * The number that a text is, or null. With both a point and a comma the last one is the decimal sign. A comma alone before three digits
 * separates thousands, as in `1,000`; a point alone is a decimal point, as in `1.000`, unless it is there twice.
 */
export function parseNumber(text: string): number | null {
  const plain = text.normalize('NFKC').trim().replaceAll('−', '-');
  const [point, comma] = [plain.lastIndexOf('.'), plain.lastIndexOf(',')];
  const written = /^([-+]?)(\d[\d.,'’ ]*)(e[-+]?\d+)?$/i.exec(plain);
  if (!written) return null;
  const [, sign = '', digits = '', exponent = ''] = written;
  const grouped = GROUPED.exec(digits);
  if (grouped && !(grouped[1] === '.' && plain.indexOf('.') === point)) return finite(sign + digits.replace(/\D/g, '') + exponent);
  const decimal = point > comma ? '.' : ',';
  const [whole = '', ...fractions] = digits.split(decimal);
  const fraction = fractions.join('');
  if (fractions.length > 1 || /\D/.test(fraction) || !(/^\d*$/.test(whole) || GROUPED.test(whole))) return null;
  return finite(`${sign}${whole.replace(/\D/g, '')}.${fraction}0${exponent}`);
}

const NUMBER = /(?<![\p{L}\p{N}.,])[-+−]?\p{N}+(?:[.,'’\u00a0\u202f ]\p{N}{3}(?!\p{N}))*(?:[.,]\p{N}+)?(?:e[-+]?\p{N}+)?(?!\p{N})/giu;

/** The last number of a text, or null: models reason first and answer last, as in GSM8K (arXiv 2110.14168). */
export function lastNumber(text: string): number | null {
  const last = text.normalize('NFKC').match(NUMBER)?.at(-1);
  return last === undefined ? null : parseNumber(last);
}

function finite(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
