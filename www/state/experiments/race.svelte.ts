import type { Settings, Standing } from '../../worker/protocol';
import { WorkerEnded } from '../run/connection';
import { Curve } from '../run/curve';
import type { Lab } from '../run/lab.svelte';
import { errorMessage } from '../text/errorMessage';

export interface Contestant {
  name: string;
  settings: Settings;
}

/** What both read the test pictures by, so that the curves compare like with like. */
export type By = 'goodness' | 'softmax';

const LOST = 'The race was lost together with the part of the page that ran it. Start it again';
/** A worker that ends leaves no message of its own. */
const why = (failure: unknown): string => (failure instanceof WorkerEnded ? LOST : errorMessage(failure));

/** A race of two runs as the page sees it. The run under way is not part of it, and goes on when it is told to. */
export class Race {
  contestants = $state.raw<readonly Contestant[]>([]);
  standing = $state.raw<Standing>();
  running = $state(false);
  /** Why it could not begin or go on. */
  complaint = $state<string>();
  /** Grows with every point. */
  points = $state(0);
  /** Test error in percent: by goodness, then by softmax, of the one and of the other. */
  private curve = new Curve(4);
  private races = 0;

  constructor(private readonly lab: Lab) {}

  /** The columns of the chart: images, and the error of the one and of the other. A run without goodness is read by its softmax. */
  columns(by: By): number[][] {
    const [images = [], goodnessA = [], softmaxA = [], goodnessB = [], softmaxB = []] = this.curve.columns();
    const chosen = (goodness: number[], softmax: number[]): number[] =>
      by === 'goodness' && goodness.some((error) => !Number.isNaN(error)) ? goodness : softmax;
    return [images, chosen(goodnessA, softmaxA), chosen(goodnessB, softmaxB)];
  }

  async start(contestants: readonly Contestant[]): Promise<void> {
    const id = ++this.races;
    this.running = false;
    this.complaint = undefined;
    this.contestants = contestants;
    this.standing = undefined;
    this.curve = new Curve(4);
    this.points++;
    try {
      await this.lab.must((laboratory) =>
        laboratory.race(
          id,
          contestants.map(({ settings }) => settings),
        ),
      );
    } catch (failure) {
      this.complaint = why(failure);
      this.contestants = [];
      return;
    }
    if (id === this.races) await this.goOn();
  }

  pause(): void {
    this.running = false;
  }

  async goOn(): Promise<void> {
    if (this.running || this.contestants.length === 0 || this.standing?.finished) return;
    const id = this.races;
    this.running = true;
    try {
      while (this.running && id === this.races) {
        const standing = await this.lab.must((laboratory) => laboratory.raceOn(id));
        if (id !== this.races) return;
        if (!standing) throw new Error(LOST);
        this.hear(standing);
      }
    } catch (failure) {
      if (id === this.races) this.complaint = why(failure);
    } finally {
      if (id === this.races) this.running = false;
    }
  }

  /** Lets go of both runs and of the memory they take. */
  async end(): Promise<void> {
    this.races++;
    this.running = false;
    this.contestants = [];
    this.standing = undefined;
    await this.lab.call((laboratory) => laboratory.endRace());
  }

  private hear(standing: Standing): void {
    this.standing = standing;
    if (standing.point) {
      const errors = standing.contenders.flatMap((one) => [one.goodnessError ?? NaN, one.softmaxError ?? NaN]);
      this.curve.push(standing.contenders[0]?.images ?? 0, errors);
      this.points++;
    }
    if (standing.finished) this.running = false;
  }
}
