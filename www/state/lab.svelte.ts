import type { DataInfo, EngineInfo, Notice, Opened, Presets, RecipeKind, Settings, Start } from '../worker/protocol';
import { NEEDS_MNIST } from '../worker/protocol';
import { Alerts } from './alerts.svelte';
import { Connection, type Question, WorkerEnded } from './connection';
import { count } from './format';
import { sortFiles } from './files';
import type { Kept } from './keep';
import { Keeper } from './keeper.svelte';
import { Run } from './run.svelte';
import {
  type Choices,
  type DataChoice,
  type EngineChoice,
  readChoices,
  fitsPretrained,
  writeChoices,
} from './settings';
import { sentence } from './sentence';
import * as tuning from './tuning';

export type Status = 'loading' | 'ready' | 'training' | 'paused' | 'finished' | 'error';

/** Where the files would lie beside the page. */
const beside = (): string => new URL('mnist/', document.baseURI).href;

/** The page's view of the laboratory: what runs, what came of it, and what a person can ask of it. */
export class Lab {
  readonly alerts = new Alerts();
  readonly keeper = new Keeper(this.alerts);

  status = $state<Status>('loading');
  presets = $state.raw<Presets>();
  choices = $state.raw<Choices>();
  engine = $state.raw<EngineInfo>();
  /** How far the search for another engine is; 1 when there is none. */
  search = $state(1);
  data = $state.raw<DataInfo>();
  /** What the run under way has shown so far. */
  run = $state.raw(new Run(0, '', [], 0));
  download = $state.raw<{ name: string; received: number; total: number }>();
  checkpoint = $state.raw<Pick<Kept, 'bytes' | 'progress'>>();

  /** Runs of other recipes that were left on the way. */
  left = $state.raw<Partial<Record<RecipeKind, Pick<Kept, 'bytes' | 'progress' | 'choices'>>>>({});

  private connection: Connection;
  private newestRun = 0;
  private early: Notice[] = [];
  private files: File[] | undefined;
  private deaths: number[] = [];

  constructor() {
    this.connection = this.connect();
    addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') void this.keepCheckpoint();
    });
  }

  /** Brings the page up with what its address asks for. */
  async start(query: string): Promise<void> {
    try {
      const presets = await this.connection.hello(!/[?&]weights=random/.test(query));
      const { choices, complaints } = readChoices(query, presets.recipes);
      for (const complaint of complaints) this.alerts.say(complaint);
      this.presets = presets;
      await this.openOrFallBack(choices);
      await this.keeper.look();
    } catch (failure) {
      if (failure instanceof WorkerEnded) return;
      this.status = 'error';
      this.alerts.say(sentence(failure));
    }
  }

  async train(): Promise<void> {
    this.run.rest();
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
    // What is said to be paused can be gone on with, whatever happens to the worker or the page from now on.
    await this.keepCheckpoint();
    if (this.status === 'training') this.status = 'paused';
  }

  async step(): Promise<void> {
    const stepped = await this.attempt(
      (laboratory) => laboratory.step(),
      (failure) => this.failed(sentence(failure)),
    );
    if (stepped && this.status !== 'training') this.status = stepped.finished ? 'finished' : 'paused';
  }

  /** From the same beginning again, with the same seed. */
  restart(changes: Partial<Choices> = {}): Promise<boolean> {
    const choices = this.chosen(changes);
    return this.open(choices, { from: choices.weights });
  }

  /** From the pretrained weights, with the settings they cannot do without. */
  async restartPretrained(): Promise<void> {
    if (!this.presets) return;
    const { layers, batch, seed } = this.presets.recommended;
    const settings = { ...this.settingsOf('supervised'), layers, batch, seed };
    await this.restart({ weights: 'pretrained', settings });
  }

  /**
   * Goes over to another experiment: on with the run of it that was left before, if there was one, and otherwise from its
   * beginning with what is recommended for it. The run that is left stays where it is, to be gone back to.
   */
  async chooseRecipe(recipe: RecipeKind): Promise<void> {
    const before = this.chosen();
    if (!this.presets || before.settings.recipe === recipe) return;
    if (this.status === 'training') await this.pause();
    const progress = this.run.newest;
    const bytes = progress && (await this.attempt((laboratory) => laboratory.save()));
    const left = this.left[recipe];
    if (left) {
      if (!(await this.goBack(left, left.choices))) return;
    } else {
      const settings = this.settingsOf(recipe);
      const weights = fitsPretrained(settings, this.presets.recommended) ? 'pretrained' : 'random';
      if (!(await this.restart({ weights, settings }))) return;
    }
    const { [recipe]: _, ...others } = this.left;
    const kept = bytes && progress ? { [before.settings.recipe]: { bytes, progress, choices: before } } : {};
    this.left = { ...others, ...kept };
  }

  private settingsOf(recipe: RecipeKind): Settings {
    const { seed } = this.chosen().settings;
    if (!this.presets) throw new Error('Nothing has been opened yet.');
    return { ...this.presets.recipes[recipe], seed };
  }

  newSeed(): Promise<boolean> {
    const [seed = 1] = crypto.getRandomValues(new Uint32Array(1));
    return this.restart({ weights: 'random', settings: { ...this.chosen().settings, seed } });
  }

  /** Settings that take effect on the running network. */
  async adjust(changes: Partial<Settings>): Promise<void> {
    const before = this.chosen();
    this.choose({ ...before, settings: { ...before.settings, ...changes } });
    try {
      await this.connection.ask((laboratory) => laboratory.apply(this.chosen().settings));
      // More epochs: there is something left to do.
      if (this.status === 'finished' && changes.epochs !== undefined) this.status = 'paused';
    } catch (failure) {
      if (failure instanceof WorkerEnded) return;
      this.choose(before);
      this.alerts.say(sentence(failure));
    }
  }

  /** Moves the run to another engine; where it cannot go, it stays, and the reason is said. */
  async useEngine(wish: EngineChoice): Promise<void> {
    this.choose({ ...this.chosen(), engine: wish });
    await this.moveTo(wish);
  }

  async freeze(layer: number, frozen: boolean): Promise<void> {
    this.run.frozen = this.run.frozen.with(layer - 1, frozen);
    await this.attempt((laboratory) => laboratory.freeze(layer, frozen));
  }

  /** Brings another data set and starts over with it; until it is here, the run goes on. */
  async chooseData(data: DataChoice, files?: File[]): Promise<void> {
    if (data === 'mnist' && !(await this.obtainMnist(files))) return;
    await this.restart({ data });
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
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }));
    link.download = `forward-forward-step-${this.run.progress?.step ?? 0}.safetensors`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** Files dropped or picked: one checkpoint, or the four of MNIST. */
  async receive(files: File[]): Promise<void> {
    const sorted = await sortFiles(files);
    if ('checkpoint' in sorted) {
      const { checkpoint } = sorted;
      const bytes = new Uint8Array(await checkpoint.arrayBuffer());
      await this.openCheckpoint(this.chosen({ weights: 'random' }), bytes, checkpoint.name);
    } else if ('mnist' in sorted) await this.chooseData('mnist', sorted.mnist);
    else
      this.alerts.say(
        `${sorted.stranger.name} is neither a checkpoint (.safetensors) nor one of MNIST’s files; nothing was changed.`,
      );
  }

  /** Goes on from what an earlier visit kept. */
  async resume(): Promise<void> {
    const kept = this.keeper.take();
    if (!kept) return;
    await this.goBack(kept, kept.choices);
  }

  /** Asks the worker something on behalf of a panel; `undefined` if there is no answer to show. */
  async ask<T>(question: Question<T>): Promise<T | undefined> {
    if (!this.engine) return undefined;
    return this.connection.ask(question).catch(() => undefined);
  }

  private connect(): Connection {
    return new Connection(
      (notice) => this.hear(notice),
      (why) => void this.recover(why),
    );
  }

  private chosen(changes: Partial<Choices> = {}): Choices {
    if (!this.choices) throw new Error('Nothing has been opened yet.');
    return { ...this.choices, ...changes };
  }

  private choose(choices: Choices): void {
    this.choices = choices;
    if (!this.presets) return;
    const query = writeChoices(choices, this.presets.recipes);
    history.replaceState(null, '', query ? `?${query}` : location.pathname);
  }

  /** The first opening: whatever cannot be had is said and replaced by what is built in. */
  private async openOrFallBack(choices: Choices): Promise<void> {
    const builtIn: Choices = { ...choices, data: 'strokes' };
    if (!(await this.open(builtIn, { from: builtIn.weights })) && builtIn.weights === 'pretrained')
      await this.open({ ...builtIn, weights: 'random' }, { from: 'random' });
    if (choices.data === 'mnist' && this.choices) {
      this.status = 'loading';
      await this.chooseData('mnist');
      if (this.status === 'loading') this.status = 'ready';
    }
  }

  private async open(choices: Choices, start: Start): Promise<boolean> {
    const run = ++this.newestRun;
    try {
      const opened = await this.connection.ask((laboratory) =>
        laboratory.open({
          run,
          settings: choices.settings,
          start,
          ...(start.from === 'checkpoint' ? {} : { data: choices.data }),
        }),
      );
      if (run === this.newestRun) {
        this.begin(run, choices, opened, start.from === 'checkpoint' ? start.name : `${start.from} weights`);
        // Every run opens on the CPU, at once; where else it can go may take a moment to find out.
        if (choices.engine !== 'cpu') void this.moveTo(choices.engine);
      }
      return true;
    } catch (failure) {
      if (failure instanceof WorkerEnded) return false;
      if (failure instanceof Error && failure.name === NEEDS_MNIST)
        return (await this.obtainMnist(this.files)) && this.open(choices, start);
      this.alerts.say(sentence(failure));
      if (!this.engine) this.status = 'error';
      return false;
    }
  }

  private openCheckpoint(choices: Choices, bytes: Uint8Array, name: string): Promise<boolean> {
    return this.open(choices, { from: 'checkpoint', bytes, name });
  }

  private begin(run: number, choices: Choices, opened: Opened, origin: string): void {
    this.run = new Run(run, origin, opened.settings.layers, opened.data.prepared);
    this.engine = opened.engine;
    this.search = 1;
    this.data = opened.data;
    this.checkpoint = undefined;
    this.status = 'ready';
    const fits = this.presets && fitsPretrained(opened.settings, this.presets.recommended);
    this.choose({
      ...choices,
      data: opened.data.name.startsWith('mnist') ? 'mnist' : 'strokes',
      weights: fits ? choices.weights : 'random',
      settings: opened.settings,
    });
    const { early } = this;
    this.early = [];
    for (const notice of early) this.hear(notice);
  }

  private async moveTo(wish: EngineChoice): Promise<void> {
    const run = this.run.number;
    const moved = await this.attempt((laboratory) => laboratory.useEngine(wish, tuning.recall()));
    if (!moved || run !== this.run.number) return;
    this.engine = moved.info;
    if (moved.tuning !== undefined) tuning.remember(moved.tuning);
  }

  private async obtainMnist(files?: File[]): Promise<boolean> {
    try {
      this.download = files ? undefined : { name: '', received: 0, total: 1 };
      await this.connection.ask((laboratory) => laboratory.obtainMnist(beside(), files));
      this.files = files;
      return true;
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) this.alerts.say(sentence(failure));
      return false;
    } finally {
      this.download = undefined;
    }
  }

  private hear(notice: Notice): void {
    if (notice.kind === 'download') this.download = this.download && notice;
    else if (notice.kind === 'note') this.alerts.say(notice.message);
    else if (notice.kind === 'crash') return;
    else if (notice.run > this.run.number) this.early.push(notice);
    else if (notice.run === this.run.number) this.hearOfRun(notice);
  }

  private hearOfRun(notice: Extract<Notice, { run: number }>): void {
    switch (notice.kind) {
      case 'preparing':
        this.run.prepared = notice.prepared;
        break;
      case 'progress':
        this.run.progressed(notice.progress, this.status === 'training');
        break;
      case 'evaluation':
        this.run.measured(notice.evaluation, notice.imagesSeen);
        break;
      case 'checkpoint':
        if (this.run.newest) this.checkpoint = { bytes: notice.bytes, progress: this.run.newest };
        if (this.status !== 'training' || this.keeper.due) void this.keepCheckpoint();
        break;
      case 'resting':
        this.run.rest();
        break;
      case 'searching':
        this.search = notice.share;
        break;
      case 'moved':
        this.engine = notice.engine;
        this.alerts.say(notice.message);
        break;
      case 'stopped':
        this.run.rest();
        if (notice.why === 'finished') this.status = 'finished';
        else this.failed(notice.message);
    }
  }

  private failed(message: string): void {
    this.status = 'error';
    const checkpoint = this.checkpoint;
    const actions = [{ name: 'Start over', act: () => void this.restart() }];
    if (checkpoint)
      actions.push({
        name: `Go back to step ${count(checkpoint.progress.step)}`,
        act: () => void this.goBack(checkpoint),
      });
    this.alerts.say(message, actions);
  }

  private async goBack(
    { bytes, progress }: Pick<Kept, 'bytes' | 'progress'>,
    choices = this.chosen(),
  ): Promise<boolean> {
    if (!(await this.openCheckpoint(choices, bytes, 'The last checkpoint'))) return false;
    this.run.restore(progress);
    this.checkpoint = { bytes, progress };
    this.status = 'paused';
    return true;
  }

  /** The worker died: say so, start another, and give it what the page has kept of the old one. */
  private async recover(why: string): Promise<void> {
    const now = performance.now();
    this.deaths = [...this.deaths.filter((death) => now - death < 60_000), now];
    const checkpoint = this.checkpoint;
    const choices = this.choices;
    this.status = 'error';
    if (!choices || this.deaths.length > 3) {
      const again = { name: 'Reload the page', act: () => location.reload() };
      this.alerts.say(`The part of this page that computes could not be kept running (${why}).`, [again]);
      return;
    }
    this.connection = this.connect();
    try {
      await this.connection.hello(choices.weights === 'pretrained');
      const resumed = checkpoint && (await this.goBack(checkpoint, choices));
      if (!resumed) await this.openOrFallBack(choices);
      const where = resumed ? `goes on from the checkpoint of step ${count(checkpoint.progress.step)}` : 'starts over';
      this.alerts.say(
        `The part of this page that computes stopped unexpectedly (${why}). It was restarted and ${where}.`,
      );
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) this.alerts.say(sentence(failure));
    }
  }

  private async keepCheckpoint(): Promise<void> {
    const { checkpoint, choices } = this;
    if (checkpoint && choices) await this.keeper.keep({ ...checkpoint, choices, saved: Date.now() });
  }

  /** A command whose refusal is told to the person. */
  private async attempt<T>(
    command: Question<T>,
    onFailure: (failure: unknown) => void = (failure) => this.alerts.say(sentence(failure)),
  ): Promise<T | undefined> {
    try {
      return await this.connection.ask(command);
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) onFailure(failure);
      return undefined;
    }
  }
}
