import type { EngineSearch, Session } from '../../pkg/forward_forward.js';
import { transfer } from 'comlink';
import { Every } from '../state/every';
import { sentence } from '../state/sentence';
import { write } from '../state/store';
import { cifarFromFiles } from './cifar';
import { type Brought, begin, beginAgain, fetchPretrained, presets, supply, tidy } from './beginning';
import { core, loadCore } from './core';
import { tellCompiling } from './kernels';
import { downloadMnist, mnistFromFiles } from './mnist';
import type { DataChoice, EngineChoice } from '../state/settings';
import type {
  EngineInfo,
  Fitted,
  Laboratory,
  Listener,
  Notice,
  Opened,
  Opening,
  Place,
  Presets,
  Progress,
  Settings,
  Standing,
} from './protocol';
import { RaceTrack } from './race';
import { Cadence } from './cadence';
import { Turn, breath } from './turn';

/** How long the session may be busy before messages are let in, in milliseconds. */
const SLICE = 30;
/** Test images behind the error of a network at rest. */
const QUICK = 1_000;
/** … that sees them through windows, so that training goes on soon when it is asked to. */
const QUICK_LOCAL = 100;
/** And behind the first point of the recurrent net, which settles ten times over several steps for each picture. */
const FIRST_RECURRENT = 200;
/** … and of nets with windows, whose layers are larger still. */
const FIRST_LOCAL = 40;
/** The pause between two batches in slow motion, in milliseconds. */
const SLOW = 700;
/** How long a new run rests at most until the page has drawn it, in milliseconds: a page that is not seen draws nothing. */
const DRAWN = 100;
/** Pictures whose negatives a look brings along. */
const LOOKED_AT = 8;
/** How long new batches are begun to see where a step's time goes, in milliseconds. */
const PROFILED = 500;
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
  private readonly brought: Brought = { mnist: undefined, cifar: undefined };
  private pretrained: Promise<Uint8Array> | undefined;
  private cancel: AbortController | undefined;
  /** The search for an engine under way, and how many there have been: the newest wish counts. */
  private search: { wish: EngineChoice; engines: EngineSearch } | undefined;
  private wishes = 0;
  private track: RaceTrack | undefined;

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
  private readonly saves = new Every();
  private readonly keeps = new Every();
  /** The newest checkpoint's way to the page. */
  private taking: Promise<void> | undefined;
  private readonly cadence = new Cadence();
  private slow = false;
  private nextBatch = 0;
  /** Whether the page has had time to draw this run. */
  private drawn = false;
  /** Told what the network makes of built-in pictures before it learned anything in this run. */
  private looked = false;
  private slices = 0;
  /** The data that the session was supplied with, if it was not a checkpoint that named them. */
  private supplied: DataChoice | undefined;

  isThere(): boolean {
    return true;
  }

  async hello(listener: Listener, prefetch: boolean, pool: MessagePort[]): Promise<Presets> {
    this.listener = listener;
    tellCompiling((kernels) => this.tell({ kind: 'compiling', kernels }));
    if (prefetch) void this.pretrainedBytes().catch(() => undefined);
    await loadCore(pool).catch((failure: unknown) => {
      throw new Error(
        `The part of this page that computes could not be loaded (${sentence(failure)}). Reload the page to try again.`,
      );
    });
    return presets();
  }

  async fit(settings: Settings, rules: string | undefined): Promise<Fitted> {
    const fitting = core.fitting_settings(settings, rules ?? null);
    return { settings: tidy(fitting.settings), complaints: fitting.complaints };
  }

  async complaint(settings: Settings): Promise<string | undefined> {
    try {
      core.checked_settings(settings);
      return undefined;
    } catch (failure) {
      return sentence(failure);
    }
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
      this.brought.mnist = await mnistFromFiles(files);
      return;
    }
    if (this.brought.mnist) return;
    this.cancel?.abort();
    this.cancel = new AbortController();
    this.brought.mnist = await downloadMnist({
      beside,
      signal: this.cancel.signal,
      onProgress: (name, received, total) => this.tell({ kind: 'download', name, received, total }),
      onNote: (message) => this.tell({ kind: 'note', message }),
    });
  }

  async obtainCifar(files: File[]): Promise<void> {
    const cifar = await cifarFromFiles(files);
    this.brought.cifar?.free();
    this.brought.cifar = cifar;
  }

  cancelDownload(): void {
    this.cancel?.abort();
  }

  async open({ run, settings, start, data, engine }: Opening): Promise<Opened> {
    const weights = start.from === 'pretrained' ? await this.pretrainedBytes() : undefined;
    return this.exclusively(() => {
      const inPlace = start.from !== 'checkpoint' && this.prepared && data !== undefined && data === this.supplied;
      const session = inPlace
        ? beginAgain(this.session as Session, settings, weights)
        : begin(settings, start, data, weights);
      if (!inPlace) {
        try {
          supply(session, data, this.brought);
        } catch (failure) {
          session.free();
          throw failure;
        }
        this.leave(engine);
        this.session = session;
        this.supplied = start.from === 'checkpoint' ? undefined : data;
        this.prepared = false;
      }
      this.run = run;
      this.drawn = false;
      this.looked = false;
      this.slices = 0;
      this.cadence.begin(performance.now());
      this.training = false;
      this.measuring = false;
      this.unsaved = false;
      this.unkept = false;
      this.imagesSeen = start.from === 'checkpoint' ? undefined : 0;
      this.saves.again(SAVE_EVERY);
      if (inPlace) this.beginMeasuring(session, this.cadence.sample);
      this.wake();
      const info = session.data();
      return {
        inPlace,
        settings: tidy(session.settings()),
        engine: session.engine(),
        data: info,
        labels: core.label_names(info.name),
      };
    });
  }

  /**
   * Ends the session in use; the next is for `wish`. A GPU that the old one was on, the new one need not open again, nor compile
   * its kernels; a search under way goes on for the new one, unless that has no use for a GPU.
   */
  private leave(wish: EngineChoice): void {
    const engines = this.session?.leave(wish);
    if (!engines && wish !== 'cpu') return;
    this.search?.engines.free();
    this.search = engines && { wish, engines };
    if (wish === 'cpu') this.wishes++;
  }

  async useEngine(wish: EngineChoice): Promise<EngineInfo | undefined> {
    const wishes = ++this.wishes;
    while (wishes === this.wishes) {
      const engine = await this.exclusively((session) =>
        wishes === this.wishes ? this.searchOn(session, wish) : undefined,
      );
      if (engine) return engine;
      await breath();
    }
    return undefined;
  }

  /** One slice of the search for an engine; a run that begins meanwhile goes on with the search of the run before. */
  private async searchOn(session: Session, wish: EngineChoice): Promise<EngineInfo | undefined> {
    if (this.search?.wish !== wish) {
      this.search?.engines.free();
      this.search = { wish, engines: new core.EngineSearch(wish) };
      this.tell({ kind: 'searching', run: this.run, share: 0 });
    }
    const { engines } = this.search;
    try {
      const share = await engines.advance();
      this.tell({ kind: 'searching', run: this.run, share });
      if (share < 1) return undefined;
      this.search = undefined;
      return await session.use_engine(engines);
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
    // A network at rest has time for a figure that more pictures stand behind.
    if (this.prepared && !this.training) await this.measureAtRest();
  }

  async slowDown(slow: boolean): Promise<void> {
    this.slow = slow;
    this.nextBatch = 0;
  }

  async step(): Promise<Progress> {
    const progress = await this.onceReady((session) => session.step()).catch((failure: unknown) => {
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
    // One that is on its way is as good, once the page has it.
    else await this.taking;
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

  places(image: Uint8Array, label: number) {
    return this.exclusively((session) => session.places(image, label));
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

  look() {
    return this.exclusively((session) => session.look(0));
  }

  follow(row: number, units: readonly number[]) {
    return this.exclusively((session) => session.follow(row, Int32Array.from(units)));
  }

  profile() {
    return this.onceReady((session) => session.profile(PROFILED));
  }

  evidence(image: Uint8Array, label: number) {
    return this.exclusively((session) => session.evidence(image, label));
  }

  async reject(image: Uint8Array, lessons: number) {
    const rejection = await this.exclusively((session) => session.reject(image, lessons));
    if (!this.training) await this.measureAtRest();
    return rejection;
  }

  exciting(layer: number, unit: number, count: number) {
    return this.exclusively((session) => session.exciting(layer, unit, count));
  }

  fields(layer: number, first: number, count: number) {
    return this.exclusively((session) => session.receptive_fields(layer, first, count));
  }

  field(layer: number, unit: number) {
    return this.exclusively((session) => session.receptive_field(layer, unit));
  }

  shifts(count: number) {
    return this.exclusively((session) => session.shifts(count));
  }

  async race(id: number, contenders: Settings[]): Promise<void> {
    await this.onceReady((session) => {
      this.track?.free();
      this.track = undefined;
      this.track = new RaceTrack(session, id, contenders);
    });
  }

  raceOn(id: number): Promise<Standing | undefined> {
    return this.exclusively(() => (this.track?.id === id ? this.track.goOn(SLICE) : undefined));
  }

  async endRace(): Promise<void> {
    await this.exclusively(() => {
      this.track?.free();
      this.track = undefined;
    });
  }

  mistakes(label: number, read: number, count: number) {
    return this.exclusively((session) => session.mistakes(label, read, count));
  }

  private async measureAtRest(): Promise<void> {
    await this.exclusively((session) => {
      this.beginMeasuring(session, session.settings().window ? QUICK_LOCAL : QUICK);
    });
    this.wake();
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
    try {
      await this.workOn();
    } finally {
      // In the same moment: whoever wakes it next must not find it still at work.
      this.working = false;
    }
  }

  private async workOn(): Promise<void> {
    while (true) {
      const run = this.run;
      try {
        // Where there are few cores, the page needs one for that.
        if (!this.drawn) await this.untilDrawn();
        // The first thing a person waits for is the reading of the drawing: it gets its turn before the look.
        else if (!this.looked && (this.prepared || this.slices > 1)) await this.lookAround(run);
        else if (!this.prepared) await this.prepareSlice(run);
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
    void this.work();
  }

  private async untilDrawn(): Promise<void> {
    this.drawn = true;
    const enough = new Promise((resolve) => setTimeout(resolve, DRAWN));
    await Promise.race([this.listener({ kind: 'begun' }), enough]);
  }

  private async lookAround(run: number): Promise<void> {
    this.looked = true;
    // A network gone astray is found out by its run; data still to be brought cannot be looked at.
    const look = await this.exclusively((session) => session.look(LOOKED_AT), run).catch(() => undefined);
    if (look) this.tell({ kind: 'look', run, look });
  }

  private async prepareSlice(run: number): Promise<void> {
    const prepared = await this.exclusively((session) => session.prepare(SLICE), run);
    this.slices++;
    this.tell({ kind: 'preparing', run, prepared });
    if (prepared < 1) return;
    this.prepared = true;
    await this.exclusively((session) => {
      const { recipe, window } = session.settings();
      this.beginMeasuring(session, window ? FIRST_LOCAL : recipe === 'recurrent' ? FIRST_RECURRENT : QUICK);
    }, run);
  }

  private async trainSlice(run: number): Promise<void> {
    if (this.cadence.isDue(performance.now())) {
      await this.exclusively((session) => this.beginMeasuring(session, this.cadence.sample), run);
      return;
    }
    if (this.slow && performance.now() < this.nextBatch) {
      await new Promise((resolve) => setTimeout(resolve, SLICE));
      return;
    }
    const progress = await this.exclusively((session) => (this.slow ? session.step() : session.train(SLICE)), run);
    this.nextBatch = performance.now() + SLOW;
    this.note(progress);
    if (progress.finished) {
      this.training = false;
      await this.keep('browser');
      this.tell({ kind: 'stopped', run, why: 'finished' });
      await this.exclusively((session) => this.beginMeasuring(session, Infinity), run);
    }
  }

  private async measureSlice(run: number): Promise<void> {
    const evaluation = await this.exclusively(async (session) => {
      const began = performance.now();
      const evaluation = await session.evaluate(SLICE);
      this.cadence.spent(performance.now() - began, evaluation.images);
      return evaluation;
    }, run);
    this.tell({ kind: 'evaluation', run, evaluation, took: this.cadence.took, imagesSeen: this.imagesSeen });
    if (!evaluation.done) return;
    this.measuring = false;
    this.cadence.done(performance.now());
  }

  private beginMeasuring(session: Session, images: number): void {
    session.evaluate_start(Math.min(images, session.data().test));
    this.cadence.started();
    this.measuring = true;
  }

  /** Takes a checkpoint and hands it to the page, which outlives this worker; if it is to be `kept`, also to the browser. */
  private async takeCheckpoint(kept: boolean): Promise<void> {
    const taking = this.handOver(kept);
    this.taking = taking.catch(() => undefined);
    await taking;
  }

  private async handOver(kept: boolean): Promise<void> {
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

  /** As `exclusively`, on data that are prepared: also those of a run that began while this waited for its turn. */
  private async onceReady<T>(work: (session: Session) => T | Promise<T>): Promise<T> {
    while (true) {
      this.wake();
      while (!this.prepared && this.working) await breath();
      // Where the work on them came to an end without them, `work` says what is missing.
      const answer = await this.exclusively(async (session) =>
        this.prepared || !this.working ? { value: await work(session) } : undefined,
      );
      if (answer) return answer.value;
    }
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
