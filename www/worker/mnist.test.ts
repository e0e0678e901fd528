import { describe, expect, it } from 'vitest';
import { sha256, unpack } from './bytes';
import { MIRROR } from './mirror';
import { type Download, FILES, downloadMnist } from './mnist';

const gzip = async (bytes: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(
      new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip')),
    ).arrayBuffer(),
  );
const images = (count: number): Uint8Array =>
  new Uint8Array([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2, ...new Array<number>(4 * count).fill(7)]);
const labels = (count: number): Uint8Array =>
  new Uint8Array([0, 0, 8, 1, 0, 0, 0, count, ...new Array<number>(count).fill(3)]);
const reply = (bytes: Uint8Array | string, status = 200): Response =>
  new Response(bytes as Uint8Array<ArrayBuffer>, { status });

function download(
  fetch: (address: string, signal: AbortSignal) => Promise<Response>,
): Download & { notes: string[]; seen: number[] } {
  const notes: string[] = [];
  const seen: number[] = [];
  return {
    beside: 'https://page.example/lab/mnist/',
    signal: new AbortController().signal,
    onProgress: (_name, received) => void seen.push(received),
    onNote: (message) => void notes.push(message),
    fetch: ((address: string, init: RequestInit) =>
      fetch(address, init.signal as AbortSignal)) as typeof globalThis.fetch,
    caches: undefined,
    notes,
    seen,
  };
}

describe('MNIST by download', () => {
  it('is taken from beside the page when it lies there', async () => {
    const asked: string[] = [];
    const request = download(async (address) => {
      asked.push(address);
      return reply(await gzip(address.includes('labels') ? labels(2) : images(2)));
    });
    const files = await downloadMnist(request);
    expect(asked).toEqual(FILES.map(({ name }) => `https://page.example/lab/mnist/${name}.gz`));
    expect(files.map(({ name }) => name)).toEqual(FILES.map(({ name }) => name));
    expect(await unpack(new Uint8Array(await files[3]!.arrayBuffer()), 'x')).toEqual(images(2));
    expect(request.seen).toEqual([...request.seen].sort((a, b) => a - b));
  });

  it('goes to the mirror when a page stands in the file’s place, and refuses a wrong hash', async () => {
    const request = download(async (address) =>
      address.startsWith(MIRROR) ? reply(await gzip(labels(2))) : reply('<!doctype html><title>Lab</title>'),
    );
    await expect(downloadMnist(request)).rejects.toThrow(/t10k-labels.*is not the file it should be.*It was not used/);
  });

  it('says what the server said', async () => {
    await expect(downloadMnist(download(async () => reply('gone', 404)))).rejects.toThrow(/fgnt.*answered 404/);
  });

  it('does without a store where the browser forbids one', async () => {
    const forbidden = Object.defineProperty(
      download(async () => reply('gone', 404)),
      'caches',
      {
        get: () => {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        },
      },
    );
    await expect(downloadMnist(forbidden)).rejects.toThrow(/answered 404/);
  });

  it('says when there is no network', async () => {
    const offline = download(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(downloadMnist(offline)).rejects.toThrow(/could not be reached.*drop the four MNIST files/);
  });

  it('gives up on a transfer that stalls', async () => {
    const silent = download((_address, signal) => {
      const body = new ReadableStream({
        start: (stream) => signal.addEventListener('abort', () => stream.error(new Error('aborted'))),
      });
      return Promise.resolve(new Response(body));
    });
    await expect(downloadMnist({ ...silent, patience: 30 })).rejects.toThrow(/stalled/);
  });

  it('can be cancelled', async () => {
    const cancel = new AbortController();
    const slow = download(
      (_address, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    const result = downloadMnist({ ...slow, signal: cancel.signal });
    cancel.abort();
    await expect(result).rejects.toThrow(/cancelled/);
  });
});

describe('bytes', () => {
  it('that are a damaged gzip file are named', async () => {
    const half = (await gzip(images(200))).slice(0, 30);
    await expect(unpack(half, 'labels.gz')).rejects.toThrow('labels.gz is damaged or cut short');
  });

  it('are unpacked up to a bound: a small file could ask for any amount', async () => {
    const bomb = await gzip(new Uint8Array(1_000_000));
    await expect(unpack(bomb, 'bomb.gz', 999_999)).rejects.toThrow('bomb.gz unpacks to more than 999,999 bytes');
    expect((await unpack(bomb, 'zeros.gz', 1_000_000)).length).toBe(1_000_000);
  });

  it('hash as published', async () => {
    expect(await sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
