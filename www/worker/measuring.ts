/** Measuring the test error: when, on how many test images, and in slices between which other work is done. */
import type { Session } from '../../pkg/forward_forward.js';
import { recipeNamed } from '../state/settings/tables';
import { Cadence } from './cadence';
import { tidy } from './newSession';
import type { Notice } from './protocol';

/** Test images behind the error of a network at rest. */
const QUICK = 1_000;
/** … that sees them through windows, so that training goes on soon when it is asked to. */
const QUICK_LOCAL = 100;
/** And behind the first point of the recurrent net, which settles ten times over several steps for each picture. */
const FIRST_RECURRENT = 200;
/** … and of nets with windows, whose layers are larger still. */
const FIRST_LOCAL = 40;

export class Measuring {
  /** A measurement is under way. */
  active = false;
  private readonly cadence = new Cadence();

  /** A run begins. */
  reset(): void {
    this.active = false;
    this.cadence.begin(performance.now());
  }

  /** A network that learns is to be measured again. */
  get due(): boolean {
    return this.cadence.isDue(performance.now());
  }

  /** Begins a measurement on the first `images` of the test split; on as many as learning has time for, if nothing is said. */
  begin(session: Session, images = this.cadence.sample): void {
    session.evaluate_start(Math.min(images, session.data().test));
    this.cadence.started();
    this.active = true;
  }

  /** Begins the first measurement of a run. */
  beginFirst(session: Session): void {
    const { recipe, window } = tidy(session.settings());
    this.begin(session, window ? FIRST_LOCAL : recipeNamed(recipe).steps ? FIRST_RECURRENT : QUICK);
  }

  /** A network at rest has time for a figure that more pictures stand behind. */
  beginAtRest(session: Session): void {
    this.begin(session, session.settings().window ? QUICK_LOCAL : QUICK);
  }

  /** Measures for `milliseconds`, and returns what is to be told of it. */
  async goOn(
    session: Session,
    milliseconds: number,
  ): Promise<Pick<Notice & { kind: 'evaluation' }, 'evaluation' | 'took'>> {
    const began = performance.now();
    const evaluation = await session.evaluate(milliseconds);
    this.cadence.spent(performance.now() - began, evaluation.images);
    if (evaluation.done) {
      this.active = false;
      this.cadence.done(performance.now());
    }
    return { evaluation, took: this.cadence.took };
  }
}
