import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readChoices, writeChoices } from '../../www/state/settings/settings';
import { SETTINGS } from '../../www/state/settings/tables';
import { hold, promptly, wild } from './amount';

const numbers = SETTINGS.flatMap(({ name, takes }) => (takes.kind === 'number' ? [{ name, ...takes }] : []));
const names = ['data', 'engine', 'weights', ...SETTINGS.map(({ name }) => name), 'constructor'].filter(
  (name) => name !== 'rules',
);
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
    const { choices, complaints } = await promptly(() => readChoices(text));
    const { settings } = choices;
    for (const { name, from, to, whole } of numbers) {
      const number = settings[name as keyof typeof settings] as number;
      expect(number >= from && number <= to && (!whole || Number.isInteger(number)), name).toBe(true);
    }
    expect(settings.layers.length).toBeGreaterThan(0);
    expect(settings.layers.every((units) => Number.isInteger(units) && units >= 10 && units <= 3072)).toBe(true);
    for (const complaint of complaints) {
      expect(complaint).toMatch(/^The address says .*\.$/su);
      expect(complaint.length).toBeLessThan(400);
    }
    const again = readChoices(`?${writeChoices(choices)}`);
    expect(again).toEqual({ choices, complaints: [] });
  });
});
