import init, {
  EngineSearch,
  Session,
  default_settings,
  hinton_settings,
  histogram_axis,
  recommended_settings,
} from '../../pkg/forward_forward.js';
import { transfer } from 'comlink';
import pretrainedAddress from '../../assets/pretrained.safetensors?url';
import { Every } from '../state/every';
import { sentence } from '../state/sentence';
import { write } from '../state/store';
import { downloadMnist, mnistFromFiles } from './mnist';
import type { DataChoice, EngineChoice } from '../state/settings';
import { NEEDS_MNIST } from './protocol';
import type {
  Engine,
  Laboratory,
  Listener,
  MnistBytes,
  Notice,
  Opened,
  Opening,
  Place,
  Presets,
  Progress,
  RecipeKind,
  Settings,
  Start,
} from './protocol';
import { Turn, breath } from './turn';

/** How long the session may be busy before messages are let in, in milliseconds. */
const SLICE = 30;
/** Test images behind the error that is measured again and again while training. */
const QUICK = 1_000;
/** While training the page's checkpoint is at most about this many milliseconds older than the run. */
const SAVE_EVERY = 1_500;
/** … and at most this many, however long it takes to write one: five seconds may be lost, and no more. */
const SAVE_AT_LEAST = 3_000;
/** … and what the browser keeps about so many, as long as that is no more than so many bytes a millisecond. */
const KEEP_EVERY = 2_500;
const KEPT_BYTES = 20_000;

/**
 * The session and its data, off the page's thread. One coroutine (`work`) spends idle time on what is wanted, in slices:
 * preparing data, measuring, training. Calls from the page come in between the slices.
 */
export class SessionLaboratory implements Laboratory {
  private listener: Listener = () => Promise.resolve(undefined);
  private turn = new Turn();
  private session: Session | undefined;
  private run = 0;
  private mnist: MnistBytes | undefined;
  private pretrained: Promise<Uint8Array> | undefined;
  private cancel: AbortController | undefined;
  /** The search for an engine under way, and how many there have been: the newest wish counts. */
  private search: { wish: EngineChoice; engines: EngineSearch } | undefined;
  private wishes = 0;

  private working = false;
  private prepared = false;
  private training = false;
  private measuring = false;
  /** Trained since the last checkpoint, and since the last that the browser keeps. */
  private unsaved = false;
  private unkept = false;
  /** What is on its way to the disk. */
  private writing: Promise<void> | undefined;
  /** Unknown after a checkpoint was opened, until its first step. */
  private imagesSeen: number | undefined;
  private readonly measures = new Every();
  private measureBegan = 0;
  private readonly saves = new Every();
  private readonly keeps = new Every();

  async hello(listener: Listener, prefetch: boolean): Promise<Presets> {
    this.listener = listener;
    if (prefetch) void this.pretrainedBytes().catch(() => undefined);
    await init().catch((failure: unknown) => {
      throw new Error(
        `The part of this page that computes could not be loaded (${sentence(failure)}). Reload the page to try again.`,
      );
    });
    const recipe = (kind: RecipeKind): Settings => tidy(recommended_settings(kind));
    return {
      recommended: tidy(default_settings()),
      recipes: {
        supervised: recipe('supervised'),
        unsupervised: recipe('unsupervised'),
        recurrent: recipe('recurrent'),
        backprop: recipe('backprop'),
      },
      hinton: tidy(hinton_settings()),
      axis: histogram_axis(),
    };
  }

  holdLock(name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const forever = (): Promise<never> => {
        resolve();
        return new Promise(() => undefined);
      };
      navigator.locks.request(name, forever).catch(reject);
    });
  }

  async obtainMnist(beside: string, files?: File[]): Promise<void> {
    if (files) {
      this.mnist = await mnistFromFiles(files);
      return;
    }
    if (this.mnist) return;
    this.cancel?.abort();
    this.cancel = new AbortController();
    this.mnist = await downloadMnist({
      beside,
      signal: this.cancel.signal,
      onProgress: (name, received, total) => this.tell({ kind: 'download', name, received, total }),
      onNote: (message) => this.tell({ kind: 'note', message }),
    });
  }

  cancelDownload(): void {
    this.cancel?.abort();
  }

  async open({ run, settings, start, data }: Opening): Promise<Opened> {
    const weights = start.from === 'pretrained' ? await this.pretrainedBytes() : undefined;
    const mnist = this.mnist;
    return this.exclusively(() => {
      const session = begin(settings, start, weights);
      try {
        supply(session, data, mnist);
      } catch (failure) {
        session.free();
        throw failure;
      }
      this.session?.free();
      this.session = session;
      this.run = run;
      this.prepared = false;
      this.training = false;
      this.measuring = false;
      this.unsaved = false;
      this.unkept = false;
      this.imagesSeen = start.from === 'checkpoint' ? undefined : 0;
      this.saves.again(SAVE_EVERY);
      this.wake();
      return { settings: tidy(session.settings()), engine: session.engine(), data: session.data() };
    });
  }

  async useEngine(wish: EngineChoice, remembered: string | undefined): Promise<Engine | undefined> {
    const wishes = ++this.wishes;
    while (wishes === this.wishes) {
      const engine = await this.exclusively((session) =>
        wishes === this.wishes ? this.searchOn(session, wish, remembered) : undefined,
      );
      if (engine) return engine;
      await breath();
    }
    return undefined;
  }

  /** One slice of the search for an engine; a run that begins meanwhile goes on with the search of the run before. */
  private async searchOn(
    session: Session,
    wish: EngineChoice,
    remembered: string | undefined,
  ): Promise<Engine | undefined> {
    if (this.search?.wish !== wish) {
      this.search?.engines.free();
      this.search = { wish, engines: new EngineSearch(wish, remembered ?? null) };
    }
    const { engines } = this.search;
    try {
      const share = await engines.advance();
      this.tell({ kind: 'searching', run: this.run, share });
      if (share < 1) return undefined;
      this.search = undefined;
      const info = await session.use_engine(engines);
      return { info, tuning: session.engine_plan() };
    } catch (failure) {
      if (this.search) engines.free();
      this.search = undefined;
      this.tell({ kind: 'searching', run: this.run, share: 1 });
      throw failure;
    }
  }

  async train(): Promise<void> {
    this.training = true;
    this.wake();
  }

  async pause(): Promise<void> {
    this.training = false;
    // What is under way comes to its end first, and the page has been told everything before it gets this answer.
    await this.exclusively(() => undefined);
    await this.keep('browser');
    await this.listener({ kind: 'resting', run: this.run });
  }

  async step(): Promise<Progress> {
    while (!this.prepared && this.working) await breath();
    const progress = await this.exclusively((session) => session.step()).catch((failure: unknown) => {
      this.unsaved = this.unkept = false;
      throw failure;
    });
    this.note(progress);
    // Single batches, too, are kept before long.
    if (!this.training) setTimeout(() => void this.keep('browser').catch(() => undefined), SAVE_EVERY);
    return progress;
  }

  async keep(where: 'page' | 'browser'): Promise<void> {
    if (this.unsaved || (where === 'browser' && this.unkept)) await this.takeCheckpoint(where === 'browser');
    if (where === 'browser') await this.writing;
  }

  async apply(settings: Settings): Promise<void> {
    await this.exclusively((session) => session.apply(settings));
  }

  async freeze(layer: number, frozen: boolean): Promise<void> {
    await this.exclusively((session) => session.freeze(layer, frozen));
  }

  readDrawing(points: Float32Array, strokeEnds: Uint32Array, penWidth: number) {
    return this.exclusively((session) => session.read_drawing(points, strokeEnds, penWidth));
  }

  readImage(image: Uint8Array) {
    return this.exclusively((session) => session.read_image(image));
  }

  sample(index: number) {
    return this.exclusively((session) => session.sample(index));
  }

  negatives(count: number) {
    return this.exclusively((session) => session.negatives(count));
  }

  hybrids(count: number) {
    return this.exclusively((session) => session.hybrids(count));
  }

  goodnessOf(image: Uint8Array) {
    return this.exclusively(async (session) => [...(await session.goodness_of(image))]);
  }

  exciting(layer: number, unit: number, count: number) {
    return this.exclusively((session) => session.exciting(layer, unit, count));
  }

  fields(layer: number, count: number) {
    return this.exclusively((session) => session.receptive_fields(layer, count));
  }

  mistakes(label: number, read: number, count: number) {
    return this.exclusively((session) => session.mistakes(label, read, count));
  }

  async measure(images: number): Promise<void> {
    await this.exclusively((session) => this.beginMeasuring(session, images));
    this.wake();
  }

  save(): Promise<Uint8Array> {
    return this.exclusively(async (session) => {
      const bytes = await session.save();
      return transfer(bytes, [bytes.buffer]);
    });
  }

  /** Runs while there is something to do; a wake-up starts it again. */
  private async work(): Promise<void> {
    while (true) {
      const run = this.run;
      try {
        if (!this.prepared) await this.prepareSlice(run);
        else if (this.training && this.unkept && this.saves.due)
          await this.takeCheckpoint(this.keeps.due && !this.writing);
        else if (this.measuring) await this.measureSlice(run);
        else if (this.training) await this.trainSlice(run);
        else return;
      } catch (failure) {
        // What was meant for a run that has been replaced is no failure of the new one.
        if (run === this.run) {
          this.fail(failure);
          return;
        }
      }
      await breath();
    }
  }

  private wake(): void {
    if (this.working) return;
    this.working = true;
    void this.work().finally(() => (this.working = false));
  }

  private async prepareSlice(run: number): Promise<void> {
    const prepared = await this.exclusively((session) => session.prepare(SLICE), run);
    this.tell({ kind: 'preparing', run, prepared });
    if (prepared < 1) return;
    this.prepared = true;
    await this.exclusively((session) => this.beginMeasuring(session, QUICK), run);
  }

  private async trainSlice(run: number): Promise<void> {
    if (this.measures.due) {
      await this.exclusively((session) => this.beginMeasuring(session, QUICK), run);
      return;
    }
    const progress = await this.exclusively((session) => session.train(SLICE), run);
    this.note(progress);
    if (progress.finished) {
      this.training = false;
      await this.keep('browser');
      this.tell({ kind: 'stopped', run, why: 'finished' });
      await this.exclusively((session) => this.beginMeasuring(session, Infinity), run);
    }
  }

  private async measureSlice(run: number): Promise<void> {
    const evaluation = await this.exclusively((session) => session.evaluate(SLICE), run);
    this.tell({ kind: 'evaluation', run, evaluation, imagesSeen: this.imagesSeen });
    if (!evaluation.done) return;
    this.measuring = false;
    // Measuring takes about a tenth of the time training does.
    this.measures.again(Math.max(5_000, 9 * (performance.now() - this.measureBegan)));
  }

  private beginMeasuring(session: Session, images: number): void {
    session.evaluate_start(Math.min(images, session.data().test));
    this.measureBegan = performance.now();
    this.measuring = true;
  }

  /** Takes a checkpoint and hands it to the page, which outlives this worker; if it is to be `kept`, also to the browser. */
  private async takeCheckpoint(kept: boolean): Promise<void> {
    const began = performance.now();
    const { run, bytes, place } = await this.exclusively(async (session) => {
      const bytes = await session.save();
      this.unsaved = false;
      if (kept) this.unkept = false;
      // The page's answer belongs to these very weights: nothing is learned until it is here.
      return { bytes, run: this.run, place: await this.listener({ kind: 'keeping', run: this.run, kept }) };
    });
    if (kept) this.keeps.again(Math.max(KEEP_EVERY, bytes.length / KEPT_BYTES));
    if (place) await this.write(place, bytes);
    // Large networks take long to write out: no more than a fifth of the time, as far as that puts no more at risk.
    this.saves.again(Math.min(SAVE_AT_LEAST, Math.max(SAVE_EVERY, 4 * (performance.now() - began))));
    // It is safe once the page has it.
    await this.listener(transfer({ kind: 'checkpoint', run, bytes }, [bytes.buffer]));
  }

  /** Has the browser keep it, whole or not at all; answers when the weights are copied, and goes on while they are written. */
  private async write({ slot, about }: Place, bytes: Uint8Array): Promise<void> {
    const before = this.writing;
    const refused = (failure: unknown): void => this.tell({ kind: 'unkept', why: sentence(failure) });
    try {
      const { committed } = await write(['kept', 'weights'], (store) => {
        store('kept').put(about, slot);
        store('weights').put(bytes, slot);
      });
      const writing: Promise<void> = Promise.all([before, committed.catch(refused)]).then(() => {
        if (this.writing === writing) this.writing = undefined;
      });
      this.writing = writing;
    } catch (failure) {
      refused(failure);
    }
  }

  private note(progress: Progress): void {
    this.imagesSeen = progress.images_seen;
    this.unsaved ||= progress.samples > 0;
    this.unkept ||= progress.samples > 0;
    this.tell({ kind: 'progress', run: this.run, progress });
  }

  private fail(failure: unknown): void {
    this.training = false;
    this.measuring = false;
    // What failed is not worth keeping: the last checkpoint is.
    this.unsaved = this.unkept = false;
    this.tell({ kind: 'stopped', run: this.run, why: 'failed', message: sentence(failure) });
  }

  /** Runs `work` when nothing else uses the session; with `run`, only if that is still the current one. */
  private exclusively<T>(work: (session: Session) => T | Promise<T>, run?: number): Promise<T> {
    return this.turn.take(async () => {
      if (run !== undefined && run !== this.run) throw new Error('This run has been replaced.');
      try {
        // `open` is the only work that may find no session, and does not use the one it is given.
        const answer = await work(this.session as Session);
        this.tellOfMove();
        return answer;
      } catch (failure) {
        // A trap leaves the core's memory in an unknown state: nothing in this worker can be trusted any more.
        if (failure instanceof WebAssembly.RuntimeError) this.tell({ kind: 'crash', message: sentence(failure) });
        throw failure;
      }
    });
  }

  /** A lost GPU does not stop the run, but it is not kept secret either. */
  private tellOfMove(): void {
    const message = this.session?.notice();
    if (this.session && message !== undefined)
      this.tell({ kind: 'moved', run: this.run, engine: this.session.engine(), message });
  }

  private tell(notice: Notice): void {
    void this.listener(notice);
  }

  private pretrainedBytes(): Promise<Uint8Array> {
    this.pretrained ??= fetchPretrained().catch((failure: unknown) => {
      this.pretrained = undefined;
      throw failure;
    });
    return this.pretrained;
  }
}

async function fetchPretrained(): Promise<Uint8Array> {
  const response = await fetch(pretrainedAddress).catch((failure: unknown) => {
    throw new Error(`The pretrained weights could not be fetched (${sentence(failure)}).`);
  });
  if (!response.ok)
    throw new Error(`The pretrained weights could not be fetched: the server answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

function begin(settings: Settings, start: Start, pretrained: Uint8Array | undefined): Session {
  if (start.from === 'checkpoint') return Session.load(start.bytes, start.name);
  if (!pretrained) return new Session(settings);
  const session = Session.load(pretrained, 'pretrained.safetensors');
  try {
    session.apply(settings);
  } catch (failure) {
    session.free();
    throw failure;
  }
  return session;
}

/** Gives a session its data; without `data`, those it comes with. Strokes are what every fresh session comes with. */
function supply(session: Session, data: DataChoice | undefined, mnist: MnistBytes | undefined): void {
  if (!(data ?? session.data().name).startsWith('mnist')) return;
  if (!mnist) {
    const failure = new Error('This run learned from MNIST, which has to be fetched first.');
    failure.name = NEEDS_MNIST;
    throw failure;
  }
  session.use_mnist(mnist.trainImages, mnist.trainLabels, mnist.testImages, mnist.testLabels);
}

/** The core counts in 32-bit floats; 0.02 comes out of it as 0.0199999996. */
function tidy(settings: ReturnType<Session['settings']>): Settings {
  const tidied = Object.entries(settings).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value,
  ]);
  return Object.fromEntries(tidied) as Settings;
}
