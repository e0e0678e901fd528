import { describe, expect, it } from 'vitest';
import type { LayerRule, Settings } from '../../worker/protocol';
import { START } from './recipes';
import {
  type Choices,
  pretrainedFor,
  readChoices,
  readLayers,
  ruleOf,
  thresholdOf,
  writeChoices,
  writeLink,
  writeRules,
} from './settings';
import { SETTINGS, recipeNamed, wordsOf } from './tables';

const defaults = START.recommended;
const words = <K extends keyof Settings>(name: K): Settings[K][] =>
  wordsOf(name).map(({ word }) => word as Settings[K]);

/** A small seeded generator, so that a failing case comes back. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32;
}

const valid = ({ data, settings, weights }: Choices): boolean =>
  settings.layers.length >= 1 &&
  settings.layers.length <= 8 &&
  settings.layers.every((units) => Number.isInteger(units) && units >= 10 && units <= 3072) &&
  SETTINGS.every((setting) => {
    const { name, takes } = setting;
    const value = settings[name as keyof Settings] as number;
    return takes.kind !== 'number' || (value >= takes.from && value <= takes.to);
  }) &&
  recipeNamed(settings.recipe).choices.includes(settings.negatives) &&
  (weights === 'random' || pretrainedFor(settings, data) !== undefined);

describe('the settings in the address', () => {
  it('are the defaults when the address says nothing', () => {
    expect(readChoices('')).toEqual({
      choices: { data: 'strokes', engine: 'auto', weights: 'pretrained', settings: defaults },
      complaints: [],
      rules: undefined,
    });
  });

  it('are read', () => {
    const query = '?data=mnist&layers=30,20&engine=cpu&seed=7&batch=50&epochs=2&rate=1e-2&negatives=random&jitter=2';
    const { choices, complaints } = readChoices(query);
    expect(complaints).toEqual([]);
    expect(choices).toMatchObject({ data: 'mnist', engine: 'cpu', weights: 'random' });
    expect(choices.settings).toMatchObject({ layers: [30, 20], seed: 7, batch: 50, epochs: 2, rate: 0.01, jitter: 2 });
    expect(choices.settings.negatives).toBe('random');
  });

  it('begin from the weights that come with the page, where those fit recipe and data', () => {
    const weights = (query: string) => {
      const { choices, complaints } = readChoices(query);
      expect(complaints).toEqual([]);
      expect(readChoices(`?${writeChoices(choices)}`).choices).toEqual(choices);
      return choices.weights;
    };
    const fit = ['', '?data=mnist', '?data=objects', '?recipe=local-min', '?recipe=local-min&rate=0.001'];
    expect(fit.map(weights)).toEqual(fit.map(() => 'pretrained'));
    const others = [
      '?recipe=recurrent',
      '?recipe=local-max',
      '?recipe=local-min&seed=3',
      '?data=cifar10',
      '?window=3&data=objects',
    ];
    expect(others.map(weights)).toEqual(others.map(() => 'random'));
    const asked = readChoices('?recipe=local-min&data=cifar10&weights=pretrained');
    expect(asked.choices.weights).toBe('random');
    expect(asked.complaints.join()).toMatch(/for objects, recipe=local-min/);
  });

  it('survive being written and read again', () => {
    const random = generator(1);
    const pick = <T>(options: readonly T[]): T => options[Math.floor(random() * options.length)] as T;
    const between = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
    for (let round = 0; round < 300; round++) {
      const layers = pick([[500, 500, 500], Array.from({ length: between(1, 8) }, () => between(10, 3072))]);
      const choices: Choices = {
        data: pick(['strokes', 'mnist']),
        engine: pick(['auto', 'webgpu', 'webgpu-f16', 'cpu']),
        weights: 'random',
        settings: {
          ...defaults,
          layers,
          batch: pick([100, between(1, 1000)]),
          epochs: between(1, 1000),
          seed: pick([1, between(0, 2 ** 32 - 1)]),
          rate: between(1, 1000) / 1000,
          temperature: between(1, 1000) / 10 + 0.1,
          jitter: between(0, 4),
          threshold: pick([1, between(1, 400) / 4]),
          momentum: between(0, 999) / 1000,
          weight_cost: pick([0, 0.001]),
          peer: pick([0, 0.03, between(0, 10)]),
          head_rate: between(0, 100) / 10,
          head_weight_cost: between(0, 10) / 10,
          reads_from: between(0, layers.length),
          head_epochs: between(0, 3),
          blurs: between(0, 20),
          steps: between(5, 20),
          damping: between(0, 95) / 100,
          obstacle_after: between(1, 7),
          obstacle: pick(words('obstacle')),
          previous: pick(words('previous')),
          normalise: pick([true, false]),
          pipelined: pick([true, false]),
          settled: [between(1, 3), between(3, 5)],
          negatives: layers.length === 1 ? 'random' : pick(words('negatives')),
        },
      };
      if (pretrainedFor(choices.settings, choices.data)) choices.weights = pick(['pretrained', 'random']);
      const query = `?${writeChoices(choices)}`;
      expect(readChoices(query)).toEqual({ choices, complaints: [], rules: undefined });
    }
  });

  it('are valid whatever the address says', () => {
    const random = generator(2);
    const names = ['data', 'engine', 'weights', ...SETTINGS.map(({ name }) => name)].filter((name) => name !== 'rules');
    const letters = '0123456789,.-+eE%&= xabNIfinity×ß∞';
    for (let round = 0; round < 400; round++) {
      const query = names.map((name) => {
        const text = Array.from(
          { length: Math.floor(random() * 8) },
          () => letters[Math.floor(random() * letters.length)],
        );
        return `${name}=${text.join('')}`;
      });
      const { choices } = readChoices(`?${query.join('&')}`);
      expect(choices, query.join('&')).toSatisfy(valid);
    }
  });

  it.each([
    ['epochs=0', 'epochs=0', '10 is used'],
    ['batch=1.5', '1.5 is not whole: batch must be a whole number from 1 to 1000', '100 is used'],
    ['seed=-1', 'seed=-1', '1 is used'],
    ['seed=4294967296', '4294967296 is too large: seed must be a whole number from 0 to 4294967295', '1 is used'],
    ['rate=NaN', 'rate=NaN', '0.02 is used'],
    ['rate=', 'nothing is given, and rate must be', '0.02 is used'],
    ['batch=1,000', 'can be 1 or 1000', '100 is used'],
    ['rate=0,05x', 'that is no number', '0.02 is used'],
    ['sead=7', 'sead=7, which this version of the page does not know', 'seed was meant'],
    ['layers=500,5', '5 is out of range: each of layers must have 10 to 3072 units', '500,500,500 is used'],
    ['layers=500,many', 'many is no whole number', '500,500,500 is used'],
    ['layers=', 'nothing is given, and layers must name 1 to 8 layers', '500,500,500 is used'],
    ['data=cifar', 'strokes, mnist, objects', 'strokes is used'],
    ['data=objects&recipe=unsupervised', 'local-max, local-min and local-backprop', 'local-min is used'],
    ['data=mnist&recipe=local-min', 'data=objects', 'supervised is used'],
    ['recipe=local-min&window=0', 'windows of 1 to 31', '11 is used'],
    ['window=5', 'over pictures in colour', '0 is used'],
    ['recipe=alchemy', 'supervised, unsupervised, recurrent, backprop', 'supervised is used'],
    ['recipe=recurrent&layers=50', '2 or 3 hidden layers', '500,500 is used'],
    ['recipe=unsupervised&negatives=softmax', 'only be random', 'random is used'],
    ['engine=abacus', 'auto, webgpu, webgpu-f16, cpu', 'auto is used'],
    ['normalise=perhaps', 'true, false', 'true is used'],
    ['obstacle=wall', 'none, median, sine, table', 'none is used'],
    ['previous=', 'raw, normalised', 'raw is used'],
    ['settled=three', 'as in 3-5', '3-5 is used'],
    ['steps=99', 'from 1 to 20', '8 is used'],
    ['peer=-1', 'from 0 to 10', '0.03 is used'],
    ['weights=pretrained&normalise=false', 'are supervised', 'random is used'],
    ['weights=pretrained&rules=tanh', 'the standard rules', 'random is used'],
    ['weights=pretrained&layers=20', 'are supervised, for layers=500,500,500', 'random is used'],
  ])('that are wrong are named: %s', (query, why, instead) => {
    const { complaints } = readChoices(`?${query}`);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain(why);
    expect(complaints[0]).toContain(instead);
  });

  it('give each recipe its own settings, and lead back to it', () => {
    const { choices, complaints } = readChoices('?recipe=recurrent&seed=5');
    expect(complaints).toEqual([]);
    expect(choices.settings).toEqual({ ...recipeNamed('recurrent').recommended, seed: 5 });
    expect(choices.weights).toBe('random');
    expect(writeChoices(choices)).toBe('recipe=recurrent&seed=5');
  });

  it('have pictures in colour with the recipes that see them, and rules for each of their layers', () => {
    const of = (query: string): Choices => {
      const { choices, complaints } = readChoices(query);
      expect(complaints).toEqual([]);
      expect(readChoices(`?${writeChoices(choices)}`).choices).toEqual(choices);
      return choices;
    };
    expect(of('?data=objects')).toMatchObject({
      data: 'objects',
      weights: 'pretrained',
      settings: { window: 11, recipe: 'local-min', rules: [] },
    });
    const minimise = of('?recipe=local-min&layers=1024,1024,2048&window=7');
    expect(minimise).toMatchObject({ data: 'objects', settings: { window: 7, recipe: 'local-min' } });
    expect([1, 2, 3].map((layer) => ruleOf(minimise.settings, layer).sign)).toEqual(Array(3).fill('minimise'));
    expect(writeChoices(minimise)).toBe('recipe=local-min&data=objects&layers=1024,1024,2048&window=7');
    expect(of('?recipe=local-backprop').settings.recipe).toBe('local-backprop');
  });

  it('quote no more of a long value than a line holds', () => {
    expect(readChoices(`?seed=${'9'.repeat(5000)}`).complaints[0]?.length).toBeLessThan(200);
  });
});

describe('rules of layers', () => {
  it('stand in the address in words the core reads', () => {
    const rules: LayerRule[] = [
      {},
      { sign: 'minimise', blocks: 5, regions: true },
      { activation: 'tanh', goodness: 'sum', threshold: 0.2, temperature: 3 },
      { blocks: 1 },
    ];
    expect(writeRules(rules)).toBe(';minimise blocks=5 regions;tanh sum threshold=0.2 temperature=3');
    const choices = { data: 'strokes', engine: 'auto', weights: 'random', settings: { ...defaults, rules } } as const;
    const query = writeChoices(choices);
    expect(query).toBe('rules=;minimise+blocks=5+regions;tanh+sum+threshold=0.2+temperature=3');
    const asked = readChoices(`?${query}`);
    expect(asked.rules).toBe(writeRules(rules));
    expect(asked.choices.weights).toBe('random');
  });

  it('say what a layer’s threshold is', () => {
    const settings = { ...defaults, threshold: 2, rules: [{}, { threshold: 0.5 }] };
    expect([1, 2, 3].map((layer) => thresholdOf(settings, layer))).toEqual([1000, 250, 1000]);
    expect(ruleOf(settings, 3)).toMatchObject({ activation: 'relu', goodness: 'squares', sign: 'maximise' });
  });
});

describe('a list of layers', () => {
  it('may be typed with commas, spaces or crosses', () => {
    expect(readLayers(' 500, 300 x 100 ')).toEqual({ layers: [500, 300, 100] });
  });
});

describe('a link', () => {
  it('leads to the same choices without a word', () => {
    const { choices } = readChoices('?seed=9&rate=0.1&layers=30,40');
    const { choices: again, complaints } = readChoices(`?${writeLink(choices)}`);
    expect(again).toEqual(choices);
    expect(complaints).toEqual([]);
  });

  it('of another version is said to be one', () => {
    const { complaints } = readChoices('?link=99&seed=9');
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain('another version');
  });

  it('with a setting that may be misspelt says so, and the rest counts', () => {
    const { choices, complaints } = readChoices('?sead=5&seed=9');
    expect(choices.settings.seed).toBe(9);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain('sead=5');
  });

  it('with what others append says nothing', () => {
    const query = '?utm_source=mail&seed=9&fbclid=x&t=1&link=https://example.org&gclid=';
    const { choices, complaints } = readChoices(query);
    expect(choices.settings.seed).toBe(9);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['rate=0,05&momentum=.5&peer=5e-2', { rate: 0.05, momentum: 0.5, peer: 0.05 }],
    ['rate=%C2%A00,05+&temperature=12,5', { rate: 0.05, temperature: 12.5 }],
    ['layers=500,+500,500,20&seed=12+345', { layers: [500, 500, 500, 20], seed: 12345 }],
    ['layers=500;500;500&batch=50.', { layers: [500, 500, 500], batch: 50 }],
    ['layers=500，500、20', { layers: [500, 500, 20] }],
    ['Recipe=Recurrent&settled=2–4&damping=0,5', { recipe: 'recurrent', settled: [2, 4], damping: 0.5 }],
  ])('has numbers as people type them: %s', (query, settings) => {
    const asked = readChoices(`?${query}`);
    expect(asked.complaints).toEqual([]);
    expect(asked.choices.settings).toMatchObject(settings);
  });

  it('has rules whose numbers people typed', () => {
    const { rules } = readChoices('?rules=;minimise+threshold=0,5;Temperature=2,5+sum;threshold=1,000');
    expect(rules).toBe(';minimise threshold=0.5;temperature=2.5 sum;threshold=1,000');
  });
});
