import { describe, expect, it } from 'vitest';
import { Pace } from './pace';

describe('pace', () => {
  it('knows nothing before the first slice', () => {
    const pace = new Pace();
    expect(pace.samplesPerSecond).toBe(0);
    expect(pace.timeFor(100, 0)).toBeNaN();
  });

  it('follows the last two seconds of training, and the clock on the wall for the time left', () => {
    const pace = new Pace();
    for (let i = 1; i <= 100; i++) pace.add(100, 100, i * 200);
    expect(pace.samplesPerSecond).toBeCloseTo(1000, 6);
    // 10,000 samples took 20 s by the wall, less the wait before the first slice.
    expect(pace.timeFor(10_000, 20_000)).toBeCloseTo(19_900, 6);
    for (let i = 1; i <= 30; i++) pace.add(50, 100, 20_000 + i * 100);
    expect(pace.samplesPerSecond).toBeCloseTo(500, 6);
  });

  it('does not count a rest', () => {
    const pace = new Pace();
    pace.add(100, 100, 100);
    pace.rest();
    pace.add(100, 100, 1_000_000);
    expect(pace.timeFor(100, 1_000_000)).toBeCloseTo(100, 6);
  });
});
