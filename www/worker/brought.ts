import type { Cifar, Session } from '../../pkg/forward_forward.js';
import digits from '../../assets/pretrained.safetensors?url';
import objects from '../../assets/pretrained-objects.safetensors?url';
import { sentence } from '../state/sentence';
import type { DataChoice, Pretrained } from '../state/settings';
import { MOST_WEIGHTS, unpack } from './bytes';
import { cifarFromFiles } from './cifar';
import { downloadMnist, mnistFromFiles } from './mnist';
import { type MnistBytes, NEEDS_CIFAR, NEEDS_MNIST, type Notice } from './protocol';

const PRETRAINED: Record<Pretrained, string> = { digits, objects };

async function fetchPretrained(which: Pretrained): Promise<Uint8Array> {
  const response = await fetch(PRETRAINED[which]).catch((failure: unknown) => {
    throw new Error(`The pretrained weights could not be fetched (${sentence(failure)}).`);
  });
  if (!response.ok)
    throw new Error(`The pretrained weights could not be fetched: the server answered ${response.status}.`);
  return unpack(new Uint8Array(await response.arrayBuffer()), 'The file of pretrained weights', MOST_WEIGHTS);
}

/** What a run may need that is not made here: MNIST, CIFAR-10 and pretrained weights, as far as they have been brought. */
export class Brought {
  private mnist: MnistBytes | undefined;
  private cifar: Cifar | undefined;
  private readonly pretrained: Partial<Record<Pretrained, Promise<Uint8Array>>> = {};
  private download: AbortController | undefined;

  constructor(private readonly tell: (notice: Notice) => void) {}

  /** MNIST from these files; without, unless it is there, from `beside` the page or from its mirror. */
  async obtainMnist(beside: string, files?: File[]): Promise<void> {
    if (files) {
      this.mnist = await mnistFromFiles(files);
      return;
    }
    if (this.mnist) return;
    this.cancelDownload();
    this.download = new AbortController();
    this.mnist = await downloadMnist({
      beside,
      signal: this.download.signal,
      onProgress: (name, received, total) => this.tell({ kind: 'download', name, received, total }),
      onNote: (message) => this.tell({ kind: 'note', message }),
    });
  }

  cancelDownload(): void {
    this.download?.abort();
  }

  async obtainCifar(files: File[]): Promise<void> {
    const cifar = await cifarFromFiles(files);
    this.cifar?.free();
    this.cifar = cifar;
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
    if (name === 'cifar10') {
      if (!this.cifar)
        throw needs(NEEDS_CIFAR, 'This run learned from CIFAR-10, whose files have to be brought first.');
      session.use_cifar(this.cifar);
    } else if (name.startsWith('mnist')) {
      const { mnist } = this;
      if (!mnist) throw needs(NEEDS_MNIST, 'This run learned from MNIST, which has to be fetched first.');
      session.use_mnist(mnist.trainImages, mnist.trainLabels, mnist.testImages, mnist.testLabels);
    }
  }
}

function needs(what: string, message: string): Error {
  const failure = new Error(message);
  failure.name = what;
  return failure;
}
