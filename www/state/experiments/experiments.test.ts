import { describe, expect, it } from 'vitest';
import type { LayerReport, Settings } from '../../worker/protocol';
import { behind, nextPoint } from '../../worker/race';
import { type Box, CHALLENGES, type Challenge, contestants, keptForBackward } from './challenges';
import { schedule } from './schedule';
import { EpochTotals, aboveThreshold } from '../run/epochTotals';

const supervised = {
  recipe: 'supervised',
  layers: [300, 200],
  batch: 50,
  epochs: 10,
  seed: 9,
  negatives: 'softmax',
  obstacle: 'none',
  obstacle_after: 1,
  pipelined: false,
  jitter: 0,
  rules: [],
} as unknown as Settings;
const pairOf = (challenge: Challenge, base: Settings = supervised, box: Box = 'median'): Settings[] =>
  contestants({ challenge, epochs: 3, box }, base).map(({ settings }) => settings);

describe('a challenge', () => {
  it('has shape, batch, seed and schedule in common, and differs in what it is about', () => {
    for (const { value } of CHALLENGES) {
      const pair = pairOf(value);
      const shape = value === 'box' ? { layers: [300, 60, 300], batch: 100 } : { layers: [300, 200], batch: 50 };
      for (const { layers, batch, seed, epochs } of pair)
        expect({ layers, batch, seed, epochs }, value).toEqual({ ...shape, seed: 9, epochs: 3 });
      expect(pair[0], value).not.toEqual(pair[1]);
    }
  });

  it('gives both sides of it the same pictures, unless it is about them', () => {
    for (const { value } of CHALLENGES.filter((one) => one.value !== 'jitter'))
      expect(pairOf(value, { ...supervised, jitter: 2 }).map(({ jitter }) => jitter)).toEqual(
        value === 'box' ? [1, 1] : [2, 2],
      );
  });

  it('puts the chosen box into both, and reads only the layer above it, whatever the run under way has', () => {
    const odd: Settings = { ...supervised, layers: [40], obstacle: 'median', rules: [{ blocks: 5 }] };
    for (const { obstacle, obstacle_after, reads_from, rules } of pairOf('box', odd, 'sine'))
      expect({ obstacle, obstacle_after, reads_from, rules }).toEqual({
        ...{ obstacle: 'sine', obstacle_after: 2, reads_from: 3, rules: [] },
      });
  });

  it('can last for three epochs, which another challenge falls back to', () => {
    for (const { epochs } of CHALLENGES) expect(epochs).toContain(3);
  });

  it('falls back to the supervised recipe where the run under way is another', () => {
    expect(pairOf('negatives', { ...supervised, recipe: 'recurrent' })[0]?.recipe).toBe('supervised');
  });

  it('knows what must be kept', () => {
    expect(keptForBackward(supervised)).toBe(0);
    const backward: Settings = { ...supervised, recipe: 'backprop' };
    // Fifty pictures of 784 pixels and their 300 and 200 activities, four bytes each.
    expect(keptForBackward(backward)).toBe(4 * 50 * (784 + 300 + 200));
    // No error passes the box: what is below it need not be kept.
    expect(keptForBackward({ ...backward, obstacle: 'sine', obstacle_after: 1 })).toBe(4 * 50 * (300 + 200));
  });
});

describe('a race', () => {
  it('is measured soon, then more and more rarely, and at its end', () => {
    const points = [10];
    while (points.at(-1)! < 400) points.push(nextPoint(points.at(-1)!, 400));
    expect(points.slice(0, 3)).toEqual([10, 20, 30]);
    expect(points.at(-1)).toBe(400);
    expect(points.length).toBeLessThan(40);
  });

  it('goes on with whoever is behind', () => {
    expect(behind([3, 2])).toBe(1);
    expect(behind([2, 2])).toBe(0);
  });
});

describe('a schedule', () => {
  it('has one layer at work where they wait, each with the batch the one below had before', () => {
    const rows = schedule(3, 20, true);
    const columns = rows[0]!.map((_, moment) => rows.map((row) => row[moment]));
    expect(columns.every((column) => column.filter((cell) => cell !== undefined).length === 1)).toBe(true);
    // Up through the layers, the lowest row of the picture, and on with the next batch.
    expect(columns.slice(-3)).toEqual([
      [undefined, undefined, 20],
      [undefined, 20, undefined],
      [20, undefined, undefined],
    ]);
  });

  it('has all of them at work where they do not wait', () => {
    const rows = schedule(3, 20, false);
    expect(rows.map((row) => row.at(-1))).toEqual([18, 19, 20]);
    expect(rows.flat().every((cell) => cell !== undefined)).toBe(true);
  });
});

const report = (separated: number, histogram: number[]): LayerReport =>
  ({ separated, negative_histogram: histogram }) as unknown as LayerReport;

describe('what each side wins', () => {
  it('is counted from the threshold on', () => {
    expect(aboveThreshold([1, 1, 1, 1])).toBe(0.5);
    expect(aboveThreshold([3, 0, 0, 1])).toBe(0.25);
    expect(aboveThreshold([0, 0])).toBeNaN();
  });

  it('is the mean over an epoch, weighed by pictures', () => {
    const wins = new EpochTotals();
    wins.add({ epoch: 0.2, samples: 100, layers: [report(0.5, [0, 4])] });
    wins.add({ epoch: 1, samples: 300, layers: [report(0.9, [4, 0])] });
    wins.add({ epoch: 1.1, samples: 50, layers: [report(1, [1, 3])] });
    wins.add({ epoch: 1.2, samples: 50, layers: [] });
    expect(wins.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(wins.epochs[0]?.above[0]).toBeCloseTo(0.25);
    expect(wins.epochs[0]?.apart[0]).toBeCloseTo(0.8);
    expect(wins.epochs[1]).toEqual({ epoch: 2, above: [0.75], apart: [1] });
  });

  it('leaves a row that is on show as it is, and puts a new one in its place', () => {
    const wins = new EpochTotals();
    wins.add({ epoch: 0.2, samples: 100, layers: [report(0.5, [0, 4])] });
    const shown = wins.epochs[0];
    wins.add({ epoch: 0.4, samples: 100, layers: [report(1, [4, 0])] });
    expect(shown).toEqual({ epoch: 1, above: [1], apart: [0.5] });
    expect(wins.epochs).toEqual([{ epoch: 1, above: [0.5], apart: [0.75] }]);
  });
});
