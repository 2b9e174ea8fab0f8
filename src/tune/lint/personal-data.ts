/** What in a text may be a person's: looked for by form, so that it is a warning and never a verdict. */

export type PersonalData = 'card number' | 'phone number' | 'email address';

const CARD = /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/g;
const PHONE = /(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{2,4}[ .-])\d{3,4}[ .-]?\d{3,4}(?![\w.])/;
const INTERNATIONAL_PHONE = /(?<![\w.])\+\d{1,3}(?:[ .-]?\d{2,4}){2,4}(?![\w.])/;
/** As long as RFC 5321 allows a mailbox's name and a host's part to be: without these bounds a long word takes minutes. */
const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[a-z]{2,24}/i;

export function personalDataIn(text: string): PersonalData[] {
  const found: PersonalData[] = [];
  // A digit is looked for first: most texts have none, and the patterns are slow on long ones.
  if (/\d/.test(text)) {
    if ((text.match(CARD) ?? []).some(isCardNumber)) found.push('card number');
    const rest = text.replace(CARD, '');
    if (INTERNATIONAL_PHONE.test(rest) || PHONE.test(rest)) found.push('phone number');
  }
  if (text.includes('@') && EMAIL.test(text)) found.push('email address');
  return found;
}

/** The check digit of ISO/IEC 7812-1, annex B (Luhn). */
function isCardNumber(text: string): boolean {
  const digits = [...text.replace(/\D/g, '')].reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => total + (index % 2 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit), 0);
  return sum > 0 && sum % 10 === 0;
}
