import type { Question, Session } from '../../pkg/forward_forward.js';
import { transfer } from 'comlink';
import { errorMessage } from '../state/text/errorMessage';
import { begin, beginAgain, tidy } from './newSession';
import { ExternalData } from './externalData';
import { core, loadCore } from './core';
import { EngineWishes } from './engines';
import { tellCompiling } from './kernels';
import { DEFAULT, sourceOf } from '../state/data/registry';
import type { DataChoice, EngineChoice, Pretrained } from '../state/settings/settings';
import type {
  Answers,
  DataInfo,
  Fitted,
  Given,
  Laboratory,
  Listener,
  Naming,
  Notice,
  Opened,
  Opening,
  Progress,
  Questions,
  Read,
  Settings,
  Standing,
} from './protocol';
import { Races } from './race';
import { Saving } from './saving';
import { holdLock } from './lock';
import { Measuring } from './measuring';
import { TaskQueue, breath } from './taskQueue';

/** How long the session may be busy before messages are let in, in milliseconds. */
const SLICE = 30;
/** The pause between two batches in slow motion, in milliseconds. */
const SLOW = 700;
/** How long a new run rests at most until the page has drawn it, in milliseconds: a page that is not seen draws nothing. */
const DRAWN = 100;
/** Pictures whose negatives a look brings along. */
const LOOKED_AT = 8;

/**
 * The session and its data, off the page's thread. One coroutine (`workOn`) spends idle time on what is wanted, in slices:
 * preparing data, measuring, training. Calls from the page come in between the slices.
 */
export class SessionLaboratory implements Laboratory {
  private listener: Listener = () => Promise.resolve(undefined);
  private readonly queue = new TaskQueue();
  private session: Session | undefined;
  private run = 0;
  private readonly external = new ExternalData((notice) => this.tell(notice));

  private working = false;
  private prepared = false;
  private training = false;
  /** Unknown after a checkpoint was opened, until its first step. */
  private imagesSeen: number | undefined;
  private readonly saving = new Saving({
    run: () => this.run,
    listener: () => this.listener,
    exclusively: (work) => this.exclusively(work),
  });
  private readonly engines = new EngineWishes({
    run: () => this.run,
    tell: (notice) => this.tell(notice),
    exclusively: (work) => this.exclusively(work),
  });
  private readonly measuring = new Measuring();
  private readonly races = new Races();
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

  async hello(listener: Listener, prefetch: Pretrained | undefined, pool: MessagePort[]): Promise<void> {
    this.listener = listener;
    tellCompiling((kernels) => this.tell({ kind: 'compiling', kernels }));
    if (prefetch) void this.external.weights(prefetch).catch(() => undefined);
    await loadCore(pool).catch((failure: unknown) => {
      throw new Error(
        `The part of this page that computes could not be loaded: ${errorMessage(failure)}. Reload the page to try again.`,
      );
    });
  }

  async fit(settings: Settings, rules: string | undefined): Promise<Fitted> {
    const fitting = core.fitting_settings(settings, rules ?? null);
    return { settings: tidy(fitting.settings), complaints: fitting.complaints };
  }

  holdLock(name: string): Promise<void> {
    return holdLock(name);
  }

  async has(data: DataChoice): Promise<boolean> {
    return this.external.has(data);
  }

  downloadMnist(beside: string): Promise<void> {
    return this.external.downloadMnist(beside);
  }

  async read(given: Given): Promise<Read> {
    const read = await this.external.read(given, (work) => this.exclusively(() => work(this.session)));
    // The session learns from what was given before.
    if (read.data === this.supplied) this.supplied = undefined;
    if (read.awaited) this.wake();
    return read;
  }

  async name(naming: Naming): Promise<DataInfo> {
    const info = await this.external.name(naming);
    if (info.name === this.supplied) this.supplied = undefined;
    return info;
  }

  cancelDownload(): void {
    this.external.cancelDownload();
  }

  async open({ run, settings, start, data, engine }: Opening): Promise<Opened> {
    const which = (sourceOf(data ?? DEFAULT).pretrained ?? 'digits') as Pretrained;
    const weights = start.from === 'pretrained' ? await this.external.weights(which) : undefined;
    return this.exclusively(() => {
      const inPlace = start.from !== 'checkpoint' && this.prepared && data !== undefined && data === this.supplied;
      const session = inPlace
        ? beginAgain(this.session as Session, settings, weights)
        : begin(settings, start, data ? this.external.data(data) : undefined, weights);
      if (!inPlace) {
        try {
          this.external.supply(session, data);
        } catch (failure) {
          session.free();
          throw failure;
        }
        this.engines.leave(this.session, engine);
        this.session = session;
        this.supplied = start.from === 'checkpoint' ? undefined : data;
        this.prepared = false;
      }
      this.run = run;
      this.drawn = false;
      this.looked = false;
      this.slices = 0;
      this.measuring.reset();
      this.training = false;
      this.imagesSeen = start.from === 'checkpoint' ? undefined : 0;
      this.saving.begin();
      if (inPlace) this.measuring.begin(session);
      this.wake();
      const info = session.data();
      return {
        inPlace,
        settings: tidy(session.settings()),
        engine: session.engine(),
        data: info,
        labels: info.classes,
      };
    });
  }

  useEngine(wish: EngineChoice): Promise<void> {
    return this.engines.use(wish);
  }

  async train(): Promise<void> {
    this.training = true;
    this.wake();
  }

  async pause(): Promise<void> {
    this.training = false;
    // What is under way comes to its end first, and the page has been told everything before it gets this answer.
    await this.exclusively(() => undefined);
    await this.saving.keep('browser');
    await this.listener({ kind: 'resting', run: this.run });
    if (this.prepared && !this.training) await this.measureAtRest();
  }

  async slowDown(slow: boolean): Promise<void> {
    this.slow = slow;
    this.nextBatch = 0;
  }

  async step(): Promise<Progress> {
    const progress = await this.onceReady((session) => session.step()).catch((failure: unknown) => {
      this.saving.giveUp();
      throw failure;
    });
    this.note(progress);
    if (!this.training) {
      if (this.saving.due) await this.saving.takeDue();
      else this.saving.soon();
    }
    return progress;
  }

  keep(where: 'page' | 'browser'): Promise<void> {
    return this.saving.keep(where);
  }

  async apply(settings: Settings): Promise<void> {
    await this.exclusively((session) => session.apply(settings));
  }

  async freeze(layer: number, frozen: boolean): Promise<void> {
    await this.exclusively((session) => session.freeze(layer, frozen));
  }

  async ask<Name extends keyof Questions>(name: Name, about: Questions[Name]): Promise<Answers[Name]> {
    const work = async (session: Session): Promise<Answers[Name]> => {
      const answer = (await session.ask({ [name]: about } as object as Question)) as Answers;
      return answer[name];
    };
    // Steps are taken to see where their time goes.
    const answer = await (name === 'profile' ? this.onceReady(work) : this.exclusively(work));
    if (name === 'reject') {
      this.saving.changed();
      this.saving.soon();
      if (!this.training) await this.measureAtRest();
    }
    return answer;
  }

  async race(id: number, contenders: Settings[]): Promise<void> {
    await this.onceReady((session) => this.races.begin(session, id, contenders));
  }

  raceOn(id: number): Promise<Standing | undefined> {
    return this.exclusively(() => this.races.goOn(id, SLICE));
  }

  endRace(): Promise<void> {
    return this.exclusively(() => this.races.end());
  }

  async measure(images: number): Promise<void> {
    await this.exclusively((session) => this.measuring.begin(session, images));
    this.wake();
  }

  private async measureAtRest(): Promise<void> {
    await this.exclusively((session) => this.measuring.beginAtRest(session));
    this.wake();
  }

  save(): Promise<Uint8Array> {
    return this.exclusively(async (session) => {
      const bytes = await session.save();
      return transfer(bytes, [bytes.buffer]);
    });
  }

  /** Works while there is something to do; a wake-up begins it again. */
  private async workOn(): Promise<void> {
    while (true) {
      const run = this.run;
      try {
        // Where there are few cores, the page needs one for that.
        if (!this.drawn) await this.untilDrawn();
        // The first thing a person waits for is the reading of the drawing: it gets its turn before the look.
        else if (!this.looked && (this.prepared || this.slices > 1)) await this.lookAround(run);
        else if (!this.prepared) {
          if (!(await this.prepareSlice(run))) return;
        } else if (this.training && this.saving.due) await this.saving.takeDue();
        else if (this.measuring.active) await this.measureSlice(run);
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
    // In the same moment: whoever wakes it next must not find it still at work.
    void this.workOn().finally(() => (this.working = false));
  }

  private async untilDrawn(): Promise<void> {
    this.drawn = true;
    const enough = new Promise((resolve) => setTimeout(resolve, DRAWN));
    await Promise.race([this.listener({ kind: 'begun' }), enough]);
  }

  private async lookAround(run: number): Promise<void> {
    this.looked = true;
    // A network gone astray is found out by its run; data still to be brought cannot be looked at.
    const look = await this.exclusively((session) => session.ask({ look: { negatives: LOOKED_AT } }), run).catch(
      () => undefined,
    );
    if (look) this.tell({ kind: 'look', run, look: (look as Answers).look });
  }

  /** Makes data for a moment. False where their files have to be given again, which is said. */
  private async prepareSlice(run: number): Promise<boolean> {
    const prepared = await this.exclusively((session) => session.prepare(SLICE), run);
    const { built_in, title } = (this.session as Session).data();
    if (prepared === 0 && !built_in) {
      const message = `This run learned from ${title}, which is not here. It can read; to let it learn, drop the same files.`;
      this.tell({ kind: 'note', message });
      return false;
    }
    this.slices++;
    this.tell({ kind: 'preparing', run, prepared });
    if (prepared < 1) return true;
    this.prepared = true;
    await this.exclusively((session) => this.measuring.beginFirst(session), run);
    return true;
  }

  private async trainSlice(run: number): Promise<void> {
    if (this.measuring.due) {
      await this.exclusively((session) => this.measuring.begin(session), run);
      return;
    }
    if (this.slow && performance.now() < this.nextBatch) {
      await new Promise((resolve) => setTimeout(resolve, SLICE));
      return;
    }
    const single = this.slow || this.saving.first;
    const progress = await this.exclusively((session) => (single ? session.step() : session.train(SLICE)), run);
    this.nextBatch = performance.now() + SLOW;
    this.note(progress);
    if (progress.finished) {
      this.training = false;
      await this.saving.keep('browser');
      this.tell({ kind: 'stopped', run, why: 'finished' });
      await this.exclusively((session) => this.measuring.begin(session, Infinity), run);
    }
  }

  private async measureSlice(run: number): Promise<void> {
    const told = await this.exclusively((session) => this.measuring.goOn(session, SLICE), run);
    this.tell({ kind: 'evaluation', run, ...told, imagesSeen: this.imagesSeen });
  }

  private note(progress: Progress): void {
    this.imagesSeen = progress.images_seen;
    this.saving.learned(progress);
    this.tell({ kind: 'progress', run: this.run, progress });
  }

  private fail(failure: unknown): void {
    this.training = false;
    this.measuring.active = false;
    // What failed is not worth keeping: the last checkpoint is.
    this.saving.giveUp();
    this.tell({ kind: 'stopped', run: this.run, why: 'failed', message: errorMessage(failure) });
  }

  /** Runs `work` when nothing else uses the session; with `run`, only if that is still the current one. */
  private exclusively<T>(work: (session: Session) => T | Promise<T>, run?: number): Promise<T> {
    return this.queue.run(async () => {
      if (run !== undefined && run !== this.run) throw new Error('This run has been replaced.');
      try {
        // `open` is the only work that may find no session, and does not use the one it is given.
        const answer = await work(this.session as Session);
        this.tellOfMove();
        return answer;
      } catch (failure) {
        // A trap leaves the core's memory in an unknown state: nothing in this worker can be trusted any more.
        if (failure instanceof WebAssembly.RuntimeError) this.tell({ kind: 'crash', message: errorMessage(failure) });
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
}
