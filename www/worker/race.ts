/** Two runs from the same beginning over the same pictures, one beside the other: neither waits long, and each has its own clock. */
import type { Session } from '../../pkg/forward_forward.js';
import type { Evaluation, LayerReport, Progress, Settings, Standing } from './protocol';

/** Test pictures behind each point of the curves. */
const MEASURED = 500;
/** Batches up to the first point, and by what share of the way the points lie further and further apart. */
const FIRST = 10;
const FURTHER = 0.12;

interface Contender {
  session: Session;
  progress: Progress | undefined;
  reports: LayerReport[];
  milliseconds: number;
  measured: Evaluation | undefined;
}

/** The batches up to the next point of the curves: the first soon, the later ones further apart, the last at the end. */
export const nextPoint = (step: number, total: number): number =>
  Math.min(total, step + Math.max(FIRST, Math.round(FURTHER * step)));

/** Who learns next: whoever is behind in pictures, so that both are always about as far. */
export const behind = (steps: readonly number[]): number => steps.indexOf(Math.min(...steps));

class RaceTrack {
  private point = FIRST;
  private measuring: number | undefined;
  private contenders: Contender[];

  constructor(
    main: Session,
    readonly id: number,
    settings: readonly Settings[],
  ) {
    this.contenders = [];
    try {
      for (const one of settings) {
        const session = main.rival(one);
        this.contenders.push({ session, progress: undefined, reports: [], milliseconds: 0, measured: undefined });
      }
    } catch (failure) {
      this.free();
      throw failure;
    }
  }

  free(): void {
    for (const { session } of this.contenders) session.free();
    this.contenders = [];
  }

  /** Goes on for about `budget` milliseconds: batches, or a part of a measurement. */
  async goOn(budget: number): Promise<Standing> {
    const until = performance.now() + budget;
    if (this.measuring !== undefined) return this.measure(this.measuring, budget);
    do {
      const next = this.contenders[behind(this.contenders.map(({ progress }) => progress?.step ?? 0))] as Contender;
      if ((next.progress?.step ?? 0) >= this.point || next.progress?.finished) {
        for (const { session } of this.contenders) session.evaluate_start(MEASURED);
        this.measuring = 0;
        break;
      }
      next.progress = await next.session.step();
      next.milliseconds += next.progress.milliseconds;
      if (next.progress.layers.length > 0) next.reports = next.progress.layers;
    } while (performance.now() < until);
    return this.standing(false);
  }

  private async measure(which: number, budget: number): Promise<Standing> {
    const contender = this.contenders[which] as Contender;
    const evaluation = await contender.session.evaluate(budget);
    if (!evaluation.done) return this.standing(false);
    contender.measured = evaluation;
    if (which + 1 < this.contenders.length) {
      this.measuring = which + 1;
      return this.standing(false);
    }
    this.measuring = undefined;
    this.point = nextPoint(this.point, this.contenders[0]?.progress?.total_steps ?? this.point);
    return this.standing(true);
  }

  private standing(point: boolean): Standing {
    return {
      race: this.id,
      point,
      finished: point && this.contenders.every(({ progress }) => progress?.finished),
      contenders: this.contenders.map(({ progress, reports, milliseconds, measured }) => ({
        step: progress?.step ?? 0,
        images: progress?.images_seen ?? 0,
        epoch: progress?.epoch ?? 0,
        milliseconds,
        separated: reports.map((report) => report.separated),
        goodnessError: measured?.goodness_error,
        softmaxError: measured?.softmax_error,
      })),
    };
  }
}

/** The race there is, if there is one. */
export class Races {
  private track: RaceTrack | undefined;

  begin(session: Session, id: number, contenders: Settings[]): void {
    this.end();
    this.track = new RaceTrack(session, id, contenders);
  }

  /** Nothing if race `id` is over. */
  async goOn(id: number, milliseconds: number): Promise<Standing | undefined> {
    return this.track?.id === id ? this.track.goOn(milliseconds) : undefined;
  }

  end(): void {
    this.track?.free();
    this.track = undefined;
  }
}
