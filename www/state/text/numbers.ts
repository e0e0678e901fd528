/**
 * Numbers as people type them: with a comma or a point, with spaces around, with the minus sign of a word processor, in the digits
 * of their script. The form and the address read them alike.
 */

/** From where to where a number may go, and whether it must be whole. */
export interface Range {
  from: number;
  to: number;
  whole: boolean;
}

/** For messages. Without separators of thousands: in half the world 1,000 is one. */
export const plain = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: 4, useGrouping: false });

/** Text in ASCII as far as it is digits and their signs, so that full-width, Arabic or Indian digits are read, too. */
export const asciiDigits = (text: string): string =>
  text
    // NFKC makes an ellipsis three points, and full-width letters plain ones.
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Nd}/gu, (digit) => String(digitValue(digit)))
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u066b\u060c\u3001]/g, ',')
    .replace(/[\u2019\u066c]/g, "'")
    .trim();

/** Ten digits of a script follow one another, from its zero. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return value;
}

/** Whole numbers with separated thousands, and what separates them. */
const GROUPED = /^[+-]?[1-9]\d{0,2}(?:([,.' \u00a0\u202f])\d{3})(?:\1\d{3})*/;
/** A sign, digits with or without a point, and a power of ten, as in 5e-2 or 5·10^-2. */
const PLAIN = /^([+-]?(?:\d+\.?\d*|\.\d+))\s*(?:(?:e|[×·*]\s*10\s*\^?\s*)([+-]?\d{1,3}))?$/i;

/** What a text may mean as a number: nothing, one thing, or, as with 1,000, two. */
export function readings(text: string): number[] {
  const ascii = asciiDigits(text);
  const separator = GROUPED.exec(ascii)?.[1];
  const together = separator && ascii.replace(GROUPED, (digits) => digits.replaceAll(separator, ''));
  const found = [ascii, together].map((each) => {
    const [, digits, power = '0'] = PLAIN.exec(each?.replace(',', '.') ?? '') ?? [];
    // In one piece, which is rounded once.
    return digits === undefined ? NaN : Number(`${digits}e${power}`);
  });
  return [...new Set(found)].filter(Number.isFinite);
}

/** The number that a text stands for, or what is wrong with it as a sentence without its end. `name` is what is asked for. */
export function readNumber(text: string, name: string, range: Range): { value: number } | { wrong: string } {
  const { from, to, whole } = range;
  const kind = whole ? 'whole number' : 'number';
  const span = `${name} must be a ${kind} from ${plain(from)} to ${plain(to)}`;
  if (text.trim() === '') return { wrong: `nothing is given, and ${span}` };
  const meant = readings(text);
  const fits = meant.filter((value) => value >= from && value <= to && (!whole || Number.isInteger(value)));
  const [value, other] = fits;
  if (value !== undefined && other !== undefined)
    return { wrong: `that can be ${plain(value)} or ${plain(other)}: write ${name} without a separator of thousands` };
  if (value !== undefined) return { value };
  const [read] = meant;
  if (read === undefined) return { wrong: `that is no number, and ${span}` };
  if (read < from || read > to) return { wrong: `${read} is too ${read < from ? 'small' : 'large'}: ${span}` };
  return { wrong: `${read} is not whole: ${span}` };
}
