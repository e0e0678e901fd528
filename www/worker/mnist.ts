/**
 * MNIST on request: from beside the page, else from a public mirror checked by hash. Every failure is a sentence; nothing
 * here touches the running session.
 */
import { BadFile, isGzip, isIdx, joined, sha256, unpack } from './bytes';
import { MIRROR } from './mirror';

interface MnistFile {
  name: string;
  /** Bytes of the gzip file, for the progress bar when a server names no length. */
  size: number;
  /** SHA-256 of the unpacked file. */
  sha256: string;
}

/** The smallest comes first: it tells whether the files lie beside the page. */
export const FILES: readonly MnistFile[] = [
  {
    name: 't10k-labels-idx1-ubyte',
    size: 4_542,
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
  {
    name: 'train-labels-idx1-ubyte',
    size: 28_881,
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  {
    name: 't10k-images-idx3-ubyte',
    size: 1_648_877,
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  {
    name: 'train-images-idx3-ubyte',
    size: 9_912_422,
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
];
const TOTAL = FILES.reduce((sum, file) => sum + file.size, 0);

const DROP_HINT = 'You can also drop the four MNIST files on this page.';

export interface Download {
  /** Address of the folder beside the page that may hold the files, ending in a slash. */
  beside: string;
  signal: AbortSignal;
  onProgress: (name: string, received: number, total: number) => void;
  /** Told of what went wrong without stopping the download. */
  onNote: (message: string) => void;
  fetch?: typeof fetch;
  caches?: CacheStorage | undefined;
  /** Milliseconds without a byte after which a transfer counts as stalled. */
  patience?: number;
}

export async function downloadMnist(download: Download): Promise<File[]> {
  const first = FILES[0] as MnistFile;
  const local = await probe(new URL(`${first.name}.gz`, download.beside).href, download);
  const store = local ? undefined : await openStore(download);
  const result: File[] = [];
  let before = 0;
  for (const file of FILES) {
    const progress = (received: number): void =>
      download.onProgress(file.name, before + Math.min(received, file.size), TOTAL);
    progress(0);
    const address = new URL(`${file.name}.gz`, download.beside).href;
    const bytes = !local
      ? await fromMirror(file, download, store, progress)
      : file === first
        ? local
        : await transfer(address, download, progress);
    result.push(new File([bytes as Uint8Array<ArrayBuffer>], file.name));
    before += file.size;
  }
  return result;
}

/** The file's bytes if it lies there; a server's page in its place counts as absent. */
async function probe(address: string, download: Download): Promise<Uint8Array | undefined> {
  try {
    return await transfer(address, download, () => undefined);
  } catch (failure) {
    if (download.signal.aborted) throw failure;
    return undefined;
  }
}

async function fromMirror(
  file: MnistFile,
  download: Download,
  store: Cache | undefined,
  progress: (received: number) => void,
): Promise<Uint8Array> {
  const address = `${MIRROR}${file.name}.gz`;
  const kept = await store?.match(address);
  if (kept) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if ((await sha256(await unpack(bytes, file.name).catch(() => bytes))) === file.sha256) return bytes;
  }
  const bytes = await transfer(address, download, progress);
  const hash = await sha256(await unpack(bytes, address));
  if (hash !== file.sha256)
    throw new BadFile(
      `${address} is not the file it should be: its SHA-256 begins with ${hash.slice(0, 12)}, not ${file.sha256.slice(0, 12)}. It was not used. ${DROP_HINT}`,
    );
  try {
    await store?.put(address, new Response(bytes as Uint8Array<ArrayBuffer>));
  } catch {
    download.onNote(
      `The browser had no room to keep ${file.name}; it is used now and will be downloaded again next time.`,
    );
  }
  return bytes;
}

async function openStore(download: Download): Promise<Cache | undefined> {
  try {
    // Absent on pages that are not secure; merely to name it throws in some sandboxed frames, to open it in some private windows.
    const { caches = globalThis.caches } = download;
    return await caches?.open('mnist');
  } catch {
    // Every visit downloads it anew.
    return undefined;
  }
}

/** Fetches one file whole, with progress; gives up when nothing arrives for a while. */
async function transfer(
  address: string,
  download: Download,
  progress: (received: number) => void,
): Promise<Uint8Array> {
  const { signal, patience = 20_000, fetch = globalThis.fetch } = download;
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), patience);
  try {
    const response = await fetch(address, { signal: AbortSignal.any([signal, stall.signal]) });
    if (!response.ok || !response.body)
      throw new BadFile(`${address} could not be downloaded: the server answered ${response.status}. ${DROP_HINT}`);
    const parts: Uint8Array[] = [];
    let received = 0;
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(), patience);
      parts.push(value);
      progress((received += value.length));
    }
    const bytes = joined(parts, received);
    if (!isGzip(bytes) && !isIdx(bytes))
      throw new BadFile(
        `${address} is not an MNIST file: it is neither gzip nor IDX (a page in its place, perhaps). ${DROP_HINT}`,
      );
    return bytes;
  } catch (failure) {
    if (signal.aborted) throw new BadFile('The download was cancelled.');
    if (stall.signal.aborted)
      throw new BadFile(`${address} stalled: nothing arrived for ${Math.round(patience / 1000)} seconds. ${DROP_HINT}`);
    if (failure instanceof BadFile) throw failure;
    throw new BadFile(
      `${address} could not be reached (${String((failure as Error).message)}). Are you online? ${DROP_HINT}`,
    );
  } finally {
    clearTimeout(timer);
  }
}
