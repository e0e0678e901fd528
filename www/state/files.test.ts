import { describe, expect, it } from 'vitest';
import { sortFiles } from './files';

const file = (name: string, ...bytes: number[]): File => new File([new Uint8Array(bytes)], name);
const header = [2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d];

describe('dropped files', () => {
  it('are a checkpoint by name or by what they hold', async () => {
    const [named, held] = [file('a.safetensors', 1), file('weights.bin', ...header)];
    expect(await sortFiles([named])).toEqual({ checkpoint: named });
    expect(await sortFiles([file('notes.txt', 1), held])).toEqual({ checkpoint: held });
  });

  it('are MNIST by what they hold, or by name when they are damaged', async () => {
    const files = [file('a.gz', 0x1f, 0x8b), file('b', 0, 0, 8, 3), file('train-labels-idx1-ubyte', 9)];
    expect(await sortFiles(files)).toEqual({ mnist: files });
  });

  it('are strange if one is neither', async () => {
    const stranger = file('notes.txt', 104, 105);
    expect(await sortFiles([file('a.gz', 0x1f, 0x8b), stranger])).toEqual({ stranger });
    expect(await sortFiles([file('empty')])).toMatchObject({ stranger: { name: 'empty' } });
  });

  it('are CIFAR-10 by name, whatever they hold', async () => {
    const sorted = await sortFiles([file('data_batch_1.bin', 3), file('cifar-10-binary.tar.gz', 0x1f, 0x8b)]);
    expect(sorted).toMatchObject({ cifar: [{ name: 'data_batch_1.bin' }, { name: 'cifar-10-binary.tar.gz' }] });
    expect(await sortFiles([file('train-images-idx3-ubyte.gz', 0x1f, 0x8b)])).toHaveProperty('mnist');
  });
});
