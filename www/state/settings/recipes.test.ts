import { describe, expect, it } from 'vitest';
import type { Settings } from '../../worker/protocol';
import { dataFor, pretrainedToCome, recipeFor, recipeOf, withItsRules } from './recipes';

const settings = (given: Partial<Settings>): Settings =>
  ({ recipe: 'recurrent', window: 11, rules: [], layers: [3072, 3072], ...given }) as Settings;
const calm = { sign: 'minimise' } as const;

describe('recipes', () => {
  it('are told by windows and signs', () => {
    expect(recipeOf(settings({}))).toBe('local-max');
    expect(recipeOf(settings({ rules: [{}, calm] }))).toBe('local-min');
    expect(recipeOf(settings({ recipe: 'backprop' }))).toBe('local-backprop');
    expect(recipeOf(settings({ window: 0 }))).toBe('recurrent');
    // As an older page kept it.
    expect(recipeOf(settings({ window: undefined as unknown as number }))).toBe('recurrent');
  });

  it('have data that they see, and data a recipe', () => {
    expect(dataFor('local-max', 'mnist')).toBe('objects');
    expect(dataFor('supervised', 'objects')).toBe('strokes');
    expect(dataFor('unsupervised', 'mnist')).toBe('mnist');
    expect(recipeFor('objects', 'backprop')).toBe('local-min');
    expect(recipeFor('objects', 'local-min')).toBe('local-min');
    expect(recipeFor('mnist', 'local-min')).toBe('supervised');
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

  it('give new layers the rule that all have', () => {
    const three = [3072, 3072, 3072];
    expect(withItsRules(settings({ rules: [calm, calm], layers: three })).rules).toEqual([calm, calm, calm]);
    expect(withItsRules(settings({ rules: [calm, {}], layers: three })).rules).toEqual([calm, {}]);
  });
});
