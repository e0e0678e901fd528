import { describe, expect, it } from 'vitest';
import type { Kept } from '../storage/savedRun';
import { Visits } from './runsByEntry';

const run = (bytes: number): Kept => ({ bytes: { length: bytes } }) as Kept;

describe('runs that were left', () => {
  it('are there as long as a browser would go back to them', () => {
    const visits = new Visits();
    for (let i = 0; i < 60; i++) visits.leave(String(i), run(1));
    expect(visits.at('9')).toBeUndefined();
    expect(visits.at('10')).toBeDefined();
    expect(visits.at('59')).toBeDefined();
  });

  it('make room for weights, the oldest first, and one that is left again is the newest', () => {
    const visits = new Visits();
    for (const entry of ['a', 'b', 'a', 'c']) visits.leave(entry, run(50_000_000));
    expect([...'abc'].map((entry) => visits.at(entry) !== undefined)).toEqual([true, false, true]);
  });
});
