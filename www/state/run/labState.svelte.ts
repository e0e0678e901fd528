import type { Answers, DataInfo, EngineInfo, Place, Questions } from '../../worker/protocol';
import { Alerts } from '../page/alerts.svelte';
import { Connection, type Call, WorkerEnded } from './connection';
import type { RunInfo, SavedRun } from '../storage/savedRun';
import { Autosave } from '../storage/autosave.svelte';
import { PreviousRuns } from '../history/previousRuns.svelte';
import { DIGITS } from '../settings/recipes';
import { recipeToCome } from '../settings/coming';
import { type Recipe, recipeNamed } from '../settings/tables';
import { Run } from './run.svelte';
import { RunList } from '../history/runList.svelte';
import type { Choices } from '../settings/settings';
import { errorMessage } from '../text/errorMessage';
import { isSound } from './soundness';

/** How fast batches follow one another: as fast as can be, slowly enough for an eye, or not at all. */
export const SPEEDS = ['real time', 'slow motion', 'one batch'] as const;
export type Speed = (typeof SPEEDS)[number];

export type Status = 'loading' | 'ready' | 'training' | 'paused' | 'finished' | 'error';

/** Batches after which it shows that a change has broken a run: a unit counts as dead after about a hundred. */
const SHOWS_AFTER = 200;

/** What the page knows of the laboratory, how it asks it, and what it keeps of the run under way. */
export abstract class LabState {
  readonly alerts = new Alerts();
  readonly autosave: Autosave;
  readonly runs = new RunList();
  /** Runs that were left on the way. */
  readonly previous = new PreviousRuns(this.runs);
  status = $state<Status>('loading');
  choices = $state.raw<Choices>();
  engine = $state.raw<EngineInfo>();
  /** How far the search for another engine is; 1 when there is none. */
  search = $state(1);
  /** Kernels that the browser is still compiling for its GPU. */
  compiling = $state(0);
  data = $state.raw<DataInfo>();
  /** What the ten labels mean. */
  labels = $state.raw<readonly string[]>(DIGITS);
  /** What the recipe on the page can do; before it is known, that of the one the address leads to. */
  readonly recipe: Recipe = $derived(
    this.choices ? recipeNamed(this.choices.settings.recipe) : recipeToCome(location.search),
  );
  /** Whether pictures are in colour, which changes who is on the page. */
  readonly inColour = $derived(this.recipe.colour);
  speed = $state<Speed>('real time');
  /** What the run under way has shown so far. */
  run = $state.raw(new Run(0, '', [], 0));
  checkpoint = $state.raw<SavedRun>();
  /** The run as it was before settings were changed on the way: where to go back to if a change breaks it. */
  beforeChange = $state.raw<SavedRun>();
  /** Milliseconds of learning that this page has heard of. */
  learnedFor = 0;
  protected abstract readonly connection: Connection;
  /** What belongs to the checkpoint that is about to come. */
  protected about: RunInfo | undefined;

  /** `embedded`: one panel in somebody else's page, which neither keeps anything nor touches the address. */
  constructor(readonly embedded: boolean) {
    this.autosave = new Autosave(this.alerts, !embedded);
  }

  /** Asks the core something on behalf of a panel; `undefined` if there is no answer to show. */
  async ask<Name extends keyof Questions>(name: Name, about: Questions[Name]): Promise<Answers[Name] | undefined> {
    return this.engine && this.answer(name, about).catch(() => undefined);
  }

  /** As `ask`, for panels that say themselves why there is no answer. */
  answer<Name extends keyof Questions>(name: Name, about: Questions[Name]): Promise<Answers[Name]> {
    return this.connection.ask(name, about);
  }

  /** Has the worker do something; `undefined` if it fails. */
  async call<T>(work: Call<T>): Promise<T | undefined> {
    return this.engine && this.must(work).catch(() => undefined);
  }

  /** As `call`, for panels that say themselves what failed. */
  must<T>(work: Call<T>): Promise<T> {
    return this.connection.call(work);
  }

  /** A command whose refusal is told to the person. */
  protected async attempt<T>(
    command: Call<T>,
    onFailure: (failure: unknown) => void = (failure) => this.alerts.say(errorMessage(failure)),
  ): Promise<T | undefined> {
    try {
      return await this.connection.call(command);
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) onFailure(failure);
      return undefined;
    }
  }

  protected chosen(changes: Partial<Choices> = {}): Choices {
    if (!this.choices) throw new Error('Nothing has been opened yet.');
    return { ...this.choices, ...changes };
  }

  /** The run under way as it can be gone on with; nothing where nothing was learned, or what was is of no use. */
  protected async leaving(): Promise<SavedRun | undefined> {
    if (!this.run.newest?.step || this.status === 'error') return undefined;
    await this.call((laboratory) => laboratory.keep('page'));
    const { checkpoint, choices, data } = this;
    // It may have been measured since the checkpoint was taken.
    const about = choices && data && this.run.about(choices, data);
    const isNewer = about?.progress.step === checkpoint?.progress.step;
    return checkpoint && { ...checkpoint, ...(isNewer ? about : undefined) };
  }

  /** Takes a checkpoint before settings change, unless the last change may yet turn out to have broken the run. */
  protected async rememberSound(): Promise<void> {
    const { newest, reports } = this.run;
    const { beforeChange } = this;
    const settled = (newest?.step ?? 0) - (beforeChange?.progress.step ?? 0) >= SHOWS_AFTER && isSound(reports);
    if (!beforeChange || settled) this.beforeChange = (await this.leaving()) ?? beforeChange;
  }

  /** The run as it stands stays in the list of runs. */
  protected compareLater(): void {
    const about = this.choices && this.data && this.run.about(this.choices, this.data);
    if (about) this.runs.take(about);
  }

  /** A checkpoint has been taken: what belongs to it is how things stand right now, and the browser keeps both in one place. */
  protected async keeping(kept: boolean): Promise<Place | undefined> {
    const { choices, data } = this;
    const about = choices && data && this.run.about(choices, data);
    this.about = about;
    const slot = kept && about ? await this.autosave.place() : undefined;
    return slot && about ? { slot, about } : undefined;
  }
}
