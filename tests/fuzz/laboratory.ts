/** The worker's laboratory in this process, with the page's own WebAssembly under it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../scripts/setup/run.mjs';
import { SessionLaboratory } from '../../www/worker/laboratory';
import type { Given, Notice } from '../../www/worker/protocol';

// Node fetches nothing from the disk, which is where the page's files lie here.
globalThis.fetch = async (address) => {
  const text = String(address);
  const file = text.startsWith('file:') ? fileURLToPath(text) : path.join(root, text);
  const type = file.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';
  return new Response(await readFile(file), { headers: { 'content-type': type } });
};

export interface Opened {
  laboratory: SessionLaboratory;
  /** Everything it told. */
  notices: Notice[];
}

/** `answer`: how long the page takes to hear what it is told; it hears at once, if nothing is said. */
export async function laboratory(answer = async (_: Notice): Promise<void> => undefined): Promise<Opened> {
  const opened = new SessionLaboratory();
  const notices: Notice[] = [];
  await opened.hello(
    async (notice) => {
      notices.push(notice);
      await answer(notice);
      return undefined;
    },
    undefined,
    [],
  );
  return { laboratory: opened, notices };
}

const big = (...numbers: number[]): number[] =>
  numbers.flatMap((n) => [n >>> 24, n >>> 16, n >>> 8, n].map((b) => b & 255));

/** Gives the worker a small data set as a person does, and returns the name that it has there. */
export async function small(worker: SessionLaboratory, train: number, test: number): Promise<string> {
  await worker.read(mnistFiles(train, test));
  const classes = Array.from({ length: 10 }, (_, label) => String(label));
  const { name } = await worker.name({ title: 'small digits', classes, transposed: false, colour: false });
  return name;
}

/** Files in MNIST's format, as a person drops them. */
export function mnistFiles(train: number, test: number): Given {
  const images = (count: number): number[] => [
    ...big(0x803, count, 28, 28),
    ...Array.from({ length: count * 784 }, (_, i) => (i * 37) % 256),
  ];
  const labels = (count: number): number[] => [
    ...big(0x801, count),
    ...Array.from({ length: count }, (_, i) => i % 10),
  ];
  const files = {
    'train-images': images(train),
    'train-labels': labels(train),
    't10k-images': images(test),
    't10k-labels': labels(test),
  };
  return {
    name: 'mnist',
    files: Object.entries(files).map(([path, bytes]) => ({ path, file: new File([new Uint8Array(bytes)], path) })),
  };
}
