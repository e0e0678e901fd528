import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** The four files of MNIST by the names they are served under. */
export const names = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
} as const;
export type Role = keyof typeof names;
export type Files = Record<Role, Buffer>;

/** An IDX file of `count` made-up 28×28 images: a bar whose height tells the label. */
export function images(count: number, magic = 0x803): Buffer {
  const file = Buffer.alloc(16 + count * 784);
  [magic, count, 28, 28].forEach((value, i) => file.writeUInt32BE(value, 4 * i));
  for (let i = 0; i < count; i++) {
    for (let y = 0; y < 3; y++) for (let x = 4; x < 24; x++) file[16 + i * 784 + (4 + 2 * (i % 10) + y) * 28 + x] = 255;
  }
  return file;
}

/** The IDX file of the labels of `images(count)`. */
export function labels(count: number, magic = 0x801): Buffer {
  const file = Buffer.alloc(8 + count);
  file.writeUInt32BE(magic, 0);
  file.writeUInt32BE(count, 4);
  for (let i = 0; i < count; i++) file[8 + i] = i % 10;
  return file;
}

/** A whole small MNIST of our own: 400 images to train on and 100 to test with. */
export function smallMnist(): Files {
  return { trainImages: images(400), trainLabels: labels(400), testImages: images(100), testLabels: labels(100) };
}

export const gzip = (file: Buffer): Buffer => gzipSync(file);

export const sha256 = (file: Buffer): string => createHash('sha256').update(file).digest('hex');
