import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Given } from '../../www/worker/protocol';
import { hold, promptly } from './amount';
import { laboratory, mnistFiles } from './laboratory';

const { laboratory: worker } = await laboratory();

const bytes = (...numbers: number[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ maxLength: 60 }).map((rest) => new Uint8Array([...numbers, ...rest]));
const content = fc.oneof(
  bytes(),
  bytes(0x1f, 0x8b),
  bytes(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3),
  bytes(0, 0, 8, 1, 0, 0, 0, 4),
  bytes(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2),
  bytes(0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255),
  bytes(2, 0, 0, 0, 0, 0, 0, 0, 0x7b),
);
const name = fc.oneof(
  fc.constantFrom(
    'train-images-idx3-ubyte',
    'train-labels.idx1-ubyte.gz',
    't10k-images',
    't10k-labels',
    'data_batch_1.bin',
    'cifar-10-binary.tar.gz',
    'a.safetensors',
    '',
  ),
  fc.string({ unit: 'binary' }),
);
const files = fc.array(
  fc.tuple(content, name).map(([held, path]) => ({ path, file: new File([held], path) })),
  { maxLength: 5 },
);

/** The sentence that refuses files, if one does. */
const refusal = async (given: Given): Promise<string | undefined> =>
  worker.read(given).then(
    ({ data, checkpoint }) => {
      expect(data ?? checkpoint).toBeDefined();
      return undefined;
    },
    (failure: Error) => failure.message,
  );

test('any files are read, or refused in a sentence', async () => {
  await hold(files, 1, async (dropped) => {
    const said = await promptly(() => refusal({ name: 'folder', files: dropped }));
    if (said !== undefined) expect(said).toMatch(/^.*: .*[a-z]/su);
  });
});

/** An archive of one small file. */
const tar = new Uint8Array(1536);
tar.set(new TextEncoder().encode('data_batch_1.bin'), 0);
tar.set(new TextEncoder().encode('00000000005 '), 124);
tar.set(new TextEncoder().encode('        0'), 148);
const sum = tar.reduce((sum, byte) => sum + byte, 0);
tar.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);

test('an archive is taken apart, or refused in a sentence, wherever it is damaged or cut', async () => {
  const damage = fc.record({
    inside: fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { maxLength: 2 }),
    outside: fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 1 }),
    cut: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  });
  await hold(damage, 4, async ({ inside, outside, cut }) => {
    const held = tar.slice();
    for (const [at, byte] of inside) held[at] = byte;
    const packed = new Uint8Array(gzipSync(held));
    for (const [at, byte] of outside) packed[at % packed.length] = byte;
    const file = new File([packed.subarray(0, Math.ceil(cut * packed.length))], 'c.tar.gz');
    const said = await promptly(() => refusal({ name: 'folder', files: [{ path: 'c.tar.gz', file }] }));
    expect(said).toMatch(/^(c\.tar\.gz|CIFAR-10): /u);
    if (inside.length + outside.length === 0 && cut === 1)
      expect(said).toContain('c.tar.gz: data_batch_1.bin: is cut short: it holds 0 whole pictures in 5 bytes');
  });
});

test('what is whole is read, however it is cut into files', async () => {
  expect(await worker.read(mnistFiles(60, 20))).toMatchObject({ unnamed: { title: 'mnist' }, checkpoint: undefined });
});
