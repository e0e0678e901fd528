import type { SavedRun } from '../storage/savedRun';
import type { RecipeKind } from '../../worker/protocol';
import type { RunList } from './runList.svelte';
import { RunsByEntry } from './runsByEntry';

/** Runs that were left for another: they stay in the list of runs, wait at their entry of the history, and under their recipe. */
export class PreviousRuns {
  /** The newest that was left of each recipe but the one under way. */
  byRecipe = $state.raw<Partial<Record<RecipeKind, SavedRun>>>({});
  private readonly visits = new RunsByEntry();

  constructor(private readonly runs: RunList) {}

  /** `run`, of the history's entry `entry`, was left for a run of `recipe` at the entry `now`. */
  take(run: SavedRun, entry: string, now: string, recipe: RecipeKind): void {
    this.runs.take(run);
    if (entry !== now) this.visits.leave(entry, run);
    const before = run.choices.settings.recipe;
    if (before === recipe) return;
    const { [recipe]: _, ...others } = this.byRecipe;
    this.byRecipe = { ...others, [before]: run };
  }

  /** The run that waits at an entry of the history. */
  at(entry: string): SavedRun | undefined {
    return this.visits.at(entry);
  }
}
