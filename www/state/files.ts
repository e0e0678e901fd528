import { isGzip, isIdx, isSafetensors } from '../worker/bytes';

/** What files dropped on the page are: one checkpoint, files of MNIST, or a stranger among them, perhaps a photograph. */
export type Sorted = { checkpoint: File } | { mnist: File[] } | { stranger: File };

export async function sortFiles(files: readonly File[]): Promise<Sorted> {
  const mnist: File[] = [];
  let stranger: File | undefined;
  for (const file of files) {
    const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
    if (/\.safetensors$/i.test(file.name) || isSafetensors(head)) return { checkpoint: file };
    // A damaged MNIST file is still one by name: what is wrong with it is said where it is read.
    if (isGzip(head) || isIdx(head) || /idx|ubyte/i.test(file.name)) mnist.push(file);
    else stranger ??= file;
  }
  return stranger ? { stranger } : { mnist };
}
