/** Pairs of runs that can race each other, and the activities each must keep. Both have shape, seed, data and schedule in common. */
import type { Obstacle, Settings } from '../../worker/protocol';
import { BASELINE, START } from '../settings/recipes';
import { recipeNamed } from '../settings/tables';
import type { By, Contestant } from './race.svelte';

export type Challenge = 'backpropagation' | 'negatives' | 'box' | 'jitter' | 'waiting';
export type Box = Exclude<Obstacle, 'none'>;

/**
 * The net that meets the box. Layers of hundreds of random features would be enough to read digits, trained or not, so a narrow
 * layer stands below the box: what passes it must have been learned there. Only layer 3, above the box, is read.
 */
export const BOXED = { layers: [300, 60, 300], obstacle_after: 2, reads_from: 3 };
const NARROW = BOXED.layers[1] ?? 0;

export interface Described {
  value: Challenge;
  name: string;
  /** What it is about and what to look for. */
  watch: string;
  /** What else both contestants have in common. */
  common: string;
  /** How many epochs it can last. */
  epochs: readonly number[];
  /** The reading that its curves show at first. */
  by: By;
}

const EPOCHS = [1, 2, 3, 5, 10, 20];
const LIKE_ABOVE = 'Both begin from random weights with the shape, batch and seed of the run above.';

export const CHALLENGES: readonly Described[] = [
  {
    value: 'backpropagation',
    name: 'Forward-Forward or backpropagation',
    watch:
      'Backpropagation needs fewer pictures to reach the same error. But it must keep the activities of every layer until an error has come back. Forward-Forward need not: a program could forget them layer by layer. This one keeps them in both runs, to show them to you.',
    common: LIKE_ABOVE,
    epochs: EPOCHS,
    by: 'goodness',
  },
  {
    value: 'negatives',
    name: 'hard or random negatives',
    watch:
      'Most random wrong labels are soon too easy to teach much. Wrong labels that the softmax head finds likely are harder: from 3 epochs on, they end with the lower error.',
    common: LIKE_ABOVE,
    epochs: EPOCHS,
    by: 'goodness',
  },
  {
    value: 'box',
    name: 'a box that no error can pass',
    watch: `Between layers 2 and 3 stands a box that hands back no derivative. Both nets must bring the digit through the ${NARROW} units below it. Forward-Forward trains those units, because each layer learns by itself. Backpropagation cannot: its error stops at the box, and everything below stays random. Its error ends at least twice as high.`,
    common: `This race has its own shape, ${BOXED.layers.join(', ')} units, and the seed of the run above. Both nets are read in one pass, by a softmax on layer 3: it is the only layer above the box, and backpropagation has no goodness to read by.`,
    // A single epoch is too short for layers that wait for the ones below to settle.
    epochs: [2, 3, 5, 10, 20],
    by: 'softmax',
  },
  {
    value: 'jitter',
    name: 'jittered or steady pictures',
    watch:
      'Pictures that move by up to two pixels are harder to learn: in a race this short their curve, by goodness, stays behind to the end. Jitter pays in longer runs on real handwriting, as the panel Jitter says.',
    common: LIKE_ABOVE,
    epochs: [1, 2, 3, 5, 10],
    by: 'goodness',
  },
  {
    value: 'waiting',
    name: 'layers that wait or do not',
    watch:
      'Only the order of computation differs. The results are identical, so the curves coincide. On one machine the time is about the same, too; with one machine for each layer, the layers that do not wait would need less.',
    common: LIKE_ABOVE,
    epochs: EPOCHS,
    by: 'goodness',
  },
];

/** What a person chooses about a race; `box` matters to the race around a box only. */
export interface RaceChoice {
  challenge: Challenge;
  epochs: number;
  box: Box;
}

/** The two runs of a race. `base` is the run under way, whose seed they take, and but for the box its shape, batch and rules. */
export function contestants({ challenge, epochs, box }: RaceChoice, base: Settings): [Contestant, Contestant] {
  const { seed } = base;
  const own = base.recipe === START.name ? base : START.recommended;
  const common = { layers: base.layers, batch: base.batch, seed, epochs };
  const forward: Settings = { ...own, ...common, pipelined: false };
  const random: Settings = { ...forward, negatives: 'random' };
  /** The baseline learns from the same pictures, shifted as far. */
  const backward = ({ jitter }: Settings): Settings => ({ ...BASELINE.recommended, ...common, jitter });
  switch (challenge) {
    case 'backpropagation':
      return [
        { name: 'Forward-Forward', settings: { ...forward, obstacle: 'none' } },
        { name: 'backpropagation', settings: backward(forward) },
      ];
    case 'negatives':
      return [
        { name: 'hard negatives', settings: { ...forward, negatives: 'softmax' } },
        { name: 'random negatives', settings: random },
      ];
    case 'box': {
      const { recommended } = START;
      const boxed = { ...BOXED, batch: recommended.batch, obstacle: box };
      return [
        { name: 'Forward-Forward', settings: { ...recommended, ...boxed, seed, epochs } },
        { name: 'backpropagation', settings: { ...backward(recommended), ...boxed } },
      ];
    }
    case 'jitter':
      return [
        { name: 'jitter ±2', settings: { ...forward, jitter: 2 } },
        { name: 'steady', settings: { ...forward, jitter: 0 } },
      ];
    case 'waiting':
      return [
        { name: 'wait', settings: random },
        { name: 'do not wait', settings: { ...random, pipelined: true } },
      ];
  }
}

/** Bytes of a number on either engine. */
const NUMBER = 4;
const PIXELS = 784;

/**
 * Bytes of activities that a batch must leave in memory until an error comes back for them, one row a picture. For
 * backpropagation: the pictures and every layer's activities, from the lowest layer that an error reaches. For Forward-Forward
 * none: a layer has learned before the next one begins.
 */
export function keptForBackward({ recipe, batch, layers, obstacle, obstacle_after }: Settings): number {
  if (recipeNamed(recipe).goodness) return 0;
  const lowest = obstacle === 'none' ? 0 : obstacle_after;
  const kept = [PIXELS, ...layers].slice(lowest);
  return NUMBER * batch * kept.reduce((sum, units) => sum + units, 0);
}
