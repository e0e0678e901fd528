import fc from 'fast-check';
import { expect, test } from 'vitest';
import { START } from '../../www/state/settings/recipes';
import { RECIPES } from '../../www/state/settings/tables';
import type { Questions, Settings } from '../../www/worker/protocol';
import { hold, wild } from './amount';
import { laboratory, small } from './laboratory';

const { laboratory: worker, notices } = await laboratory();
const data = await small(worker, 60, 20);

const few = fc.integer({ min: 10, max: 24 });
/** Settings of networks so small that a message takes no time, with some of them possibly beyond their ranges. */
const settings: fc.Arbitrary<Settings> = fc
  .tuple(
    fc.constantFrom(...RECIPES.map(({ recommended }) => recommended)),
    fc.array(few, { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 60 }),
    fc.dictionary(fc.constantFrom(...Object.keys(START.recommended)), fc.oneof(wild, fc.string(), fc.anything()), {
      maxKeys: 2,
    }),
    fc.boolean(),
  )
  .map(([recommended, layers, batch, broken, sound]) => {
    const whole = { ...recommended, layers, batch };
    // Large networks are possible, and slow: they have a test of their own.
    const { layers: _, steps: __, blurs: ___, ...others } = broken;
    return sound ? whole : ({ ...whole, ...others } as Settings);
  });
const image = fc.oneof(
  fc.uint8Array({ minLength: 784, maxLength: 784 }),
  fc.uint8Array({ maxLength: 900 }),
  // In colour, which the net in use does not see.
  fc.constant(new Uint8Array(3072)),
);
const points = fc.array(wild, { maxLength: 40 }).map((all) => new Float32Array(all));
const ends = fc.array(wild, { maxLength: 6 }).map((all) => new Uint32Array(all));

let run = 0;
let saved: Uint8Array | undefined;
const checkpoint = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(fc.tuple(fc.nat(4_000), fc.nat(255)), { maxLength: 3 }).map((changes) => ({ changes })),
);

/** One message to the worker, as a function: what it asks is made up beforehand. */
type Message = { name: string; send: () => unknown };
const message = (name: string, ...given: fc.Arbitrary<unknown>[]): fc.Arbitrary<Message> =>
  fc.tuple(...given).map((all) => ({
    name: `${name}(${fc.stringify(all)})`,
    send: () => (worker as unknown as Record<string, (...given: unknown[]) => unknown>)[name]?.(...all),
  }));
const question = (name: keyof Questions, about: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Message> =>
  message('ask', fc.constant(name), fc.record(about));
const messages = fc.oneof(
  settings.map((chosen) => ({
    name: `open(${fc.stringify(chosen)})`,
    send: () => worker.open({ run: ++run, settings: chosen, start: { from: 'random' }, engine: 'cpu', data }),
  })),
  checkpoint.map((made) => ({
    name: `open a checkpoint, ${fc.stringify(made)}`,
    send: () => {
      const bytes = made instanceof Uint8Array ? made : (saved?.slice() ?? new Uint8Array());
      if (!(made instanceof Uint8Array)) for (const [at, byte] of made.changes) bytes[at % bytes.length] = byte;
      return worker.open({
        run: ++run,
        settings: START.recommended,
        start: { from: 'checkpoint', bytes, name: 'x' },
        engine: 'webgpu',
      });
    },
  })),
  fc.constant({
    name: 'save()',
    send: async () => (saved = (await worker.save()).slice()),
  }),
  message('train'),
  message('pause'),
  message('step'),
  message('keep', fc.constant('page')),
  message('apply', settings),
  message('freeze', wild, fc.boolean()),
  question('readDrawing', { points, ends, pen: wild }),
  question('readImage', { image }),
  question('places', { image, label: wild }),
  question('sample', { index: wild }),
  question('negatives', { count: wild }),
  question('hybrids', { count: wild }),
  question('goodnessOf', { image }),
  question('exciting', { layer: wild, unit: wild, count: wild }),
  question('fields', { layer: wild, first: wild, count: wild }),
  question('fields', { layer: fc.constant(2), first: fc.constant(0), count: fc.constantFrom(0, 1) }),
  question('mistakes', { label: wild, read: wild, count: wild }),
  question('complaint', { settings }),
  message('ask', fc.oneof(fc.string(), fc.constant('sample')), fc.anything()),
  message('measure', wild),
  // There is no GPU in this process to ask for.
  message('useEngine', fc.constantFrom('cpu', 'gpu', '')),
);
const AT_ONCE = 10;
/** In milliseconds. A trap inside an asynchronous call leaves its promise, and everybody's after it, open for ever. */
const PATIENCE = 20_000;
class Unanswered extends Error {}
/** Set once the worker has stopped answering: nothing that is asked of it afterwards says anything. */
let unanswered: Unanswered | undefined;

function answered<T>(name: string, send: () => T | PromiseLike<T>): Promise<T> {
  if (unanswered) return Promise.reject(unanswered);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      unanswered = new Unanswered(`${name} was never answered`);
      reject(unanswered);
    }, PATIENCE);
    Promise.resolve()
      .then(send)
      .then(resolve, reject)
      .finally(() => clearTimeout(late));
  });
}

test('any messages are answered or refused in a sentence, and the worker goes on', async () => {
  await hold(fc.array(messages, { minLength: AT_ONCE, maxLength: AT_ONCE }), AT_ONCE, async (all) => {
    const beginning = { ...START.recommended, layers: [12, 10], batch: 20, seed: ++run };
    await answered('open', () =>
      worker.open({ run, settings: beginning, start: { from: 'random' }, engine: 'cpu', data }),
    );
    for (const { name, send } of all) {
      const failure = await answered(name, send).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (failure === undefined) continue;
      expect(failure, name).toBeInstanceOf(Error);
      expect(failure, name).not.toBeInstanceOf(Unanswered);
      expect(failure, name).not.toBeInstanceOf(WebAssembly.RuntimeError);
      expect((failure as Error).message, name).toMatch(/\S+ \S+ \S+/u);
    }
    expect(notices.splice(0).filter(({ kind }) => kind === 'crash')).toEqual([]);
    await answered('pause', () => worker.pause());
    expect((await answered('sample', () => worker.ask('sample', { index: 0 }))).image.length).toBe(784);
  });
});
