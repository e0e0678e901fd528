import { isGzip, isIdx, isSafetensors } from '../worker/bytes';

/** What files dropped on the page are: one checkpoint, files of MNIST or of CIFAR-10, or a stranger among them. */
export type Sorted = { checkpoint: File } | { mnist: File[] } | { cifar: File[] } | { stranger: File };

export async function sortFiles(files: readonly File[]): Promise<Sorted> {
  const mnist: File[] = [];
  let cifar = false;
  let stranger: File | undefined;
  for (const file of files) {
    const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
    if (/\.safetensors$/i.test(file.name) || isSafetensors(head)) return { checkpoint: file };
    // What is wrong with a file of this name is said where it is read.
    if (/\.(bin|tgz|tar\.gz)$/i.test(file.name)) cifar = true;
    // A damaged MNIST file is still one by name: what is wrong with it is said where it is read.
    else if (isGzip(head) || isIdx(head) || /idx|ubyte/i.test(file.name)) mnist.push(file);
    else stranger ??= file;
  }
  if (stranger) return { stranger };
  // One that is of the other data is named by the reader.
  return cifar ? { cifar: [...files] } : { mnist };
}
