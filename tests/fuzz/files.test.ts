import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortFiles } from '../../www/state/files';
import { mnistFromFiles } from '../../www/worker/mnist';
import { hold, promptly } from './amount';

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
    'a.safetensors',
    '',
  ),
  fc.string({ unit: 'binary' }),
);
const files = fc.array(
  fc.tuple(content, name).map(([held, called]) => new File([held], called)),
  { maxLength: 5 },
);

test('any files are sorted by what they hold, and read or refused in a sentence', async () => {
  await hold(files, 1, async (dropped) => {
    const sorted = await promptly(() => sortFiles(dropped));
    if ('checkpoint' in sorted) expect(dropped).toContain(sorted.checkpoint);
    else if ('stranger' in sorted) expect(dropped).toContain(sorted.stranger);
    else expect(sorted.mnist).toEqual(dropped);
    const read = await promptly(() => mnistFromFiles(dropped).catch((failure: unknown) => failure));
    if (!(read instanceof Error)) expect(Object.keys(read as object)).toHaveLength(4);
    else expect(read.message).toMatch(/[.;]/u);
  });
});
