import type {
  Answers,
  DataInfo,
  EngineInfo,
  Given,
  LayerReport,
  Notice,
  OfRun,
  Opened,
  Place,
  Questions,
  Rejection,
  Settings,
  Start,
  Naming,
  Unnamed,
} from '../../worker/protocol';
import { Address, type Step } from '../history/address';
import { type Alert, Alerts } from '../page/alerts.svelte';
import { choicesFromAddress } from '../settings/fromAddress';
import { Connection, type Call, type Ended, WorkerEnded } from './connection';
import { download } from '../browser/download';
import { count } from '../text/format';
import type { RunInfo, SavedRun } from '../storage/savedRun';
import { type FoundRun, Autosave } from '../storage/autosave.svelte';
import { PreviousRuns } from '../history/previousRuns.svelte';
import { DIGITS, pretrainedRecipe, recipeFor } from '../settings/recipes';
import { pretrainedToCome, recipeToCome } from '../settings/coming';
import { type Recipe, recipeNamed, settingNamed } from '../settings/tables';
import { Run } from './run.svelte';
import { RunList } from '../history/runList.svelte';
import {
  type Choices,
  type DataChoice,
  type EngineChoice,
  pretrainedFor,
  startOf,
  writeChoices,
} from '../settings/settings';
import { errorMessage } from '../text/errorMessage';
import { collapse, isSound } from './soundness';
import { choiceOf, COLOURED, describe, standIn } from '../data/registry';
import { Sources, wanting } from '../data/sources.svelte';

/** How fast batches follow one another: as fast as can be, slowly enough for an eye, or not at all. */
export const SPEEDS = ['real time', 'slow motion', 'one batch'] as const;
export type Speed = (typeof SPEEDS)[number];

/** Batches after which it shows that a change has broken a run: a unit counts as dead after about a hundred. */
const SHOWS_AFTER = 200;

export type Status = 'loading' | 'ready' | 'training' | 'paused' | 'finished' | 'error';

/** When the page has been drawn as it is now. */
const drawn = (): Promise<undefined> =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(undefined))));

/** The page's view of the laboratory: what runs, what came of it, and what a person can ask of it. */
export class Lab {
  readonly alerts = new Alerts();
  readonly autosave: Autosave;
  readonly runs = new RunList();
  /** Runs that were left on the way. */
  readonly previous = new PreviousRuns(this.runs);
  private readonly sources: Sources;
  private readonly address: Address;

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

  private connection: Connection;
  private newestRun = 0;
  private early: Notice[] = [];
  /** What the run under way began from, which is as good as a checkpoint until there is one. */
  private beginning: Start | undefined;
  /** Milliseconds of learning that this page has heard of. */
  learnedFor = 0;
  /** What belongs to the checkpoint that is about to come. */
  private about: RunInfo | undefined;
  private deaths: number[] = [];
  /** The history's entry of the run under way. */
  private entry = '';

  /** `embedded`: one panel in somebody else's page, which neither keeps anything nor touches the address. */
  constructor(readonly embedded = false) {
    this.autosave = new Autosave(this.alerts, !embedded);
    this.sources = new Sources(this.alerts, (work) => this.connection.call(work), !embedded);
    this.address = new Address(!embedded, (query) => void this.wander(query));
    this.connection = this.connect();
    const keep = (): void => {
      if (document.visibilityState !== 'hidden') return;
      void this.call((laboratory) => laboratory.keep('browser'));
      this.compareLater();
    };
    addEventListener('visibilitychange', keep);
    addEventListener('pagehide', keep);
  }

  /** Brings the page up with what its address asks for. */
  async start(query: string): Promise<void> {
    try {
      await this.connection.hello(pretrainedToCome(query));
      await this.openOrFallBack(await this.read(query));
      if (!this.embedded) await Promise.all([this.autosave.look(), this.runs.load()]);
    } catch (failure) {
      if (failure instanceof WorkerEnded) return;
      this.status = 'error';
      this.alerts.say(errorMessage(failure));
    }
  }

  get download() {
    return this.sources.download;
  }

  async train(): Promise<void> {
    if (this.speed === 'one batch') return this.step();
    this.run.rest();
    this.run.collapsed = false;
    this.status = 'training';
    await this.attempt((laboratory) => laboratory.train());
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

  /** Comes to rest with everything kept, before the page is loaded anew. */
  async rest(): Promise<void> {
    if (this.status === 'training') await this.pause();
  }

  async step(): Promise<void> {
    const stepped = await this.attempt(
      (laboratory) => laboratory.step(),
      (failure) => this.failed(errorMessage(failure)),
    );
    if (stepped && this.status !== 'training') this.status = stepped.finished ? 'finished' : 'paused';
  }

  /** From random weights, with the same seed, and at once. */
  async teachFromNothing(): Promise<void> {
    if (await this.restart({ weights: 'random' })) await this.train();
  }

  /** A run that is over goes on: the rate rises again for them, and falls to nothing over their end. */
  async tenMoreEpochs(): Promise<void> {
    const { takes } = settingNamed('epochs');
    const mostEpochs = takes.kind === 'number' ? takes.to : 0;
    await this.adjust({ epochs: Math.min(mostEpochs, this.chosen().settings.epochs + 10) });
    if (this.status === 'paused') await this.train();
  }

  /** Teaches the network to reject a picture. From then on the run is not the one its seed leads to. */
  async reject(image: Uint8Array, lessons: number): Promise<Rejection | undefined> {
    const rejection = await this.attempt(() => this.answer('reject', { image, lessons }));
    if (rejection) this.run.altered = true;
    return rejection;
  }

  async setSpeed(speed: Speed): Promise<void> {
    this.speed = speed;
    await this.attempt((laboratory) => laboratory.slowDown(speed === 'slow motion'));
    if (speed === 'one batch' && this.status === 'training') await this.pause();
  }

  /** From the same beginning again, with the same seed. */
  restart(changes: Partial<Choices> = {}, step: Step = 'new'): Promise<boolean> {
    const choices = this.chosen(changes);
    return this.open(choices, { from: choices.weights }, step);
  }

  /** As `restart`; where pretrained weights cannot be had, from random ones. */
  private async restartHowever(changes: Partial<Choices>, step: Step = 'new'): Promise<void> {
    if (!(await this.restart(changes, step)) && changes.weights === 'pretrained')
      await this.restart({ ...changes, weights: 'random' }, step);
  }

  /** From the pretrained weights for what is shown, with the settings they cannot do without. */
  async restartPretrained(): Promise<void> {
    const recipe = pretrainedRecipe(this.inColour ? 'objects' : 'digits');
    const { data } = startOf(recipe, this.chosen());
    const settings = recipe.recommended;
    await this.restart({ data: this.inColour ? COLOURED : data, weights: 'pretrained', settings });
  }

  /**
   * Goes over to another experiment: on with the run of it that was left before, if there was one, and otherwise from its
   * beginning with what is recommended for it. The run that is left stays where it is, to be gone back to.
   */
  async chooseRecipe(recipe: Recipe): Promise<void> {
    const before = this.chosen();
    if (before.settings.recipe === recipe.name) return;
    const left = this.previous.byRecipe[recipe.name];
    if (left) {
      await this.goBack(left, 'new');
      return;
    }
    await this.restartHowever(startOf(recipe, before));
  }

  newSeed(): Promise<boolean> {
    const [seed = 1] = crypto.getRandomValues(new Uint32Array(1));
    return this.restart({ weights: 'random', settings: { ...this.chosen().settings, seed } });
  }

  /** Settings that take effect on the running network. */
  async adjust(changes: Partial<Settings>): Promise<void> {
    await this.rememberSound();
    const before = this.chosen();
    this.choose({ ...before, settings: { ...before.settings, ...changes } });
    this.run.altered ||= (this.run.newest?.step ?? 0) > 0;
    try {
      await this.connection.call((laboratory) => laboratory.apply(this.chosen().settings));
      // More epochs: there is something left to do.
      if (this.status === 'finished' && changes.epochs !== undefined) this.status = 'paused';
    } catch (failure) {
      if (failure instanceof WorkerEnded) return;
      this.choose(before);
      this.alerts.say(errorMessage(failure));
    }
  }

  /** Moves the run to another engine; where it cannot go, it stays, and the reason is said. */
  async useEngine(wish: EngineChoice): Promise<void> {
    this.choose({ ...this.chosen(), engine: wish });
    await this.attempt((laboratory) => laboratory.useEngine(wish));
  }

  async freeze(layer: number, frozen: boolean): Promise<void> {
    this.run.frozen = this.run.frozen.with(layer - 1, frozen);
    await this.attempt((laboratory) => laboratory.freeze(layer, frozen));
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

  cancelDownload(): void {
    void this.attempt((laboratory) => laboratory.cancelDownload());
  }

  measureAll(): void {
    void this.attempt((laboratory) => laboratory.measure(Number.MAX_SAFE_INTEGER));
  }

  async save(): Promise<void> {
    const bytes = await this.attempt((laboratory) => laboratory.save());
    if (!bytes) return;
    const file = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' });
    download(`forward-forward-step-${this.run.progress?.step ?? 0}.safetensors`, file);
  }

  /** Files dropped or picked: a data set, or one checkpoint. */
  async receive(given: Given): Promise<void> {
    if (!this.choices) {
      this.alerts.say('The page is not ready yet; drop the files again when it is.');
      return;
    }
    const read = await this.sources.read(given);
    if (!read) return;
    const { data, unnamed, awaited, checkpoint } = read;
    // The run that waited for them can go on.
    if (awaited) this.status = 'ready';
    if (awaited || unnamed) return;
    if (data) {
      if (checkpoint) this.alerts.say(`${checkpoint} is a checkpoint and was not opened; give it alone to open it.`);
      await this.chooseData(data);
      return;
    }
    const found = given.files.find(({ path }) => path === checkpoint);
    if (!found || !('file' in found)) return;
    const { file } = found;
    const bytes = new Uint8Array(await file.arrayBuffer());
    await this.open(this.chosen({ weights: 'random' }), { from: 'checkpoint', bytes, name: file.name }, 'new');
  }

  /** What was given last, and is data that the person has to name. */
  get unnamed(): Unnamed | undefined {
    return this.sources.unnamed;
  }

  /** Begins anew over what was given last, under these names. */
  async nameData(naming: Naming): Promise<void> {
    const data = await this.sources.name(naming);
    if (data) await this.chooseData(data);
  }

  forgetData(): void {
    this.sources.unnamed = undefined;
  }

  /** Goes on from what an earlier visit kept. */
  async resume(found: FoundRun): Promise<void> {
    const kept = await this.autosave.take(found);
    // What cannot be opened stays where it is, as it is.
    if (kept && !(await this.goBack(kept, 'new'))) this.autosave.giveUp();
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

  private connect(): Connection {
    return new Connection(
      (notice) => this.hear(notice),
      (why, when) => void this.recover(why, when),
    );
  }

  private chosen(changes: Partial<Choices> = {}): Choices {
    if (!this.choices) throw new Error('Nothing has been opened yet.');
    return { ...this.choices, ...changes };
  }

  private choose(choices: Choices, step: Step = 'again'): void {
    this.choices = choices;
    this.address.write(writeChoices(choices), step);
  }

  private async read(query: string): Promise<Choices> {
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
  private async openOrFallBack(choices: Choices): Promise<void> {
    const builtIn: Choices = { ...choices, data: standIn(choices.data) };
    if (!(await this.open(builtIn, { from: builtIn.weights }, 'again')) && builtIn.weights === 'pretrained')
      await this.open({ ...builtIn, weights: 'random' }, { from: 'random' }, 'again');
    if (choices.data !== builtIn.data && this.choices) {
      this.status = 'loading';
      await this.chooseData(choices.data, 'again');
      if (this.status === 'loading') this.status = 'ready';
    }
  }

  private async open(choices: Choices, start: Start, step: Step): Promise<boolean> {
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

  /** The run under way as it can be gone on with; nothing where nothing was learned, or what was is of no use. */
  private async leaving(): Promise<SavedRun | undefined> {
    if (!this.run.newest?.step || this.status === 'error') return undefined;
    await this.call((laboratory) => laboratory.keep('page'));
    const { checkpoint, choices, data } = this;
    // It may have been measured since the checkpoint was taken.
    const about = choices && data && this.run.about(choices, data);
    const isNewer = about?.progress.step === checkpoint?.progress.step;
    return checkpoint && { ...checkpoint, ...(isNewer ? about : undefined) };
  }

  /** Takes a checkpoint before settings change, unless the last change may yet turn out to have broken the run. */
  private async rememberSound(): Promise<void> {
    const { newest, reports } = this.run;
    const { beforeChange } = this;
    const settled = (newest?.step ?? 0) - (beforeChange?.progress.step ?? 0) >= SHOWS_AFTER && isSound(reports);
    if (!beforeChange || settled) this.beforeChange = (await this.leaving()) ?? beforeChange;
  }

  /** The run as it stands stays in the list of runs. */
  private compareLater(): void {
    const about = this.choices && this.data && this.run.about(this.choices, this.data);
    if (about) this.runs.take(about);
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

  private hear(notice: Notice): Promise<Place | undefined> | undefined {
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

  /** A checkpoint has been taken: what belongs to it is how things stand right now, and the browser keeps both in one place. */
  private async keeping(kept: boolean): Promise<Place | undefined> {
    const { choices, data } = this;
    const about = choices && data && this.run.about(choices, data);
    this.about = about;
    const slot = kept && about ? await this.autosave.place() : undefined;
    return slot && about ? { slot, about } : undefined;
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

  private failed(message: string): void {
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

  /** The worker died: say so, start another, and give it what the page has kept of the old one. */
  private async recover(why: string, when: Ended): Promise<void> {
    const now = performance.now();
    this.deaths = [...this.deaths.filter((death) => now - death < 60_000), now];
    const { checkpoint, beginning, choices, status } = this;
    if (!choices && when === 'threads') {
      // Without them it may do.
      this.connection = this.connect();
      await this.start(location.search);
      return;
    }
    this.status = 'error';
    if (!choices || this.deaths.length > 3) {
      const again = { name: 'Reload the page', act: () => location.reload() };
      const what = when === 'since' ? 'kept running' : 'started';
      this.alerts.say(`The part of this page that computes could not be ${what} (${why}).`, [again]);
      return;
    }
    this.compiling = 0;
    this.connection = this.connect();
    try {
      const pretrained = pretrainedFor(choices.settings, choices.data);
      await this.connection.hello(choices.weights === 'pretrained' ? pretrained : undefined);
      const resumed = checkpoint
        ? await this.goBack(checkpoint, 'again', choices)
        : beginning && (await this.open(choices, beginning, 'again'));
      if (!resumed) await this.openOrFallBack(choices);
      else if (status === 'training') this.status = 'paused';
      const named = !checkpoint && beginning?.from === 'checkpoint' ? beginning.name : undefined;
      const which = named ?? `of step ${count(checkpoint?.progress.step ?? 0)}`;
      const where = resumed ? `goes on from the checkpoint ${which}` : 'starts over';
      this.alerts.say(
        `The part of this page that computes stopped unexpectedly (${why}). It was restarted and ${where}.`,
      );
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) this.alerts.say(errorMessage(failure));
    }
  }

  /** A command whose refusal is told to the person. */
  private async attempt<T>(
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
}
