/**
 * The page's address as its history sees it. A new run is a new entry, which Back leads away from; smaller changes rewrite the
 * entry they are made in. An entry is named, so that its run can be found again.
 */
import { freshName } from '../storage/slots';

/** `again`: the same run once more, after a mishap; `back`: the address is there already. */
export type Step = 'new' | 'again' | 'back';

/** A whole address of this page with such a query. */
export const linkTo = (query: string): string => location.origin + location.pathname + (query ? `?${query}` : '');

export class Address {
  /** The entry that the run under way belongs to. */
  entry = freshName();
  private query = location.search;

  /** Frames share their page's history: a panel in somebody's own page is not `ours` to write. */
  constructor(
    private readonly ours: boolean,
    onwander: (query: string) => void,
  ) {
    if (ours)
      addEventListener('popstate', () => {
        const entry = this.state();
        // Going to another #place on the page is no new run.
        if (location.search === this.query && (entry === undefined || entry === this.entry)) return;
        this.query = location.search;
        this.entry = entry ?? freshName();
        onwander(location.search);
      });
  }

  /** Makes `query` (without its `?`) the address; a new entry if it is a new run with other settings. */
  write(query: string, step: Step): void {
    if (!this.ours) return;
    const search = query ? `?${query}` : '';
    const isNew = step === 'new' && search !== this.query;
    if (isNew) this.entry = freshName();
    this.query = search;
    const address = location.pathname + search + location.hash;
    if (isNew) history.pushState({ entry: this.entry }, '', address);
    else history.replaceState({ entry: this.entry }, '', address);
  }

  private state(): string | undefined {
    const state: unknown = history.state;
    if (typeof state !== 'object' || state === null || !('entry' in state)) return undefined;
    return typeof state.entry === 'string' ? state.entry : undefined;
  }
}
