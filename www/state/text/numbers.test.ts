import { describe, expect, it } from 'vitest';
import { readNumber, readings } from './numbers';

const fraction = { from: 0.0001, to: 1, whole: false };
const count = { from: 0, to: 2 ** 32 - 1, whole: true };

describe('a number', () => {
  it.each([
    ...['0.05', '0,05', '.05', ',05', ' 0.05 ', '\u00a00,05\u202f', '5e-2', '5E-2', '5,0e-2', '0.5e−1', '+0,05'],
    ...['0.050', '00,05', '5·10^-2', '5 × 10⁻²', '0．05', '０，０５', '٠٫٠٥', '۰٫۰۵', '०.०५', '\u200e0,05\u200f'],
  ])('may be typed as %j', (text) => {
    expect(readNumber(text, 'rate', fraction)).toEqual({ value: 0.05 });
  });

  it.each([
    ['7', 7],
    ['7,0', 7],
    ['7.', 7],
    ['1e3', 1000],
    ['12 345', 12345],
    ['12\u202f345\u202f678', 12345678],
    ["12'345", 12345],
    ['12’345', 12345],
    ['12,345', 12345],
    ['1,234,567', 1234567],
    ['1.234.567', 1234567],
    ['４２', 42],
    ['٤٢', 42],
    ['-0', 0],
  ])('that counts may be typed as %j', (text, value) => {
    expect(readNumber(text, 'seed', count)).toEqual({ value });
  });

  it('may be grouped and have a fraction, in the order of either', () => {
    expect(readings('1,234.5')).toEqual([1234.5]);
    expect(readings('1.234,5')).toEqual([1234.5]);
    expect(readings('-1 234,5')).toEqual([-1234.5]);
  });

  it('that can be two is the one in range, and asked about where both are', () => {
    expect(readNumber('20,000', 'temperature', { from: 0.1, to: 1000, whole: false })).toEqual({ value: 20 });
    expect(readNumber('1,000', 'batch', { from: 1, to: 1000, whole: true })).toEqual({
      wrong: 'that can be 1 or 1000: write batch without a separator of thousands',
    });
    expect(readNumber('0,125', 'rate', fraction)).toEqual({ value: 0.125 });
  });

  it.each([
    ['', 'nothing is given, and rate must be a number from 0.0001 to 1'],
    [' \u00a0', 'nothing is given, and rate must be a number from 0.0001 to 1'],
    ['abc', 'that is no number, and rate must be a number from 0.0001 to 1'],
    ['0,0,5', 'that is no number, and rate must be a number from 0.0001 to 1'],
    ['0x1', 'that is no number, and rate must be a number from 0.0001 to 1'],
    ['Infinity', 'that is no number, and rate must be a number from 0.0001 to 1'],
    ['0,5…', 'that is no number, and rate must be a number from 0.0001 to 1'],
    ['5', '5 is too large: rate must be a number from 0.0001 to 1'],
    ['0,00001', '0.00001 is too small: rate must be a number from 0.0001 to 1'],
    ['−0,05', '-0.05 is too small: rate must be a number from 0.0001 to 1'],
  ])('that is refused is refused for what is wrong with it: %j', (text, wrong) => {
    expect(readNumber(text, 'rate', fraction)).toEqual({ wrong });
  });

  it('that has to be whole is said to', () => {
    expect(readNumber('1,5', 'seed', count)).toEqual({
      wrong: '1.5 is not whole: seed must be a whole number from 0 to 4294967295',
    });
  });

  it('is the one that JavaScript wrote, to the last digit', () => {
    for (const value of [0.02, 1 / 3, 5e-324, 1.7e308, 123456789.125, 4294967295, 1e-7])
      expect(readings(String(value))).toContain(value);
  });
});
