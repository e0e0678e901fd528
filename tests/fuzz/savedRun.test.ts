import fc from 'fast-check';
import { expect, test } from 'vitest';
import { START } from '../../www/state/settings/recipes';
import { type RunInfo, FORMAT, readRunInfo } from '../../www/state/storage/savedRun';
import { hold, promptly, wild } from './amount';

/** What the page itself writes. */
const about = {
  format: FORMAT,
  id: 'a',
  origin: 'random weights',
  altered: false,
  choices: { data: 'strokes', engine: 'auto', weights: 'random', settings: START.recommended },
  data: { name: 'strokes', prepared: 1, train: 100, test: 10 },
  progress: { step: 3, epoch: 0.1, layers: [], finished: false },
  evaluation: undefined,
  errors: { stride: 1, rows: [[0, 90, 91]], waiting: [] },
  losses: { stride: 1, rows: [], waiting: [[50, 0.7, 0.7, 0.7]] },
  saved: 1_700_000_000_000,
};
const anything = fc.oneof(wild, fc.anything({ maxDepth: 2, withBigInt: true, withDate: true, withMap: true }));
/** A record of ours with some places of it replaced or gone, or something else altogether. */
const record = fc.oneof(
  fc.anything({ maxDepth: 3 }),
  fc
    .array(fc.tuple(fc.constantFrom(...Object.keys(about), 'choices.settings', 'progress.step'), fc.option(anything)), {
      maxLength: 4,
    })
    .map((changes) => {
      const changed = structuredClone(about) as Record<string, unknown>;
      for (const [place, value] of changes) {
        const steps = place.split('.');
        const last = steps.pop() as string;
        const holder = steps.reduce<unknown>(
          (at, step) => (at as Record<string, unknown> | undefined)?.[step],
          changed,
        );
        if (typeof holder === 'object' && holder !== null)
          (holder as Record<string, unknown>)[last] = value ?? undefined;
      }
      return changed;
    }),
);

test('what the page wrote is taken', () => {
  expect(readRunInfo(about)).toStrictEqual(about);
});

test('whatever lies in the store is one of our runs, or refused by what is wrong with it', async () => {
  await hold(record, 1, async (value) => {
    const read = await promptly(() => readRunInfo(value));
    if (typeof read === 'string') expect(read).toMatch(/^(was|is) /u);
    else {
      // What the page does with a record before anyone has asked for the run.
      const { choices, progress, saved, data }: RunInfo = read;
      expect(choices.settings.layers.join(', ')).toMatch(/^[\d., e+-]*$/u);
      expect(progress.epoch.toFixed(2)).not.toBe('');
      expect(Number.isFinite(saved)).toBe(true);
      expect(data.name.startsWith('mnist')).toBeTypeOf('boolean');
    }
  });
});
