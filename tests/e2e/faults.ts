// What tests of faults do and measure, whatever drives the browser. A function that is marked as the page's runs there: it
// takes everything that it needs as an argument.

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { root } from '../../scripts/setup/run.mjs';
import { serveFolders } from '../../scripts/setup/static.mjs';
import { gzip, names, pretended, type Role, smallMnist } from './mnist-files';

/** The most of a run that may be lost, in milliseconds of its own learning: a busy machine has fewer of them in a minute. */
export const MOST_LOST = 5_000;

/** What a page says where something is no figure. */
export const NO_FIGURE = /NaN|Infinity|undefined|\[object/;

/** The page's: notes from now on when it first showed each step, by how long the run had learned then. */
export function watchSteps(): void {
  const scope = globalThis as unknown as { steps: [at: number, step: number][] };
  const progress = document.querySelector<HTMLElement>('[data-testid=progress]')!;
  const note = (): void => void scope.steps.push([Number(progress.dataset.learnedFor), Number(progress.dataset.step)]);
  scope.steps = [];
  note();
  new MutationObserver(note).observe(progress, { attributeFilter: ['data-step'] });
}

/**
 * The page's, after `watchSteps`: the longest stretch of the run that was ever lost, in milliseconds of learning: from a step's
 * first showing to going back behind it.
 */
export function longestLost(): number {
  const { steps } = globalThis as unknown as { steps: [at: number, step: number][] };
  let longest = 0;
  for (const [i, [at, step]] of steps.entries()) {
    const before = steps[i - 1];
    if (!before || before[1] <= step) continue;
    // The newest moment before at which the run was not yet further than it is now.
    const since = steps.slice(0, i).findLast(([, then]) => then <= step)?.[0] ?? steps[0]![0];
    longest = Math.max(longest, Math.min(at, before[0]) - since);
  }
  return longest;
}

/** The page's: the step that the browser keeps, read past the page; 0 where there is none. */
export async function newestKept(): Promise<number> {
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open('forward-forward-lab'));
  const all = await done(database.transaction('kept').objectStore('kept').getAll());
  database.close();
  return Math.max(0, ...all.map((about: { progress: { step: number } }) => about.progress.step));
}

/** The page's, and its worker's: moves both clocks by so many milliseconds. */
export function moveClocks([performanceBy, dateBy]: readonly [number, number]): void {
  const [now, date] = [performance.now.bind(performance), Date.now.bind(Date)];
  performance.now = () => now() + performanceBy;
  Date.now = () => date() + dateBy;
}

/** An hour's sleep; the date set back by a year; and both clocks back, further than they ever were. */
export const JUMPS = [
  [3_600_000, 3_600_000],
  [0, -31_536_000_000],
  [-7_200_000, -7_200_000],
] as const;

/** The page's: says that its tab is hidden, or is not any more. */
export function showTab(state: string): void {
  for (const [name, value] of [
    ['visibilityState', state],
    ['hidden', state === 'hidden'],
  ] as const)
    Object.defineProperty(document, name, { configurable: true, get: () => value });
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}

/** Before a script of the page or of its worker: what it stores is refused. */
export const FORBID = `for (const name of ['indexedDB', 'localStorage'])
  Object.defineProperty(self, name, {
    configurable: true,
    get() { throw new DOMException('Forbidden by a test.', 'SecurityError'); },
  });\n`;

/** Seconds that the page says are left; NaN where it says nothing. */
export function secondsLeft(text: string): number {
  const parts = /(?:([\d.]+) days |([\d.]+) h |(?:(\d+) min )?(?:(\d+) s )?)left/.exec(text);
  if (!parts) return NaN;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return days * 86_400 + hours * 3_600 + minutes * 60 + seconds;
}

/** Units of a network that takes more memory than `limited` leaves. */
export const TOO_LARGE = Array.from({ length: 8 }, () => 3072).join(',');

/** The module with a memory that cannot grow beyond so many MiB. */
export function limited(module: Buffer, mebibytes = 192): Buffer {
  const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
  const read = (at: number): [value: number, next: number] => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return [value >>> 0, at];
    }
  };
  for (let at = 8; at < module.length;) {
    const id = module[at]!;
    const [size, body] = read(at + 1);
    if (id === 5) {
      // One memory; its flags, and how many pages of 64 KiB it begins with.
      const [least] = read(body + 2);
      const limits = [1, 1, ...leb(least), ...leb(16 * mebibytes)];
      return Buffer.concat([
        module.subarray(0, at),
        Buffer.from([5, ...leb(limits.length), ...limits]),
        module.subarray(body + size),
      ]);
    }
    at = body + size;
  }
  throw new Error('The module has no memory of its own.');
}

/** A host of the page with a small MNIST beside it, whose training pictures end in the middle until it is mended. */
export interface CutHost {
  server: Server;
  mend(): void;
  close(): void;
}

/** Serves the page below `folder`, and cuts. */
export async function serveCut(folder = '/'): Promise<CutHost> {
  const files = smallMnist();
  const plain = await serveFolders({ [folder]: path.join(root, 'dist') });
  let cut = true;
  const server = createServer((request, response) => {
    const role = (Object.keys(names) as Role[]).find((one) => request.url?.endsWith(`/mnist/${names[one]}.gz`));
    const core = /[^/]*_bg[^/]*\.wasm$/.exec(request.url ?? '')?.[0];
    if (core) {
      const packed = readFileSync(path.join(root, 'dist/assets', core));
      response.writeHead(200, { 'content-type': 'application/wasm' });
      return void response.end(pretended(packed, files));
    }
    if (!role) return void plain.emit('request', request, response);
    const body = gzip(files[role]);
    response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': body.length });
    if (!cut || role !== 'trainImages') return void response.end(body);
    // Half of it, and then nobody is there any more.
    response.write(body.subarray(0, body.length / 2), () => setTimeout(() => response.destroy(), 200));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    mend: () => (cut = false),
    close() {
      server.close();
      plain.close();
    },
  };
}
