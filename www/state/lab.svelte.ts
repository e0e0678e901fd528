import type {
  DataInfo,
  EngineInfo,
  Evaluation,
  LayerReport,
  Notice,
  Opened,
  Presets,
  Progress,
  Settings,
  Start,
} from '../worker/protocol';
import { isGzip, isIdx, isSafetensors } from '../worker/bytes';
import { Alerts } from './alerts.svelte';
import { Connection, type Question, WorkerEnded } from './connection';
import { Curve } from './curve';
import { count } from './format';
import { type Kept, forgetKept, keepNewest, newestKept } from './keep';
import { Pace } from './pace';
import { type Choices, type DataChoice, readChoices, sameLayers, writeChoices } from './settings';
import { smooth } from './smoothing';

export type Status = 'loading' | 'ready' | 'training' | 'paused' | 'finished' | 'error';

/** Where the files would lie beside the page. */
const beside = (): string => new URL('mnist/', document.baseURI).href;

const KEEP_EVERY = 30_000;
const REFRESH_EVERY = 400;

/** The page's view of the laboratory: what runs, what came of it, and what a person can ask of it. */
export class Lab {
  readonly alerts = new Alerts();

  status = $state<Status>('loading');
  presets = $state.raw<Presets>();
  choices = $state.raw<Choices>();
  engine = $state.raw<EngineInfo>();
  data = $state.raw<DataInfo>();
  /** Share of the data set that is ready to be used. */
  prepared = $state(0);
  progress = $state.raw<Progress>();
  layers = $state.raw<LayerReport[]>([]);
  frozen = $state.raw<boolean[]>([]);
  samplesPerSecond = $state(0);
  millisecondsLeft = $state(NaN);
  /** The newest finished measurement. */
  evaluation = $state.raw<Evaluation>();
  /** A measurement under way. */
  measuring = $state.raw<Evaluation>();
  errors = $state.raw(new Curve(2));
  losses = $state.raw(new Curve(0));
  /** Grows when a curve has a new point. */
  curved = $state(0);
  /** Grows when the network has changed: what shows it should ask again. A few times a second at most. */
  changed = $state(0);
  download = $state.raw<{ name: string; received: number; total: number }>();
  kept = $state.raw<Kept>();
  checkpoint = $state.raw<{ bytes: Uint8Array; step: number }>();

  private connection: Connection;
  private run = 0;
  private newestRun = 0;
  private early: Notice[] = [];
  private files: File[] | undefined;
  private pace = new Pace();
  private refreshed = 0;
  private keptAt = 0;
  private keepingFailed = false;
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
      const { choices, complaints } = readChoices(query, presets.recommended);
      for (const complaint of complaints) this.alerts.say(complaint);
      this.presets = presets;
      await this.openOrFallBack(choices);
      this.kept = await newestKept().catch(() => undefined);
    } catch (failure) {
      if (failure instanceof WorkerEnded) return;
      this.status = 'error';
      this.alerts.say(sentence(failure));
    }
  }

  async train(): Promise<void> {
    this.pace.rest();
    this.status = 'training';
    await this.attempt((laboratory) => laboratory.train());
  }

  async pause(): Promise<void> {
    this.status = 'paused';
    await this.attempt((laboratory) => laboratory.pause());
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

  newSeed(): Promise<boolean> {
    const [seed = 1] = crypto.getRandomValues(new Uint32Array(1));
    return this.restart({ weights: 'random', settings: { ...this.chosen().settings, seed } });
  }

  /** Settings that take effect on the running network. */
  async adjust(changes: Partial<Settings>): Promise<void> {
    const before = this.chosen();
    this.choose({ ...before, settings: { ...before.settings, ...changes } });
    await this.attempt(
      (laboratory) => laboratory.apply(this.chosen().settings),
      (failure) => {
        this.choose(before);
        this.alerts.say(sentence(failure));
      },
    );
  }

  async freeze(layer: number, frozen: boolean): Promise<void> {
    this.frozen = this.frozen.with(layer - 1, frozen);
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
    link.download = `forward-forward-step-${this.progress?.step ?? 0}.safetensors`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** Files dropped or picked: one checkpoint, or the four of MNIST. */
  async receive(files: File[]): Promise<void> {
    const heads = await Promise.all(files.map(async (file) => new Uint8Array(await file.slice(0, 16).arrayBuffer())));
    const checkpoint = files.find(
      (file, i) => /\.safetensors$/i.test(file.name) || isSafetensors(heads[i] as Uint8Array),
    );
    if (checkpoint) {
      const bytes = new Uint8Array(await checkpoint.arrayBuffer());
      await this.open(this.chosen({ weights: 'random' }), { from: 'checkpoint', bytes, name: checkpoint.name });
      return;
    }
    const strange = files.find(
      (file, i) => !isGzip(heads[i] as Uint8Array) && !isIdx(heads[i] as Uint8Array) && !/idx|ubyte/i.test(file.name),
    );
    if (strange)
      this.alerts.say(
        `${strange.name} is neither a checkpoint (.safetensors) nor one of MNIST’s files; nothing was changed.`,
      );
    else await this.chooseData('mnist', files);
  }

  /** Goes on from what an earlier visit kept. */
  async resume(): Promise<void> {
    const kept = this.kept;
    if (!kept) return;
    this.kept = undefined;
    if (kept.choices.data === 'mnist' && !(await this.obtainMnist())) return;
    const name = 'The checkpoint kept in this browser';
    if (await this.open(kept.choices, { from: 'checkpoint', bytes: kept.bytes, name })) this.status = 'paused';
  }

  async forget(): Promise<void> {
    this.kept = undefined;
    await forgetKept().catch(() => undefined);
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
    const query = writeChoices(choices, this.presets.recommended);
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
        laboratory.open({ run, settings: choices.settings, start, data: choices.data }),
      );
      if (run === this.newestRun) this.begin(run, choices, opened);
      return true;
    } catch (failure) {
      if (failure instanceof WorkerEnded) return false;
      this.alerts.say(sentence(failure));
      if (!this.engine) this.status = 'error';
      return false;
    }
  }

  private begin(run: number, choices: Choices, opened: Opened): void {
    this.run = run;
    this.engine = opened.engine;
    this.data = opened.data;
    this.prepared = opened.data.prepared;
    this.progress = undefined;
    this.layers = [];
    this.frozen = opened.settings.layers.map(() => false);
    this.samplesPerSecond = 0;
    this.millisecondsLeft = NaN;
    this.evaluation = this.measuring = undefined;
    this.errors = new Curve(2);
    this.losses = new Curve(opened.settings.layers.length);
    this.checkpoint = undefined;
    this.pace = new Pace();
    this.status = 'ready';
    const fits = sameLayers(opened.settings.layers, this.presets?.recommended.layers ?? []);
    this.choose({ ...choices, weights: fits ? choices.weights : 'random', settings: opened.settings });
    this.curved++;
    this.changed++;
    const early = this.early;
    this.early = [];
    for (const notice of early) this.hear(notice);
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
    else if (notice.run > this.run) this.early.push(notice);
    else if (notice.run === this.run) this.hearOfRun(notice);
  }

  private hearOfRun(notice: Extract<Notice, { run: number }>): void {
    switch (notice.kind) {
      case 'preparing':
        this.prepared = notice.prepared;
        break;
      case 'progress':
        this.progressed(notice.progress);
        break;
      case 'evaluation':
        this.measured(notice.evaluation, notice.imagesSeen);
        break;
      case 'checkpoint':
        this.checkpoint = { bytes: notice.bytes, step: notice.step };
        if (this.status !== 'training' || performance.now() - this.keptAt > KEEP_EVERY) void this.keepCheckpoint();
        break;
      case 'stopped':
        if (notice.why === 'finished') this.status = 'finished';
        else this.failed(notice.message);
    }
  }

  private progressed(progress: Progress): void {
    const now = performance.now();
    this.progress = progress;
    if (progress.layers.length > 0) {
      this.layers = smooth(this.layers, progress.layers, progress.samples);
      this.frozen = progress.layers.map((layer) => layer.frozen);
      this.losses.push(
        progress.images_seen,
        progress.layers.map((layer) => layer.loss),
      );
    }
    this.pace.add(progress.samples, progress.milliseconds, now);
    this.samplesPerSecond = this.pace.samplesPerSecond;
    const left = (progress.total_steps - progress.step) * this.chosen().settings.batch;
    this.millisecondsLeft = this.pace.timeFor(left, now);
    if (this.status === 'training' && now - this.refreshed < REFRESH_EVERY) return;
    this.refreshed = now;
    this.curved++;
    this.changed++;
  }

  private measured(evaluation: Evaluation, imagesSeen: number | undefined): void {
    this.measuring = evaluation.done ? undefined : evaluation;
    if (!evaluation.done) return;
    this.evaluation = evaluation;
    if (imagesSeen !== undefined) this.errors.push(imagesSeen, [evaluation.goodness_error, evaluation.softmax_error]);
    this.curved++;
  }

  private failed(message: string): void {
    this.status = 'error';
    const checkpoint = this.checkpoint;
    const actions = [{ name: 'Start over', act: () => void this.restart() }];
    if (checkpoint)
      actions.push({
        name: `Go back to step ${count(checkpoint.step)}`,
        act: () => void this.goBack(checkpoint.bytes),
      });
    this.alerts.say(message, actions);
  }

  private async goBack(bytes: Uint8Array): Promise<void> {
    if (await this.open(this.chosen(), { from: 'checkpoint', bytes, name: 'The last checkpoint' }))
      this.status = 'paused';
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
      const data = choices.data === 'mnist' && !(await this.obtainMnist(this.files)) ? 'strokes' : choices.data;
      const start: Start = checkpoint
        ? { from: 'checkpoint', bytes: checkpoint.bytes, name: 'The last checkpoint' }
        : { from: choices.weights };
      if (!(await this.open({ ...choices, data }, start))) return;
      if (checkpoint) this.status = 'paused';
      const where = checkpoint ? `goes on from the checkpoint of step ${count(checkpoint.step)}` : 'starts over';
      this.alerts.say(
        `The part of this page that computes stopped unexpectedly (${why}). It was restarted and ${where}.`,
      );
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) this.alerts.say(sentence(failure));
    }
  }

  private async keepCheckpoint(): Promise<void> {
    const { checkpoint, choices, progress } = this;
    if (!checkpoint || !choices || !progress) return;
    this.keptAt = performance.now();
    try {
      await keepNewest({ ...checkpoint, choices, epoch: progress.epoch, saved: Date.now() });
    } catch (failure) {
      if (this.keepingFailed) return;
      this.keepingFailed = true;
      this.alerts.say(
        `This browser has no room to keep the run (${sentence(failure)}). It goes on; save the weights to a file to keep them.`,
      );
    }
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

const sentence = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));
