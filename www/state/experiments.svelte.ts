import type { Settings } from '../worker/protocol';
import type { Kept } from './keep';
import type { Lab } from './lab.svelte';
import { NEEDS_RESTART, sameSetting } from './settings';

/** Settings that are tried out, and the way back from them: the run that an experiment replaces is kept. */
export class Experiments {
  /** The run that was left for an experiment, if it had learned anything. */
  before = $state.raw<Kept>();
  /** Why what was asked for last is not possible; the run under way goes on. */
  complaint = $state<string>();

  constructor(private readonly lab: Lab) {}

  /** Changes settings: on the way where that is possible, and otherwise with a run of their own. */
  async change(changes: Partial<Settings>): Promise<void> {
    const choices = this.lab.choices;
    if (!choices) return;
    const settings = { ...choices.settings, ...changes };
    this.complaint = await this.lab.ask((laboratory) => laboratory.complaint(settings));
    if (this.complaint) return;
    const anew = NEEDS_RESTART.some((name) => !sameSetting(settings[name], choices.settings[name]));
    if (anew) await this.begin(settings);
    else await this.lab.adjust(changes);
  }

  /** Goes back to the run that the first of the experiments since replaced. */
  async back(): Promise<void> {
    const { before } = this;
    if (!before) return;
    this.complaint = undefined;
    if (await this.lab.goBack(before, 'new')) this.before = undefined;
  }

  private async begin(settings: Settings): Promise<void> {
    const { lab } = this;
    const choices = lab.choices;
    if (!choices) return;
    const training = lab.status === 'training';
    if (training) await lab.pause();
    const learned = lab.status !== 'error' && (lab.run.newest?.step ?? 0) > 0;
    if (learned) await lab.ask((laboratory) => laboratory.keep('page'));
    const kept = learned ? lab.checkpoint : undefined;
    if (!(await lab.restart({ weights: 'random', settings }))) return;
    // One experiment after another: the way back leads to what was there before the first.
    this.before ??= kept;
    if (training) await lab.train();
  }
}
