import { describe, expect, it } from 'vitest';
import { count, megabytes, percent, share, timeLeft } from './format';

describe('what the page writes', () => {
  it.each([
    [400, '0 s left'],
    [59_400, '59 s left'],
    [59_600, '1 min 0 s left'],
    [200_000, '3 min 20 s left'],
    [599_600, '10 min left'],
    [3_600_000, '60 min left'],
    [7_200_000, '2.0 h left'],
    [260_000_000, '3 days left'],
    [Infinity, ''],
    [NaN, ''],
    [-1, ''],
  ])('%d ms are “%s”', (milliseconds, text) => expect(timeLeft(milliseconds)).toBe(text));

  it('groups thousands and keeps the digits that mean something', () => {
    expect(count(138_600.4)).toBe('138,600');
    expect(share(0.972)).toBe('97.2 %');
    expect(percent(1.884)).toBe('1.88 %');
    expect(megabytes(9_912_422)).toBe('9.9 MB');
  });
});
