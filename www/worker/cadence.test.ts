import { expect, test } from 'vitest';
import { Cadence } from './cadence';

/** Measures a sample of `cadence` at `each` milliseconds a picture, beginning at `now`; the moment it is over. */
function measure(cadence: Cadence, each: number, now: number, images = cadence.sample): number {
  cadence.started();
  cadence.spent(each * images, images);
  cadence.done(now + each * images);
  return now + each * images;
}

test('the second figure of a run comes soon, and then one every second or so', () => {
  const cadence = new Cadence();
  cadence.begin(0);
  const first = measure(cadence, 0.4, 0);
  expect(cadence.isDue(first + 499)).toBe(false);
  expect(cadence.isDue(first + 500)).toBe(true);
  const second = measure(cadence, 0.4, first + 500);
  expect(cadence.isDue(second + 600)).toBe(false);
  expect(cadence.isDue(second + 1_400)).toBe(true);
});

test('a figure stands on as many pictures as a tenth of the time can read, and no fewer than twenty', () => {
  for (const each of [0.01, 0.1, 0.4, 1, 3, 50]) {
    const cadence = new Cadence();
    cadence.begin(0);
    let now = measure(cadence, each, 0);
    const { sample } = cadence;
    expect(sample).toBeGreaterThanOrEqual(20);
    expect(sample).toBeLessThanOrEqual(1_000);
    // The second is over: from here on the cadence is steady.
    now = measure(cadence, each, now);
    const took = each * cadence.sample;
    let due = now;
    while (!cadence.isDue(due)) due += 10;
    expect(took / (due - now + took)).toBeLessThanOrEqual(0.1);
  }
});

test('what a measurement costs is known while it is under way, and begins anew with the next', () => {
  const cadence = new Cadence();
  cadence.begin(0);
  cadence.started();
  cadence.spent(30, 100);
  cadence.spent(20, 160);
  expect(cadence.took).toBe(50);
  cadence.done(60);
  expect(cadence.took).toBe(50);
  cadence.started();
  expect(cadence.took).toBe(0);
});
