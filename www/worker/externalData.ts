import type { Data, Session } from '../../pkg/forward_forward.js';
import digits from '../../assets/pretrained.safetensors?url';
import objects from '../../assets/pretrained-objects.safetensors?url';
import { errorMessage } from '../state/text/errorMessage';
import type { DataChoice, Pretrained } from '../state/settings/settings';
import { core } from './core';
import { readGiven } from './readFiles';
import { downloadMnist } from './mnist';
import { type Foreign, type Given, NEEDS_CIFAR, NEEDS_MNIST, type Notice, type Read } from './protocol';

const PRETRAINED: Record<Pretrained, string> = { digits, objects };

async function fetchPretrained(which: Pretrained): Promise<Uint8Array> {
  const response = await fetch(PRETRAINED[which]).catch((failure: unknown) => {
    throw new Error(`The pretrained weights could not be fetched (${errorMessage(failure)}).`);
  });
  if (!response.ok)
    throw new Error(`The pretrained weights could not be fetched: the server answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** What a run may need that is not made here: MNIST, CIFAR-10 and pretrained weights, as far as they have been brought. */
export class ExternalData {
  private readonly given: Partial<Record<string, Data>> = {};
  private readonly pretrained: Partial<Record<Pretrained, Promise<Uint8Array>>> = {};
  private download: AbortController | undefined;

  constructor(private readonly tell: (notice: Notice) => void) {}

  has(data: Foreign): boolean {
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
    await this.read({ name: 'MNIST', files: files.map((file) => ({ path: file.name, file })) });
  }

  cancelDownload(): void {
    this.download?.abort();
  }

  /** Reads files that are a data set, which is kept, or a checkpoint. */
  async read(given: Given): Promise<Read> {
    const found = await readGiven(given);
    const checkpoint = found.checkpoint();
    const data = found.data();
    if (!data) return { data: undefined, checkpoint };
    const name = data.name() as Foreign;
    this.given[name]?.free();
    this.given[name] = data;
    return { data: name, checkpoint };
  }

  /** Fetched once; after a failure, anew. */
  weights(which: Pretrained): Promise<Uint8Array> {
    return (this.pretrained[which] ??= fetchPretrained(which).catch((failure: unknown) => {
      this.pretrained[which] = undefined;
      throw failure;
    }));
  }

  /** Gives a session its data; without `data`, those it comes with. Pictures that are made here are what every fresh session comes with. */
  supply(session: Session, data: DataChoice | undefined): void {
    const name = data ?? session.data().name;
    const cifar = name === 'cifar10';
    if (!cifar && !name.startsWith('mnist')) return;
    const its = this.given[cifar ? 'cifar10' : 'mnist'];
    if (!its)
      throw cifar
        ? needs(NEEDS_CIFAR, 'This run learned from CIFAR-10, whose files have to be brought first.')
        : needs(NEEDS_MNIST, 'This run learned from MNIST, which has to be fetched first.');
    session.use_data(its);
  }
}

function needs(what: string, message: string): Error {
  const failure = new Error(message);
  failure.name = what;
  return failure;
}
