import type { Given, Rejection, Settings, Naming, Unnamed } from '../../worker/protocol';
import { Connection, type Ended, WorkerEnded } from './connection';
import { download } from '../browser/download';
import { count } from '../text/format';
import type { FoundRun } from '../storage/autosave.svelte';
import { pretrainedRecipe } from '../settings/recipes';
import { pretrainedToCome } from '../settings/coming';
import { type Recipe, settingNamed } from '../settings/tables';
import { pretrainedFor, startOf } from '../settings/settings';
import { errorMessage } from '../text/errorMessage';
import { COLOURED } from '../data/registry';
import { LabRuns } from './labRuns.svelte';
import type { Speed } from './labState.svelte';

export { SPEEDS, type Speed, type Status } from './labState.svelte';

/** The page's view of the laboratory: what runs, what came of it, and what a person can ask of it. */
export class Lab extends LabRuns {
  protected connection = this.connect();
  /** When workers died. */
  private deaths: number[] = [];

  constructor(embedded = false) {
    super(embedded);
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

  async freeze(layer: number, frozen: boolean): Promise<void> {
    this.run.frozen = this.run.frozen.with(layer - 1, frozen);
    await this.attempt((laboratory) => laboratory.freeze(layer, frozen));
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

  private connect(): Connection {
    return new Connection(
      (notice) => this.hear(notice),
      (why, when) => void this.recover(why, when),
    );
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
}
