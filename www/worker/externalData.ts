import type { Data, GivenFiles, Session } from '../../pkg/forward_forward.js';
import digits from '../../assets/pretrained.safetensors?url';
import objects from '../../assets/pretrained-objects.safetensors?url';
import { sourceOf } from '../state/data/registry';
import { errorMessage } from '../state/text/errorMessage';
import type { DataChoice, Pretrained } from '../state/settings/settings';
import { core } from './core';
import { fitted, readGiven } from './readFiles';
import { downloadMnist } from './mnist';
import { type DataInfo, type Given, NEEDS, type Naming, type Notice, type Read } from './protocol';

const PRETRAINED: Record<Pretrained, string> = { digits, objects };

async function fetchPretrained(which: Pretrained): Promise<Uint8Array> {
  const response = await fetch(PRETRAINED[which]).catch((failure: unknown) => {
    throw new Error(`The pretrained weights could not be fetched (${errorMessage(failure)}).`);
  });
  if (!response.ok)
    throw new Error(`The pretrained weights could not be fetched: the server answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Work with the session, if there is one, when nothing else uses it. */
type Use = <T>(work: (session: Session | undefined) => T) => Promise<T>;

/** What a run may need that is not made here: MNIST, CIFAR-10 and pretrained weights, as far as they have been brought. */
export class ExternalData {
  private readonly given: Partial<Record<string, Data>> = {};
  private readonly pretrained: Partial<Record<Pretrained, Promise<Uint8Array>>> = {};
  /** What was read, and is data that the person has to name. */
  private unnamed: { given: Given; found: GivenFiles } | undefined;
  private download: AbortController | undefined;

  constructor(private readonly tell: (notice: Notice) => void) {}

  has(data: DataChoice): boolean {
    return this.given[data] !== undefined;
  }

  /** The data of this name: as they were given, or as they are made here. */
  data(name: DataChoice): Data {
    return this.given[name] ?? core.Data.named(name);
  }

  /** Downloads MNIST from `beside` the page or from its mirror. */
  async downloadMnist(beside: string): Promise<void> {
    this.cancelDownload();
    this.download = new AbortController();
    const files = await downloadMnist({
      beside,
      signal: this.download.signal,
      onProgress: (name, received, total) => this.tell({ kind: 'download', name, received, total }),
      onNote: (message) => this.tell({ kind: 'note', message }),
    });
    const { unnamed } = await this.read(
      { name: 'MNIST', files: files.map((file) => ({ path: file.name, file })) },
      undefined,
    );
    if (unnamed)
      throw new Error(
        'The files beside this page are not those of MNIST: their SHA-256 differ. Drop them to use them as data of your own.',
      );
  }

  cancelDownload(): void {
    this.download?.abort();
  }

  /**
   * Reads files that are a data set, which is kept, or a checkpoint; those that the session waits for, it takes. `use` lends the
   * session when nothing else uses it: a call while another is under way would be refused.
   */
  async read(given: Given, use: Use | undefined): Promise<Read> {
    this.unnamed?.found.free();
    this.unnamed = undefined;
    const found = await readGiven(given);
    const checkpoint = found.checkpoint();
    const classes = found.classes();
    if (classes.length === 0) {
      const data = found.data(new Uint8Array(), false);
      return { data: data && this.keep(data), unnamed: undefined, awaited: false, checkpoint };
    }
    this.unnamed = { given, found };
    const info = await use?.((session) => session?.data());
    if (use && info?.own && info.prepared === 0) {
      const { title, classes, colour } = info;
      for (const transposed of [false, true]) {
        const data = await this.named({ title, classes, transposed, colour }).catch(() => undefined);
        if (!data) continue;
        const taken = await use((session) => {
          const awaited = session?.awaits(data) ?? false;
          if (awaited) session?.use_data(data);
          return awaited;
        });
        if (taken) return { data: this.keep(data), unnamed: undefined, awaited: true, checkpoint };
      }
    }
    const pictures = found.pictures().length;
    return { data: undefined, unnamed: { title: given.name, classes, pictures }, awaited: false, checkpoint };
  }

  /** Names what was read last. */
  async name(naming: Naming): Promise<DataInfo> {
    const data = await this.named(naming);
    this.keep(data);
    return data.info();
  }

  private async named({ title, classes, transposed, colour }: Naming): Promise<Data> {
    if (!this.unnamed) throw new Error('The files are gone; give them again.');
    const { found, given } = this.unnamed;
    const pictures = await fitted(given, found.pictures(), colour);
    const data = found.data(pictures, colour) as Data;
    try {
      return data.described(title, classes, transposed);
    } finally {
      data.free();
    }
  }

  private keep(data: Data): DataChoice {
    const { name } = data.info();
    this.given[name]?.free();
    this.given[name] = data;
    return name;
  }

  /** Fetched once; after a failure, anew. */
  weights(which: Pretrained): Promise<Uint8Array> {
    return (this.pretrained[which] ??= fetchPretrained(which).catch((failure: unknown) => {
      this.pretrained[which] = undefined;
      throw failure;
    }));
  }

  /** Gives a session its data; without `data`, those it comes with. What is made here every fresh session comes with. */
  supply(session: Session, data: DataChoice | undefined): void {
    const { own, built_in, choice, title } = session.data();
    const wanted = data ?? choice;
    if (data ? sourceOf(data).built_in : built_in) return;
    const its = this.given[wanted];
    // A run over data that the person named shows what it learned without them.
    if (own && !data && !(its && session.awaits(its))) return;
    if (!its) {
      const failure = new Error(`This run learned from ${title}, whose files have to be given first.`);
      failure.name = NEEDS + wanted;
      throw failure;
    }
    session.use_data(its);
  }
}
