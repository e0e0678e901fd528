/** CIFAR-10's binary version from files a person drops: its six files, or the .tar.gz they come in. The core checks each. */
import type { Cifar } from '../../pkg/forward_forward.js';
import { BadFile, isGzip } from './bytes';
import { core } from './core';

const BLOCK = 512;
/** No file of CIFAR-10 is as long: what says so in an archive is damaged, and is not waited for. */
const LONGEST = 40_000_000;

export async function cifarFromFiles(files: readonly File[]): Promise<Cifar> {
  const gathering = new core.CifarFiles();
  try {
    for (const file of files) {
      const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
      if (isGzip(head)) for await (const { name, bytes } of entries(file)) gathering.add(`${file.name}/${name}`, bytes);
      else if (file.size > LONGEST) throw new BadFile(`${file.name} is longer than a file of CIFAR-10.`);
      else if (!gathering.add(file.name, new Uint8Array(await file.arrayBuffer())))
        throw new BadFile(
          `${file.name} is none of CIFAR-10’s files: data_batch_1.bin to data_batch_5.bin, and test_batch.bin.`,
        );
    }
  } catch (failure) {
    gathering.free();
    throw failure;
  }
  return gathering.finish();
}

/** The files of a tar archive packed with gzip, one after another; in memory is only the one at hand. */
export async function* entries(file: File): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  let held: Uint8Array = new Uint8Array();
  const next = async (): Promise<Uint8Array | undefined> => {
    const { value } = await reader.read().catch(() => {
      throw new BadFile(`${file.name}: its gzip data is damaged or cut short; download or copy it again.`);
    });
    return value;
  };
  const take = async (count: number): Promise<Uint8Array> => {
    const taken = new Uint8Array(count);
    for (let at = 0; at < count;) {
      if (held.length === 0) {
        const more = await next();
        if (!more) return taken.subarray(0, at);
        held = more;
      }
      const part = held.subarray(0, count - at);
      taken.set(part, at);
      at += part.length;
      held = held.subarray(part.length);
    }
    return taken;
  };
  while (true) {
    const header = await take(BLOCK);
    // It ends with empty blocks.
    if (header.length < BLOCK || header.every((byte) => byte === 0)) return;
    const { name, size } = readHeader(header, file.name);
    const bytes = await take(Math.ceil(size / BLOCK) * BLOCK);
    if (bytes.length < size)
      throw new BadFile(`${file.name} is cut short: it ends in the middle of ${name}; download or copy it again.`);
    yield { name, bytes: bytes.subarray(0, size) };
  }
}

/** Name and length of the file that follows (POSIX ustar). */
function readHeader(header: Uint8Array, archive: string): { name: string; size: number } {
  const text = (from: number, to: number): string =>
    String.fromCharCode(...header.subarray(from, to))
      .replace(/\0.*$/su, '')
      .trim();
  // The checksum counts itself as spaces.
  const sum = header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
  const size = parseInt(text(124, 136), 8);
  if (parseInt(text(148, 156), 8) !== sum || !(size <= LONGEST))
    throw new BadFile(
      `${archive} is not a tar archive inside, or it is damaged; expected the archive of CIFAR-10’s binary version.`,
    );
  return { name: text(0, 100), size };
}
