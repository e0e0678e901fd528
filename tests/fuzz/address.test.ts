import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RANGES, readChoices, writeChoices } from '../../www/state/settings/settings';
import { hold, promptly, wild } from './amount';
import { laboratory } from './laboratory';

const recommended = (await laboratory()).presets.recipes;
const names = ['recipe', 'data', 'layers', 'engine', 'negatives', 'weights', ...Object.keys(RANGES), 'constructor'];
const words = [
  ...['supervised', 'unsupervised', 'recurrent', 'backprop', 'strokes', 'mnist', 'auto', 'webgpu', 'cpu', 'random'],
  ...['local-max', 'local-min', 'local-backprop', 'objects', '1024,2048', '11', '7'],
  ...['softmax', 'goodness', 'pretrained', '500,500', '10x20', '784', '100,,100', '', '__proto__', '%', '1e9', '+5'],
];
const value = fc.oneof(
  fc.constantFrom(...words),
  wild.map(String),
  fc.string({ unit: 'binary' }),
  fc.array(wild).map(String),
);
const query = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => `?${text}`),
  fc
    .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 12 })
    .map(
      (pairs) =>
        `?${pairs.map(([name, text]) => `${name}=${encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '?'))}`).join('&')}`,
    ),
);

test('any address is read: what is possible is taken, what is not is named, and the address written leads back', async () => {
  await hold(query, 1, async (text) => {
    const { choices, complaints } = await promptly(() => readChoices(text, recommended));
    const { settings } = choices;
    for (const [name, { from, to, whole }] of Object.entries(RANGES)) {
      const number = settings[name as keyof typeof RANGES];
      expect(number >= from && number <= to && (!whole || Number.isInteger(number)), name).toBe(true);
    }
    expect(settings.layers.length).toBeGreaterThan(0);
    expect(settings.layers.every((units) => Number.isInteger(units) && units >= 10 && units <= 3072)).toBe(true);
    for (const complaint of complaints) {
      expect(complaint).toMatch(/^The address says .*\.$/su);
      expect(complaint.length).toBeLessThan(400);
    }
    const again = readChoices(`?${writeChoices(choices, recommended)}`, recommended);
    expect(again).toEqual({ choices, complaints: [] });
  });
});
