import type { EngineSearch, Session } from '../../pkg/forward_forward.js';
import type { EngineChoice } from '../state/settings/settings';
import { core } from './core';
import type { Notice } from './protocol';
import { breath } from './taskQueue';

/** What a search needs of the laboratory. */
export interface Searching {
  /** The run under way. */
  run(): number;
  tell(notice: Notice): void;
  /** Runs `work` when nothing else uses the session. */
  exclusively<T>(work: (session: Session) => T | Promise<T>): Promise<T>;
}

/** The engine that a person wishes for, and the search for it while the run goes on where it is: the newest wish counts. */
export class EngineWishes {
  private search: { wish: EngineChoice; engines: EngineSearch } | undefined;
  private wishes = 0;

  constructor(private readonly of: Searching) {}

  /**
   * Ends `session`; the next is for `wish`. A GPU that it was on, the next need not open again, nor compile its kernels; a search
   * under way goes on for the next, unless that has no use for a GPU.
   */
  leave(session: Session | undefined, wish: EngineChoice): void {
    const engines = session?.leave(wish);
    if (!engines && wish !== 'cpu') return;
    this.search?.engines.free();
    this.search = engines && { wish, engines };
    if (wish === 'cpu') this.wishes++;
  }

  /** Moves the run under way to the engine that is found for `wish`, unless another wish comes meanwhile. */
  async use(wish: EngineChoice): Promise<void> {
    const wishes = ++this.wishes;
    let moved = false;
    while (!moved && wishes === this.wishes) {
      moved = await this.of.exclusively((session) => wishes === this.wishes && this.searchOn(session, wish));
      if (!moved) await breath();
    }
  }

  /** One slice of the search; a run that begins meanwhile goes on with the search of the run before. Whether it is over. */
  private async searchOn(session: Session, wish: EngineChoice): Promise<boolean> {
    if (this.search?.wish !== wish) {
      this.search?.engines.free();
      this.search = { wish, engines: new core.EngineSearch(wish) };
      this.tellShare(0);
    }
    const { engines } = this.search;
    try {
      const share = await engines.advance();
      this.tellShare(share);
      if (share < 1) return false;
      this.search = undefined;
      this.of.tell({ kind: 'moved', run: this.of.run(), engine: await session.use_engine(engines) });
      return true;
    } catch (failure) {
      if (this.search) engines.free();
      this.search = undefined;
      this.tellShare(1);
      throw failure;
    }
  }

  private tellShare(share: number): void {
    this.of.tell({ kind: 'searching', run: this.of.run(), share });
  }
}
