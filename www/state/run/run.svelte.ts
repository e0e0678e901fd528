import type { DataInfo, Evaluation, LayerReport, Look, OfRun, Progress } from '../../worker/protocol';
import { Curve } from './curve';
import { type RunInfo, FORMAT } from '../storage/savedRun';
import type { Choices } from '../settings/settings';
import { freshName } from '../storage/slots';
import { Pace } from './pace';
import { smooth } from './smoothing';
import { EpochTotals } from './epochTotals';

/** Milliseconds between two pictures of the layers, and between two of everything that has to be asked for or drawn anew. */
const SHOW_EVERY = 80;
const REFRESH_EVERY = 400;

/** What one run has shown so far. A restart makes a new one. */
export class Run {
  /** Share of the data set that is ready to be used. */
  prepared = $state(0);
  progress = $state.raw<Progress>();
  /** What the network made of built-in pictures before it learned anything in this run. */
  look = $state.raw<Look>();
  /** The newest report of each layer, and the same as a running mean for the eye. */
  reports = $state.raw<LayerReport[]>([]);
  layers = $state.raw<LayerReport[]>([]);
  frozen = $state.raw<boolean[]>([]);
  samplesPerSecond = $state(0);
  millisecondsLeft = $state(NaN);
  /** The newest finished measurement. */
  evaluation = $state.raw<Evaluation>();
  /** Milliseconds that measuring it took from learning. */
  measuringTook = $state.raw<number>();
  /** A measurement under way. */
  measuring = $state.raw<Evaluation>();
  /** Test error in percent, by goodness and in one pass. */
  readonly errors = new Curve(2);
  readonly losses: Curve;
  /** The net against the maker of its negatives, epoch by epoch. */
  readonly totals = new EpochTotals();
  /** Grows when a curve has a new point. */
  curved = $state(0);
  /** Grows when the network has changed: what shows it should ask again. A few times a second at most. */
  changed = $state(0);

  /** One run, however often it is gone on with. */
  id = freshName();
  /** What the weights come from, in words. */
  origin: string;
  /** A setting was changed on the way. */
  altered = false;
  /** It was said that the run can learn nothing any more. */
  collapsed = false;
  /** What the worker told last; what is on show may be a few slices older. */
  newest: Progress | undefined;
  private smoothed: LayerReport[] = [];
  private readonly pace = new Pace();
  private shown = -Infinity;
  private refreshed = -Infinity;

  constructor(
    readonly number: number,
    origin: string,
    units: readonly number[],
    prepared: number,
  ) {
    this.origin = origin;
    this.prepared = prepared;
    this.frozen = units.map(() => false);
    this.losses = new Curve(units.length);
  }

  /** Takes in what the worker tells of this run; `training` while slices come in one after another. */
  hear(notice: OfRun, training: boolean): void {
    switch (notice.kind) {
      case 'preparing':
        this.prepared = notice.prepared;
        break;
      case 'look':
        this.lookedAt(notice.look);
        break;
      case 'progress':
        this.progressed(notice.progress, training);
        break;
      case 'evaluation':
        this.measured(notice.evaluation, notice.took, notice.imagesSeen);
        break;
      case 'resting':
      case 'stopped':
        this.rest();
    }
  }

  /** Shows what the network makes of built-in pictures, unless it has learned since. */
  private lookedAt(look: Look): void {
    this.look = look;
    if (this.newest || look.layers.length === 0) return;
    this.reports = this.layers = look.layers;
    this.losses.push(
      0,
      look.layers.map((layer) => layer.loss),
    );
    this.curved++;
    this.changed++;
  }

  /** Takes in what a slice of training did; `steady` if it is one of many, of which not every one need be seen. */
  private progressed(progress: Progress, steady: boolean): void {
    const now = performance.now();
    this.newest = progress;
    this.totals.add(progress);
    if (progress.layers.length > 0) {
      this.smoothed = smooth(this.smoothed, progress.layers, progress.samples);
      this.losses.push(
        progress.images_seen,
        this.smoothed.map((layer) => layer.loss),
      );
    }
    this.pace.add(progress.samples, progress.milliseconds, now);
    if (!steady || Math.abs(now - this.shown) >= SHOW_EVERY) this.show(steady);
  }

  /** Puts the newest on show. */
  show(steady = false): void {
    const progress = this.newest;
    if (!progress || (progress === this.progress && steady)) return;
    const now = performance.now();
    this.shown = now;
    this.progress = progress;
    if (progress.layers.length > 0) {
      this.reports = progress.layers;
      this.layers = this.smoothed;
      this.frozen = progress.layers.map((layer) => layer.frozen);
    }
    this.samplesPerSecond = this.pace.samplesPerSecond;
    const samples = (progress.images_seen / Math.max(1, progress.step)) * (progress.total_steps - progress.step);
    this.millisecondsLeft = this.pace.timeFor(samples);
    if (steady && Math.abs(now - this.refreshed) < REFRESH_EVERY) return;
    this.refreshed = now;
    this.curved++;
    this.changed++;
  }

  /** Everything about it but its weights, as it stands; nothing while there is no step. */
  about(choices: Choices, data: DataInfo): RunInfo | undefined {
    const { id, origin, altered, newest, evaluation } = this;
    if (!newest || newest.step === 0) return undefined;
    return {
      ...{ format: FORMAT, id, origin, altered, choices, data, progress: newest, evaluation },
      errors: this.errors.state(),
      losses: this.losses.state(),
      saved: Date.now(),
    };
  }

  /** Goes on from where a checkpoint was taken. */
  restore({ id, origin, altered, progress, evaluation, errors, losses }: RunInfo): void {
    this.id = id;
    this.origin = origin;
    this.altered = altered;
    this.newest = progress;
    this.evaluation = evaluation;
    this.errors.restore(errors);
    this.losses.restore(losses);
    this.smoothed = smooth([], progress.layers, progress.samples);
    this.show();
  }

  private measured(evaluation: Evaluation, took: number, imagesSeen: number | undefined): void {
    this.measuring = evaluation.done ? undefined : evaluation;
    if (!evaluation.done) return;
    this.evaluation = evaluation;
    this.measuringTook = took;
    // A figure that there is none of leaves a gap in the curve.
    const figures = [evaluation.goodness_error, evaluation.softmax_error].map((error) => error ?? NaN);
    if (imagesSeen !== undefined) this.errors.push(imagesSeen, figures);
    this.curved++;
  }

  /** Training stops here for now: the time until it goes on is not training time. */
  rest(): void {
    this.pace.rest();
    this.show();
  }
}
