/** Whether class names are words. Digits and letters are short enough to stand anywhere. */
export const areWords = (names: readonly string[]): boolean => names.some((name) => [...name].length > 1);

/** Whether the classes are the ten digits. */
export const areDigits = (names: readonly string[]): boolean =>
  names.length === 10 && names.every((name, label) => name === String(label));

/** A class in a sentence: "a 7", or its name as it is if names are words. */
export const inSentence = (names: readonly string[], label: number): string =>
  areWords(names) ? (names[label] ?? '') : `a ${names[label] ?? ''}`;

/** The first letter in upper case. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
