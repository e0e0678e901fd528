import { describe, expect, it } from 'vitest';
import type { SavedRun } from '../storage/savedRun';
import { RunsByEntry } from './runsByEntry';

const run = (bytes: number): SavedRun => ({ bytes: { length: bytes } }) as SavedRun;

describe('runs that were left', () => {
  it('are there as long as a browser would go back to them', () => {
    const visits = new RunsByEntry();
    for (let i = 0; i < 60; i++) visits.leave(String(i), run(1));
    expect(visits.at('9')).toBeUndefined();
    expect(visits.at('10')).toBeDefined();
    expect(visits.at('59')).toBeDefined();
  });

  it('make room for weights, the oldest first, and one that is left again is the newest', () => {
    const visits = new RunsByEntry();
    for (const entry of ['a', 'b', 'a', 'c']) visits.leave(entry, run(50_000_000));
    expect([...'abc'].map((entry) => visits.at(entry) !== undefined)).toEqual([true, false, true]);
  });
});
