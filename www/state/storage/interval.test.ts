import { afterEach, expect, it, vi } from 'vitest';
import { Interval } from './interval';

afterEach(() => void vi.restoreAllMocks());

it('is due at first, then after its span, and at once when the clock jumps back', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
  const every = new Interval();
  expect(every.due).toBe(true);
  every.again(100);
  expect(every.due).toBe(false);
  clock.mockReturnValue(1_000_100);
  expect(every.due).toBe(true);
  every.again(100);
  clock.mockReturnValue(5);
  expect(every.due).toBe(true);
});
