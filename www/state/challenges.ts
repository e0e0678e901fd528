/** Which two runs can be set against each other, and what each has to remember. Both have shape, seed, data and schedule in common. */
import type { Settings } from '../worker/protocol';
import type { Recommended } from './settings';
import type { Contestant } from './race.svelte';

export type Challenge = 'backprop' | 'negatives' | 'box' | 'jitter' | 'waiting';

export const CHALLENGES: readonly { value: Challenge; name: string; watch: string }[] = [
  {
    value: 'backprop',
    name: 'Forward-Forward or backpropagation',
    watch:
      'Backpropagation goes down faster on the same pictures. It pays with memory: every layer’s activities are kept until an error has come back.',
  },
  {
    value: 'negatives',
    name: 'hard or random negatives',
    watch:
      'Random wrong labels are soon too easy to say much. Those the head itself finds likely keep teaching: look at how many images each needs to the same error.',
  },
  {
    value: 'box',
    name: 'a box nobody can differentiate',
    watch:
      'Behind the first layer stands a box without a derivative. Forward-Forward learns on both sides of it; the baseline’s error cannot come back through, so its first layer stays random.',
  },
  {
    value: 'jitter',
    name: 'jittered or steady pictures',
    watch:
      'Pictures that move by up to two pixels are harder, so that curve is behind for most of the way, and gains in the cool-down of the second half.',
  },
  {
    value: 'waiting',
    name: 'layers that wait or do not',
    watch:
      'The order of work is another and the numbers are not: both curves lie on each other. On one machine both take the same time; with a machine a layer the second needs a fraction.',
  },
];

/** The two runs of a challenge. `base` is the run under way, whose shape, batch, seed and layers' rules they take. */
export function contestants(
  challenge: Challenge,
  base: Settings,
  recommended: Recommended,
  epochs: number,
): [Contestant, Contestant] {
  const common = { layers: base.layers, batch: base.batch, seed: base.seed, epochs };
  const own = base.recipe === 'supervised' ? base : recommended.supervised;
  const forward: Settings = { ...own, ...common, pipelined: false };
  const backward: Settings = { ...recommended.backprop, ...common };
  const random: Settings = { ...forward, negatives: 'random' };
  const box = { obstacle: base.obstacle === 'none' ? ('median' as const) : base.obstacle, obstacle_after: 1 };
  const [open, shut] = [{ obstacle: 'none' as const }, box];
  switch (challenge) {
    case 'backprop':
      return [
        { name: 'Forward-Forward', settings: { ...forward, ...open } },
        { name: 'backpropagation', settings: { ...backward, ...open } },
      ];
    case 'negatives':
      return [
        { name: 'hard negatives', settings: { ...forward, negatives: 'softmax' } },
        { name: 'random negatives', settings: random },
      ];
    case 'box':
      return [
        { name: 'Forward-Forward', settings: { ...forward, ...shut } },
        { name: 'backpropagation', settings: { ...backward, ...shut } },
      ];
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
 * Bytes of activities that a batch leaves in memory until an error comes back for them: for backpropagation the pictures and
 * every layer's activities, one row a picture. Forward-Forward keeps none: a layer has learned before the next one begins.
 */
export const keptForBackward = ({ recipe, batch, layers }: Settings): number =>
  recipe === 'backprop' ? NUMBER * batch * layers.reduce((sum, units) => sum + units, PIXELS) : 0;
