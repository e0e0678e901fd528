import type { LayerReport, Notice, OfRun, Opened, Place, Start } from '../../worker/protocol';
import { Address, type Step } from '../history/address';
import type { Alert } from '../page/alerts.svelte';
import { choicesFromAddress } from '../settings/fromAddress';
import { WorkerEnded } from './connection';
import { count } from '../text/format';
import type { SavedRun } from '../storage/savedRun';
import { recipeFor } from '../settings/recipes';
import { Run } from './run.svelte';
import {
  type Choices,
  type DataChoice,
  type EngineChoice,
  pretrainedFor,
  startOf,
  writeChoices,
} from '../settings/settings';
import { errorMessage } from '../text/errorMessage';
import { collapse } from './soundness';
import { choiceOf, describe, standIn } from '../data/registry';
import { Sources, wanting } from '../data/sources.svelte';
import { LabState } from './labState.svelte';

/** When the page has been drawn as it is now. */
const drawn = (): Promise<undefined> =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(undefined))));

/** How runs begin, what is heard of them, and how one is gone back to. */
export abstract class LabRuns extends LabState {
  protected readonly sources: Sources;
  private readonly address: Address;
  private newestRun = 0;
  private early: Notice[] = [];
  /** What the run under way began from, which is as good as a checkpoint until there is one. */
  protected beginning: Start | undefined;
  /** The history's entry of the run under way. */
  private entry = '';

  constructor(embedded: boolean) {
    super(embedded);
    this.sources = new Sources(this.alerts, (work) => this.connection.call(work), !embedded);
    this.address = new Address(!embedded, (query) => void this.wander(query));
  }

  /** From the same beginning again, with the same seed. */
  restart(changes: Partial<Choices> = {}, step: Step = 'new'): Promise<boolean> {
    const choices = this.chosen(changes);
    return this.open(choices, { from: choices.weights }, step);
  }

  /** As `restart`; where pretrained weights cannot be had, from random ones. */
  protected async restartHowever(changes: Partial<Choices>, step: Step = 'new'): Promise<void> {
    if (!(await this.restart(changes, step)) && changes.weights === 'pretrained')
      await this.restart({ ...changes, weights: 'random' }, step);
  }

  async pause(): Promise<void> {
    this.run.rest();
    const rests = await this.attempt(async (laboratory) => {
      await laboratory.pause();
      return true;
    });
    if (!rests || this.status !== 'training') return;
    // It can be gone on with, whatever happens to the worker or the page from now on.
    this.status = 'paused';
    this.compareLater();
  }

  /** Moves the run to another engine; where it cannot go, it stays, and the reason is said. */
  async useEngine(wish: EngineChoice): Promise<void> {
    this.choose({ ...this.chosen(), engine: wish });
    await this.attempt((laboratory) => laboratory.useEngine(wish));
  }

  /** Brings another data set and starts over with it; until it is here, the run goes on. */
  async chooseData(data: DataChoice, step: Step = 'new'): Promise<void> {
    if (!(await this.sources.obtain(data))) return;
    const recipe = recipeFor(data, this.recipe);
    // Pictures in colour and digits are not for the same nets.
    if (recipe !== this.recipe) await this.restartHowever(startOf(recipe, this.chosen({ data })), step);
    else {
      const { settings, weights } = this.chosen();
      // What comes with the page for other data is not for these.
      const fits = pretrainedFor(settings, data);
      await this.restart({ data, weights: fits ? weights : 'random' }, step);
    }
  }

  protected choose(choices: Choices, step: Step = 'again'): void {
    this.choices = choices;
    this.address.write(writeChoices(choices), step);
  }

  protected async read(query: string): Promise<Choices> {
    return choicesFromAddress(query, (work) => this.connection.call(work), this.alerts);
  }

  /** Back or Forward: on with the run of that entry, or a new one from its settings. */
  private async wander(query: string): Promise<void> {
    if (!this.choices) return;
    const kept = this.previous.at(this.address.entry);
    const choices = kept?.choices ?? (await this.read(query));
    const there = kept ? this.goBack(kept, 'back') : this.open(choices, { from: choices.weights }, 'back');
    // The run that goes on instead is not the one the address speaks of.
    if (!(await there)) this.choose(this.chosen());
  }

  /** The first opening: whatever cannot be had is said and replaced by what is built in. */
  protected async openOrFallBack(choices: Choices): Promise<void> {
    const builtIn: Choices = { ...choices, data: standIn(choices.data) };
    if (!(await this.open(builtIn, { from: builtIn.weights }, 'again')) && builtIn.weights === 'pretrained')
      await this.open({ ...builtIn, weights: 'random' }, { from: 'random' }, 'again');
    if (choices.data !== builtIn.data && this.choices) {
      this.status = 'loading';
      await this.chooseData(choices.data, 'again');
      if (this.status === 'loading') this.status = 'ready';
    }
  }

  protected async open(choices: Choices, start: Start, step: Step): Promise<boolean> {
    const run = ++this.newestRun;
    const before = this.choices?.engine;
    const left = step === 'again' ? undefined : await this.leaving();
    try {
      const opened = await this.connection.call((laboratory) =>
        laboratory.open({
          run,
          settings: choices.settings,
          start,
          engine: choices.engine,
          ...(start.from === 'checkpoint' ? {} : { data: choices.data }),
        }),
      );
      if (run === this.newestRun) {
        const { entry } = this;
        const wished = this.choices?.engine;
        // One that was chosen meanwhile is for this run.
        const engine = wished !== undefined && wished !== before ? wished : choices.engine;
        this.begin(
          run,
          { ...choices, engine },
          opened,
          start.from === 'checkpoint' ? start.name : `${start.from} weights`,
          step,
        );
        this.beginning = start;
        if (left) this.previous.take(left, entry, this.entry, this.recipe.name);
        // Every run that takes no other's place opens on the CPU, at once; where else it can go may take a moment to find out.
        if (engine !== (opened.inPlace ? wished : 'cpu')) void this.useEngine(engine);
      }
      return true;
    } catch (failure) {
      if (failure instanceof WorkerEnded) return false;
      const wanted = wanting(failure);
      if (wanted) return (await this.sources.obtain(wanted)) && this.open(choices, start, step);
      this.alerts.say(errorMessage(failure));
      if (!this.engine) this.status = 'error';
      return false;
    }
  }

  private begin(run: number, choices: Choices, opened: Opened, origin: string, step: Step): void {
    this.run = new Run(run, origin, opened.settings.layers, opened.data.prepared);
    this.engine = opened.engine;
    this.search = 1;
    this.data = opened.data;
    this.labels = opened.labels;
    this.checkpoint = undefined;
    this.beforeChange = undefined;
    this.status = 'ready';
    describe(opened.data.choice, opened.data);
    const data = choiceOf(opened.data.choice);
    const fits = pretrainedFor(opened.settings, data);
    const weights = fits ? choices.weights : 'random';
    this.choose({ ...choices, data, weights, settings: opened.settings }, step);
    this.entry = this.address.entry;
    const { early } = this;
    this.early = [];
    for (const notice of early) this.hear(notice);
  }

  protected hear(notice: Notice): Promise<Place | undefined> | undefined {
    if (notice.kind === 'download') this.sources.download &&= notice;
    else if (notice.kind === 'note') this.alerts.say(notice.message);
    else if (notice.kind === 'unkept') this.autosave.unkept(notice.why);
    else if (notice.kind === 'compiling') this.compiling = notice.kernels;
    else if (notice.kind === 'crash') return undefined;
    else if (notice.kind === 'begun') return drawn();
    else if (notice.run > this.run.number) this.early.push(notice);
    else if (notice.run === this.run.number) {
      if (notice.kind === 'keeping') return this.keeping(notice.kept);
      this.hearOfRun(notice);
    }
    return undefined;
  }

  private hearOfRun(notice: OfRun): void {
    if (notice.kind === 'progress') this.learnedFor += notice.progress.milliseconds;
    this.run.hear(notice, this.status === 'training');
    switch (notice.kind) {
      case 'evaluation':
        if ((this.status === 'finished' || this.status === 'paused') && notice.evaluation.done) this.compareLater();
        break;
      case 'checkpoint':
        if (!this.about) break;
        this.checkpoint = { ...this.about, bytes: notice.bytes };
        this.beginning = undefined;
        break;
      case 'progress':
        this.lookForCollapse(notice.progress.layers);
        break;
      case 'searching':
        this.search = notice.share;
        break;
      case 'moved':
        this.engine = notice.engine;
        if (notice.message) this.alerts.say(notice.message);
        break;
      case 'stopped':
        if (notice.why === 'finished') this.status = 'finished';
        else this.failed(notice.message);
    }
  }

  protected failed(message: string): void {
    this.status = 'error';
    this.alerts.say(message, this.waysBack(this.beforeChange ?? this.checkpoint));
  }

  /** Once for each time that learning is begun: says that the run can learn nothing any more, and stops it. */
  private lookForCollapse(reports: readonly LayerReport[]): void {
    const why = collapse(reports);
    if (why === undefined || this.run.collapsed) return;
    this.run.collapsed = true;
    if (this.status === 'training') void this.pause();
    const { rate } = this.chosen().settings;
    const because = rate > this.recipe.recommended.rate ? ` The learning rate ε = ${rate} is probably too high.` : '';
    this.alerts.say(why + because, this.waysBack(this.beforeChange));
  }

  /** What a person can do about a run that came to a bad end. */
  private waysBack(kept: SavedRun | undefined): Alert['actions'] {
    const { settings } = this.chosen();
    const recommended = this.recipe.recommended.rate;
    const calmer = recommended < settings.rate ? recommended : undefined;
    const back = kept && {
      name: `Go back to batch ${count(kept.progress.step)}`,
      act: () => void this.goBack(kept, 'again'),
    };
    const over =
      calmer === undefined
        ? { name: 'Start over', act: () => void this.restart() }
        : {
            name: `Start over with ε = ${calmer}`,
            act: () => void this.restart({ settings: { ...settings, rate: calmer } }),
          };
    return back ? [back, over] : [over];
  }

  /** Goes on with a run as it was kept. */
  async goBack(kept: SavedRun, step: Step, choices = kept.choices): Promise<boolean> {
    const name = step === 'again' ? 'The last checkpoint' : 'The kept run';
    if (!(await this.open(choices, { from: 'checkpoint', bytes: kept.bytes, name }, step))) return false;
    this.run.restore(kept);
    this.checkpoint = kept;
    this.beginning = undefined;
    this.status = kept.progress.finished ? 'finished' : 'paused';
    return true;
  }
}
