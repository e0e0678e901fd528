import type { RunInfo } from '../storage/savedRun';
import { type RunSummary, isRunSummary, summarise } from './runSummary';
import * as store from '../storage/database';

/** Runs that are kept for comparison; the oldest make room. */
const MOST = 24;

/** Runs that are over or were left, as this browser keeps them. What cannot be kept is there until the page goes. */
export class RunList {
  /** The oldest first. */
  all = $state.raw<readonly RunSummary[]>([]);

  async load(): Promise<void> {
    const records = await store.all('runs').catch(() => []);
    const kept = records.map(([, value]) => value).filter(isRunSummary);
    kept.sort((a, b) => a.saved - b.saved);
    this.all = [...kept, ...this.all.filter((run) => !kept.some(({ id }) => id === run.id))];
  }

  /** Takes in how a run stands; the same run again takes its own place. */
  take(about: RunInfo): void {
    const before = this.all.find(({ id }) => id === about.id);
    const numbers = this.all.map(({ name }) => Number(/^Run (\d+)$/.exec(name)?.[1] ?? 0));
    const run = summarise(about, before?.name ?? `Run ${Math.max(0, ...numbers) + 1}`);
    if (!run) return;
    this.put({ ...run, shown: before?.shown ?? true });
    const surplus = this.all.slice(0, Math.max(0, this.all.length - MOST));
    for (const { id } of surplus) this.remove(id);
  }

  rename(id: string, name: string): void {
    // An empty name would leave nothing to take hold of.
    if (name.trim()) this.change(id, { name: name.trim().slice(0, 60) });
  }

  show(id: string, shown: boolean): void {
    this.change(id, { shown });
  }

  remove(id: string): void {
    this.all = this.all.filter((run) => run.id !== id);
    void store.remove(['runs'], [id]).catch(() => undefined);
  }

  private change(id: string, changes: Partial<RunSummary>): void {
    const run = this.all.find((each) => each.id === id);
    if (run) this.put({ ...run, ...changes });
  }

  private put(run: RunSummary): void {
    const at = this.all.findIndex(({ id }) => id === run.id);
    this.all = at < 0 ? [...this.all, run] : this.all.with(at, run);
    // A browser that keeps nothing has said so when the run itself was to be kept.
    void store
      .write(['runs'], (name) => name('runs').put(run, run.id))
      .then(({ committed }) => committed)
      .catch(() => undefined);
  }
}
