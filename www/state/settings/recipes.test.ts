import { describe, expect, it } from 'vitest';
import type { Settings } from '../../worker/protocol';
import { pretrainedToCome } from './coming';
import { dataFor, named, recipeFor } from './recipes';
import { recipeNamed } from './tables';

const settings = (given: Partial<Settings>): Settings =>
  ({ recipe: 'recurrent', window: 11, rules: [], layers: [3072, 3072], ...given }) as Settings;
const calm = { sign: 'minimise' } as const;

describe('recipes', () => {
  it('are named by windows and signs where an older page kept them', () => {
    expect(named(settings({})).recipe).toBe('local-max');
    expect(named(settings({ rules: [{}, calm] }))).toMatchObject({ recipe: 'local-min', rules: [{}, calm] });
    expect(named(settings({ rules: [calm, calm] }))).toMatchObject({ recipe: 'local-min', rules: [] });
    expect(named(settings({ recipe: 'backprop' })).recipe).toBe('local-backprop');
    expect(named(settings({ window: 0 })).recipe).toBe('recurrent');
    expect(named(settings({ window: undefined as unknown as number })).recipe).toBe('recurrent');
  });

  it('have data that they see, and data a recipe', () => {
    const minimise = recipeNamed('local-min');
    expect(dataFor(recipeNamed('local-max'), 'mnist')).toBe('objects');
    expect(dataFor(recipeNamed('supervised'), 'objects')).toBe('strokes');
    expect(dataFor(recipeNamed('unsupervised'), 'mnist')).toBe('mnist');
    expect(recipeFor('objects', recipeNamed('backprop'))).toBe(minimise);
    expect(recipeFor('objects', minimise)).toBe(minimise);
    expect(recipeFor('mnist', minimise)).toBe(recipeNamed('supervised'));
  });

  it('tell from the address which weights will be wanted', () => {
    const digits = ['', '?data=mnist', '?layers=30'];
    expect(digits.map(pretrainedToCome)).toEqual(digits.map(() => 'digits'));
    const objects = [
      '?data=objects',
      '?recipe=local-min',
      '?seed=1&amp;recipe=local-min;data=objects',
      '?Data=Objects.',
    ];
    expect(objects.map(pretrainedToCome)).toEqual(objects.map(() => 'objects'));
    const none = [
      '?weights=random',
      '?recipe=local-max',
      '?recipe=local-min&data=cifar10',
      '?recipe=local-min&weights=random',
    ];
    expect(none.map(pretrainedToCome)).toEqual(none.map(() => undefined));
  });
});
