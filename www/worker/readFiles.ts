/** Files that a person gave, read by the core: which data set they are, or a sentence that says why they are none. */
import type { FilesReader, GivenFiles } from '../../pkg/forward_forward.js';
import { errorMessage } from '../state/text/errorMessage';
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
