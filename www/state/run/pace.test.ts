import { describe, expect, it } from 'vitest';
import { Pace } from './pace';

describe('pace', () => {
  it('knows nothing before the first slice', () => {
    const pace = new Pace();
    expect(pace.samplesPerSecond).toBe(0);
    expect(pace.timeFor(100)).toBeNaN();
  });

  it('follows the last two seconds of training, and the clock on the wall for the time left', () => {
    const pace = new Pace();
    for (let i = 1; i <= 100; i++) pace.add(100, 100, i * 200);
    expect(pace.samplesPerSecond).toBeCloseTo(1000, 6);
    // 10,000 samples took 20 s by the wall, less the wait before the first slice.
    expect(pace.timeFor(10_000)).toBeCloseTo(19_900, 6);
    for (let i = 1; i <= 30; i++) pace.add(50, 100, 20_000 + i * 100);
    expect(pace.samplesPerSecond).toBeCloseTo(500, 6);
  });

  it('does not count a rest', () => {
    const pace = new Pace();
    pace.add(100, 100, 100);
    pace.rest();
    pace.add(100, 100, 1_000_000);
    expect(pace.timeFor(100)).toBeCloseTo(100, 6);
  });

  it('is not misled by a computer that sleeps or a clock that is set', () => {
    const pace = new Pace();
    let now = 0;
    const slice = (milliseconds: number): void => pace.add(100, milliseconds, (now += milliseconds));
    for (let i = 0; i < 50; i++) slice(100);
    const before = [pace.samplesPerSecond, pace.timeFor(10_000)];
    // It sleeps for an hour in the middle of a slice, then between two of them, then the clock goes back.
    slice(3_600_000);
    now += 3_600_000;
    slice(100);
    now -= 7_000_000;
    slice(100);
    slice(100);
    expect(pace.samplesPerSecond).toBeCloseTo(before[0]!, 6);
    expect(pace.timeFor(10_000)).toBeCloseTo(before[1]!, 6);
  });

  it('believes a machine on which every slice takes long', () => {
    const pace = new Pace();
    for (let i = 1; i <= 3; i++) pace.add(1000, 40_000, i * 40_000);
    expect(pace.samplesPerSecond).toBeCloseTo(25, 6);
  });
});
