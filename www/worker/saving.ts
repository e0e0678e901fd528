import type { Session } from '../../pkg/forward_forward.js';
import { transfer } from 'comlink';
import { Interval } from '../state/storage/interval';
import { errorMessage } from '../state/text/errorMessage';
import { write } from '../state/storage/database';
import type { Listener, Place, Progress } from './protocol';

/** While training the page's checkpoint is at most about this many milliseconds older than the run. */
const SAVE_EVERY = 1_500;
/** … and at most this many, however long it takes to write one: five seconds may be lost, and no more. */
const SAVE_AT_LEAST = 3_000;
/** … and what the browser keeps about so many, as long as that is no more than so many bytes a millisecond. */
const KEEP_EVERY = 2_500;
const KEPT_BYTES = 20_000;
/** What the browser has on its disk is at most so many milliseconds of learning old: a slower disk holds the run up. */
const BEHIND = 4_000;

/** What saving needs of the laboratory. */
export interface Saved {
  /** The run under way. */
  run(): number;
  /** Whoever hears of it: the page. */
  listener(): Listener;
  /** Runs `work` when nothing else uses the session. */
  exclusively<T>(work: (session: Session) => T | Promise<T>): Promise<T>;
}

/** Checkpoints of the run under way: when one is due, and their way to the page and to where the browser keeps data. */
export class Saving {
  /** The run has a checkpoint. */
  private taken = false;
  /** Milliseconds the run has learned for, and how many of them are safe on the disk. */
  private learnedFor = 0;
  private safe = 0;
  /** How old a checkpoint on the disk may become. */
  private behind = BEHIND;
  /** The last one was refused: it is no use to wait for the next. */
  private refused = false;
  /** Trained since the last checkpoint, and since the last that the browser keeps. */
  private unsaved = false;
  private unkept = false;
  /** What is on its way to the disk. */
  private writing: Promise<void> | undefined;
  private readonly saves = new Interval();
  private readonly keeps = new Interval();
  /** The newest checkpoint's way to the page. */
  private taking: Promise<void> | undefined;

  constructor(private readonly of: Saved) {}

  /** A run begins. */
  begin(): void {
    this.giveUp();
    this.taken = false;
    this.learnedFor = this.safe = 0;
  }

  /** What was learned since the last checkpoint is not worth keeping. */
  giveUp(): void {
    this.unsaved = this.unkept = false;
  }

  learned({ samples, milliseconds }: Progress): void {
    this.learnedFor += milliseconds;
    if (samples > 0) this.changed();
  }

  /** The network is not what it was. */
  changed(): void {
    this.unsaved = this.unkept = true;
  }

  /** Nothing of this run could be gone on with: it should learn no more than a batch before there is. */
  get first(): boolean {
    return !this.taken;
  }

  get due(): boolean {
    return this.unkept && (this.first || this.saves.due || this.late);
  }

  /** More would be lost with the page than may be. */
  private get late(): boolean {
    return this.writing !== undefined && !this.refused && this.learnedFor - this.safe > this.behind;
  }

  /** Takes the checkpoint that is due; the browser keeps it, too, if it is time and the last one has been written. */
  async takeDue(): Promise<void> {
    if (this.late) await this.writing;
    await this.take(this.first || (this.keeps.due && !this.writing));
  }

  /** Single batches, too, are kept before long. */
  soon(): void {
    setTimeout(() => void this.keep('browser').catch(() => undefined), SAVE_EVERY);
  }

  /** Sees to it that the page, or also the browser, has all that was learned. */
  async keep(where: 'page' | 'browser'): Promise<void> {
    if (this.unsaved || (where === 'browser' && this.unkept)) await this.take(where === 'browser');
    // One that is on its way is as good, once the page has it.
    else await this.taking;
    if (where === 'browser') await this.writing;
  }

  /** Takes a checkpoint and hands it to the page, which outlives this worker; if it is to be `kept`, also to the browser. */
  private async take(kept: boolean): Promise<void> {
    const taking = this.handOver(kept);
    this.taking = taking.catch(() => undefined);
    await taking;
  }

  private async handOver(kept: boolean): Promise<void> {
    const began = performance.now();
    const { run, bytes, place, at } = await this.of.exclusively(async (session) => {
      const bytes = await session.save();
      const run = this.of.run();
      const at = this.learnedFor;
      this.taken = true;
      this.unsaved = false;
      if (kept) this.unkept = false;
      // The page's answer belongs to these very weights: nothing is learned until it is here.
      return { bytes, run, at, place: await this.of.listener()({ kind: 'keeping', run, kept }) };
    });
    if (kept) {
      const every = Math.max(KEEP_EVERY, bytes.length / KEPT_BYTES);
      this.keeps.again(every);
      this.behind = (BEHIND / KEEP_EVERY) * every;
    }
    if (place)
      await this.write(place, bytes, () => {
        this.refused = false;
        if (run === this.of.run()) this.safe = at;
      });
    // Large networks take long to write out: no more than a fifth of the time, as far as that puts no more at risk.
    this.saves.again(Math.min(SAVE_AT_LEAST, Math.max(SAVE_EVERY, 4 * (performance.now() - began))));
    // It is safe once the page has it.
    await this.of.listener()(transfer({ kind: 'checkpoint', run, bytes }, [bytes.buffer]));
  }

  /** Has the browser keep it, whole or not at all; answers when the weights are copied, and goes on while they are written. */
  private async write({ slot, about }: Place, bytes: Uint8Array, safe: () => void): Promise<void> {
    const before = this.writing;
    const refused = (failure: unknown): void => {
      this.refused = true;
      void this.of.listener()({ kind: 'unkept', why: errorMessage(failure) });
    };
    try {
      const { committed } = await write(['kept', 'weights'], (store) => {
        store('kept').put(about, slot);
        store('weights').put(bytes, slot);
      });
      const writing: Promise<void> = Promise.all([before, committed.then(safe, refused)]).then(() => {
        if (this.writing === writing) this.writing = undefined;
      });
      this.writing = writing;
    } catch (failure) {
      refused(failure);
    }
  }
}
