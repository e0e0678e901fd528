import type { Evaluation, LayerReport, Progress } from '../worker/protocol';
import { Curve } from './curve';
import { Pace } from './pace';
import { smooth } from './smoothing';

const REFRESH_EVERY = 400;

/** What one run has shown so far. A restart makes a new one. */
export class Run {
  /** Share of the data set that is ready to be used. */
  prepared = $state(0);
  progress = $state.raw<Progress>();
  /** The newest report of each layer, and the same as a running mean for the eye. */
  reports = $state.raw<LayerReport[]>([]);
  layers = $state.raw<LayerReport[]>([]);
  frozen = $state.raw<boolean[]>([]);
  samplesPerSecond = $state(0);
  millisecondsLeft = $state(NaN);
  /** The newest finished measurement. */
  evaluation = $state.raw<Evaluation>();
  /** A measurement under way. */
  measuring = $state.raw<Evaluation>();
  /** Test error in percent, by goodness and in one pass. */
  readonly errors = new Curve(2);
  readonly losses: Curve;
  /** Grows when a curve has a new point. */
  curved = $state(0);
  /** Grows when the network has changed: what shows it should ask again. A few times a second at most. */
  changed = $state(0);

  private readonly pace = new Pace();
  private refreshed = -Infinity;

  constructor(
    readonly number: number,
    /** What the weights come from, in words. */
    readonly origin: string,
    units: readonly number[],
    prepared: number,
  ) {
    this.prepared = prepared;
    this.frozen = units.map(() => false);
    this.losses = new Curve(units.length);
  }

  /** Takes in what a slice of training did; `steady` if it is one of many. */
  progressed(progress: Progress, batch: number, steady: boolean): void {
    const now = performance.now();
    this.progress = progress;
    if (progress.layers.length > 0) {
      this.reports = progress.layers;
      this.layers = smooth(this.layers, progress.layers, progress.samples);
      this.frozen = progress.layers.map((layer) => layer.frozen);
      this.losses.push(
        progress.images_seen,
        this.layers.map((layer) => layer.loss),
      );
    }
    this.pace.add(progress.samples, progress.milliseconds, now);
    this.samplesPerSecond = this.pace.samplesPerSecond;
    this.millisecondsLeft = this.pace.timeFor((progress.total_steps - progress.step) * batch, now);
    if (steady && now - this.refreshed < REFRESH_EVERY) return;
    this.refreshed = now;
    this.curved++;
    this.changed++;
  }

  measured(evaluation: Evaluation, imagesSeen: number | undefined): void {
    this.measuring = evaluation.done ? undefined : evaluation;
    if (!evaluation.done) return;
    this.evaluation = evaluation;
    if (imagesSeen !== undefined) this.errors.push(imagesSeen, [evaluation.goodness_error, evaluation.softmax_error]);
    this.curved++;
  }

  /** Training stops here for now: the time until it goes on is not training time. */
  rest(): void {
    this.pace.rest();
  }
}
