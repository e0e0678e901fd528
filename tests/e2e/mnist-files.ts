import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';

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

/** SHA-256 of MNIST's own files, unpacked, by which the core knows them and the page those of the mirror. */
export const published: Record<Role, string> = {
  trainImages: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  trainLabels: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  testImages: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  testLabels: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

/** The page's core, packed as it is served, with the SHA-256 of `files` in the place of MNIST's: it takes them for MNIST. */
export function pretended(packed: Buffer, files: Files): Buffer {
  const core = gunzipSync(packed);
  for (const role of Object.keys(names) as Role[]) {
    const at = core.indexOf(published[role]);
    if (at < 0) throw new Error(`The core does not hold the SHA-256 of ${names[role]}.`);
    core.write(sha256(files[role]), at);
  }
  return gzipSync(core);
}

/** Serves the page such a core. Service workers fetch past this, and must be blocked. */
export async function pretendMnist(page: Page, files = smallMnist()): Promise<void> {
  await page.route(/_bg[^/]*\.wasm/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: pretended(await response.body(), files) });
  });
}
