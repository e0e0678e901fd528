/** Files that a person gave, read by the core: which data set they are, or a sentence that says why they are none. */
import type { FilesReader, GivenFiles } from '../../pkg/forward_forward.js';
import { errorMessage } from '../state/text/errorMessage';
import { shrunk } from '../state/drawing/shrunk';
import { core } from './core';
import type { Given } from './protocol';

/** Bytes that are read at once: messages are let in between. */
const PIECE = 1 << 20;

export async function readGiven({ name, files }: Given): Promise<GivenFiles> {
  const reader = new core.FilesReader();
  for (const given of files) {
    const { path } = given;
    if (!reader.begin(path, 'file' in given ? given.file.size : 0)) continue;
    try {
      if (!('file' in given)) throw new Error(given.why);
      await push(reader, given.file);
      reader.end();
    } catch (failure) {
      if (failure instanceof WebAssembly.RuntimeError) throw failure;
      // Browsers that tell no folder from a file fail only here.
      reader.unreadable(`${errorMessage(failure)} If it is a folder, give the files in it.`);
    }
  }
  return reader.finish(name);
}

async function push(reader: FilesReader, file: File): Promise<void> {
  for (let at = 0; at < file.size; at += PIECE) {
    const piece = await file.slice(at, at + PIECE).arrayBuffer();
    if (!reader.push(new Uint8Array(piece))) return;
  }
}

/**
 * The pictures of these paths, each fitted to 28×28 pixels, or with `colour` to 32×32, one after another: red, green and blue.
 */
export async function fitted({ files }: Given, paths: readonly string[], colour: boolean): Promise<Uint8Array> {
  const side = colour ? 32 : 28;
  const size = side * side * 3;
  const all = new Uint8Array(paths.length * size);
  const byPath = new Map(files.map((given) => [given.path, given]));
  for (const [i, path] of paths.entries()) {
    const given = byPath.get(path);
    if (given && 'file' in given) all.set(await shrunk(given.file, side), i * size);
  }
  return all;
}
