/** Looking into downloaded and dropped files before they are trusted. */

/** A file that cannot be used; the message is a sentence that names it. */
export class BadFile extends Error {}

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** IDX of unsigned bytes: two zeros, 8, and the number of dimensions. */
export const isIdx = (bytes: Uint8Array): boolean =>
  bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8 && (bytes[3] === 1 || bytes[3] === 3);

/** A safetensors file: the length of a JSON header (8 bytes, little-endian), then the header. */
export const isSafetensors = (bytes: Uint8Array): boolean =>
  bytes.length > 8 && bytes[8] === 0x7b && bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0;

/** As much as the core takes of one file of pictures, 300,000 of them. A small file could ask for any amount. */
const MOST = 300_000 * 784 + 16;
/** As much as it takes of one checkpoint. */
export const MOST_WEIGHTS = 2 ** 30;

/** Unpacks a gzip file, of at most so many bytes; plain bytes come back as they are. The core does not know gzip. */
export async function unpack(bytes: Uint8Array, name: string, most = MOST): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  const unpacked = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = unpacked.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joined(parts, length);
      if ((length += value.length) > most) break;
      parts.push(value);
    }
  } catch {
    throw new BadFile(`${name} is damaged or cut short: it starts like a gzip file but cannot be unpacked.`);
  }
  await reader.cancel();
  throw new BadFile(
    `${name} unpacks to more than ${most.toLocaleString('en')} bytes, and nothing that is read here is that large.`,
  );
}

/** The parts of `length` bytes in all, one behind the other. */
export function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Browsers offer it on secure pages only (https, or http on localhost).
  if (!globalThis.crypto?.subtle)
    throw new BadFile(
      'A download can only be checked on a secure page: open this page over https or on localhost, or drop the MNIST files here.',
    );
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What an unpacked IDX file holds, from its header, checked against its length. */
export function inspectIdx(bytes: Uint8Array, name: string): { kind: 'images' | 'labels'; count: number } {
  if (!isIdx(bytes))
    throw new BadFile(`${name} is not an IDX file: it does not begin with 0 0 8 1 (labels) or 0 0 8 3 (images).`);
  const dimensions = bytes[3] as number;
  const header = 4 + 4 * dimensions;
  if (bytes.length < header) throw new BadFile(`${name} is cut short: its ${header}-byte header is not complete.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = sizes.reduce((product, size) => product * size, 1);
  const held = bytes.length - header;
  if (held !== expected)
    throw new BadFile(
      `${name} is ${held < expected ? 'cut short' : 'too long'}: its header promises ${sizes.join(' × ')} bytes, it holds ${held.toLocaleString('en')}.`,
    );
  return { kind: dimensions === 3 ? 'images' : 'labels', count: sizes[0] as number };
}
