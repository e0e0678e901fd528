// Files as people have them, sound, odd and broken: made on the disk, for `ff` and for the page to be given the same.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { images, labels } from './mnist-files';

/** Files by their paths. */
export type Files = Record<string, Buffer>;

/** Some files in a folder, and what they are: nothing if they are refused. */
export interface Case {
  what: string;
  files: Files;
  data: 'idx' | 'cifar10';
  /** Pictures to learn from and to be tested on. */
  read?: [train: number, test: number];
}

const NAMES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

/** MNIST's four files, each made something of. */
function four(
  train: number,
  test: number,
  change = (_name: string, bytes: Buffer): Files => ({ [_name]: bytes }),
): Files {
  const contents = [images(train), labels(train), images(test), labels(test)];
  return Object.assign({}, ...contents.map((bytes, i) => change(NAMES[i]!, bytes))) as Files;
}

/** The files under other names. */
const renamed = (files: Files, name: (old: string) => string): Files =>
  Object.fromEntries(Object.entries(files).map(([old, bytes]) => [name(old), bytes]));

/** Gzip with everything in its header that there can be (RFC 1952, 2.3). */
function header(bytes: Buffer): Buffer {
  const head = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 1, 2, 3, 4, 0, 3, 5, 0]),
    Buffer.from('extra'),
    Buffer.from('a name\0a comment\0'),
  ]);
  const ends = Buffer.alloc(10);
  ends.writeUInt16LE(crc32(head) & 0xffff, 0);
  ends.writeUInt32LE(crc32(bytes), 2);
  ends.writeUInt32LE(bytes.length, 6);
  return Buffer.concat([head, ends.subarray(0, 2), deflateRawSync(bytes), ends.subarray(2)]);
}

/** Several members, one of them empty. */
const members = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, 9), Buffer.alloc(0), bytes.subarray(9)].map((part) => gzipSync(part)));

/** One member of a tar archive. */
function entry(name: string, bytes: Buffer, kind = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${bytes.length.toString(8).padStart(11, '0')} `, 124);
  header.write('        ', 148);
  header.write(kind, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** A tar archive as `tar --format=posix` makes it, with a folder in front and extensions before each file. */
const archive = (files: Files): Buffer =>
  Buffer.concat([
    entry('pax_global_header', Buffer.from('13 comment=x\n'), 'g'),
    entry('folder/', Buffer.alloc(0), '5'),
    ...Object.entries(files).flatMap(([name, bytes]) => [
      entry(`PaxHeaders/${path.basename(name)}`, Buffer.from('13 mtime=1.5\n'), 'x'),
      entry(name, bytes),
    ]),
    Buffer.alloc(1024),
  ]);

const with1 = (files: Files, name: string, change: (bytes: Buffer) => Buffer): Files => ({
  ...files,
  [name]: change(files[name]!),
});
const [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS] = NAMES as [string, string, string, string];
const words = Buffer.from('Not what it says it is. '.repeat(40));
const zip = Buffer.concat([Buffer.from('PK\x03\x04'), words]);
const pickle = Buffer.concat([Buffer.from([0x80, 2]), words]);
const litter: Files = {
  '.DS_Store': words,
  [`._${TRAIN_IMAGES}`]: Buffer.from([0, 5, 0x16, 7]),
  'Thumbs.db': words,
  'desktop.ini': words,
  'readme.html': words,
  'batches.meta.txt': words,
  [`${TRAIN_IMAGES}.gz.sha256`]: words,
  LICENSE: words,
  empty: Buffer.alloc(0),
};

let counted = 10;
/** Files that are read. No two have as many pictures. */
function sound(what: string, files: (train: number, test: number) => Files): Case {
  counted += 3;
  const read: [number, number] = [counted, counted - 6];
  return { what, files: files(...read), data: 'idx', read };
}
const refused = (what: string, files: Files, data: Case['data'] = 'idx'): Case => ({ what, files, data });

const packed = (train: number, test: number): Files =>
  four(train, test, (name, bytes) => ({ [`${name}.gz`]: gzipSync(bytes) }));

export const SOUND: Case[] = [
  sound('plain', four),
  sound('packed', packed),
  sound('each plain and packed, as torchvision leaves them', (a, b) => ({ ...four(a, b), ...packed(a, b) })),
  sound('gzip of several members', (a, b) => four(a, b, (name, bytes) => ({ [`${name}.gz`]: members(bytes) }))),
  sound('zeros behind gzip', (a, b) =>
    four(a, b, (name, bytes) => ({ [`${name}.gz`]: Buffer.concat([gzipSync(bytes), Buffer.alloc(700)]) })),
  ),
  sound('gzip with a full header', (a, b) => four(a, b, (name, bytes) => ({ [`${name}.gz`]: header(bytes) }))),
  sound('copies that a browser renamed', (a, b) => renamed(packed(a, b), (name) => name.replace('.gz', ' (1).gz'))),
  sound('copies that a file manager renamed', (a, b) => renamed(four(a, b), (name) => `${name} - Copy (2)`)),
  sound('a dot for a dash, in capitals', (a, b) =>
    renamed(four(a, b), (name) => name.replace('-idx', '.idx').toUpperCase()),
  ),
  sound('in folders', (a, b) => renamed(packed(a, b), (name) => `MNIST/raw/${name}`)),
  sound('among what systems and sites put beside them', (a, b) => ({ ...packed(a, b), ...litter })),
  sound('a relative of MNIST', (a, b) =>
    renamed(packed(a, b), (name) => `emnist-digits-${name.replace('t10k', 'test')}`),
  ),
  sound('an archive of the four', (a, b) => ({ 'mnist.tar.gz': gzipSync(archive(packed(a, b))) })),
  sound('an archive that is not packed', (a, b) => ({ 'mnist.tar': archive(four(a, b)) })),
];

const mnist = four(8, 4);
const wrongLabel = with1(mnist, TEST_LABELS, (bytes) => Buffer.concat([bytes.subarray(0, 11), Buffer.from([10])]));
const batch = Buffer.alloc(30_730_000, 3);
const six: Files = Object.fromEntries(
  ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch'].map((name) => [
    `cifar-10-batches-bin/${name}.bin`,
    batch,
  ]),
);

export const REFUSED: Case[] = [
  refused('copies that differ', { ...mnist, [`${TRAIN_IMAGES}.gz`]: gzipSync(images(7)) }),
  refused('a name that says neither train nor test', { ...mnist, 'images-idx3-ubyte': images(4) }),
  refused('a name that says both', { ...mnist, 'train-test-images-idx3-ubyte': images(4) }),
  refused('training images in the place of test images', {
    ...mnist,
    [TEST_IMAGES]: images(8),
    [TEST_LABELS]: labels(8),
  }),
  refused('two data sets', { ...mnist, 'data_batch_1.bin': batch.subarray(0, 5000) }),
  refused('MNIST and CIFAR-100', { ...mnist, 'cifar-100-python/train': pickle }),
  refused('three of four', { ...mnist, [TRAIN_LABELS]: words }),
  refused('one of four', { [TEST_LABELS]: labels(4) }),
  refused('a zip archive in the place of one', { 'archive.zip': zip, [TEST_LABELS]: labels(4) }),
  refused('labels for fewer images', { ...mnist, [TRAIN_LABELS]: labels(7) }),
  refused('a label of which there is no training image', wrongLabel),
  refused(
    'cut short',
    with1(mnist, TRAIN_IMAGES, (bytes) => bytes.subarray(0, 3000)),
  ),
  refused(
    'cut short in its header',
    with1(mnist, TRAIN_IMAGES, (bytes) => bytes.subarray(0, 9)),
  ),
  refused(
    'longer than it declares',
    with1(mnist, TEST_LABELS, (bytes) => Buffer.concat([bytes, words])),
  ),
  refused('cut short in its gzip data', { ...mnist, [TRAIN_IMAGES]: gzipSync(images(8)).subarray(0, 60) }),
  refused('a wrong checksum', {
    ...mnist,
    [TRAIN_LABELS]: gzipSync(labels(8)).map((byte, i, all) => byte ^ Number(i === all.length - 6)) as Buffer,
  }),
  refused('something behind gzip', { ...mnist, [TRAIN_LABELS]: Buffer.concat([gzipSync(labels(8)), words]) }),
  refused('a page in the place of a file', { ...mnist, [TRAIN_IMAGES]: Buffer.from('<!doctype html>') }),
  refused('a page packed', { ...mnist, [TRAIN_IMAGES]: gzipSync(Buffer.from('<!doctype html>')) }),
  refused('an empty file', { ...mnist, [TRAIN_IMAGES]: Buffer.alloc(0) }),
  refused('labels under the name of images', { ...mnist, [TRAIN_IMAGES]: labels(8) }),
  refused(
    'images of another size',
    with1(mnist, TEST_IMAGES, (bytes) => Buffer.concat([bytes.subarray(0, 11), Buffer.from([32]), bytes.subarray(12)])),
  ),
  refused(
    'an absurd number',
    with1(mnist, TEST_LABELS, (bytes) =>
      Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(4, 255), bytes.subarray(8)]),
    ),
  ),
  refused('nothing', {}),
  refused('nothing but litter', { '.DS_Store': words }),
  refused('words', { 'notes.txt': words }),
  refused('a zip archive', { 'mnist.zip': zip }),
  refused('a pickle, packed', { 'mnist.pkl.gz': gzipSync(pickle) }),
  refused('two checkpoints', { 'a.safetensors': words, 'b.safetensors': words }),
  refused(
    'more files than a data set has',
    Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [String(i), Buffer.alloc(0)])),
  ),
  refused('an empty file of CIFAR-10', { 'data_batch_1.bin': Buffer.alloc(0) }, 'cifar10'),
  refused('a file of CIFAR-10 cut short', { 'data_batch_1.bin': batch.subarray(0, 5000) }, 'cifar10'),
  refused('two of six', { 'data_batch_1.bin': batch, 'test_batch.bin': batch }, 'cifar10'),
  refused(
    'an archive cut short',
    { 'c.tar.gz': gzipSync(archive({ 'data_batch_1.bin': batch }), { level: 1 }).subarray(0, 900) },
    'cifar10',
  ),
  refused(
    'an archive without its end',
    { 'c.tar': archive({ 'data_batch_1.bin': batch }).subarray(0, 90_000) },
    'cifar10',
  ),
  refused(
    'an empty file in an archive',
    { 'c.tar.gz': gzipSync(archive({ 'data_batch_1.bin': Buffer.alloc(0) })) },
    'cifar10',
  ),
  refused('no archive inside', { 'c.tar.gz': gzipSync(words) }, 'cifar10'),
  refused('a page in the place of the archive', { 'c.tar.gz': words }, 'cifar10'),
  refused(
    'CIFAR-10 for Python',
    { 'cifar-10-python.tar.gz': gzipSync(archive({ 'cifar-10-batches-py/data_batch_1': pickle })) },
    'cifar10',
  ),
  refused('CIFAR-10 for Python, unpacked', { data_batch_1: pickle, test_batch: pickle }, 'cifar10'),
  refused('CIFAR-10 for MATLAB', { 'data_batch_1.mat': Buffer.from('MATLAB 5.0 MAT-file') }, 'cifar10'),
  refused(
    'CIFAR-100, of which there is a header',
    { 'c.tar.gz': gzipSync(archive({ 'cifar-100-binary/train.bin': words }).subarray(2560, 3072)) },
    'cifar10',
  ),
  refused('CIFAR-100, unpacked', { 'cifar-100-python/train': pickle, 'cifar-100-python/meta': pickle }, 'cifar10'),
];

export const CIFAR: Case[] = [
  {
    what: 'the folder of CIFAR-10',
    files: { ...six, 'cifar-10-batches-bin/batches.meta.txt': words, 'cifar-10-batches-bin/readme.html': words },
    data: 'cifar10',
    read: [50_000, 10_000],
  },
  {
    what: 'its archive with extensions and what macOS adds',
    files: {
      'cifar-10-binary (1).tar.gz': gzipSync(archive({ 'cifar-10-batches-bin/._data_batch_1.bin': words, ...six }), {
        level: 1,
      }),
    },
    data: 'cifar10',
    read: [50_000, 10_000],
  },
];

/** Writes the files into a folder. */
export function lay(folder: string, files: Files): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
