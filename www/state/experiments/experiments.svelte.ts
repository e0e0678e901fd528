import type { Settings } from '../../worker/protocol';
import type { SavedRun } from '../storage/savedRun';
import type { Lab } from '../run/lab.svelte';
import { type Choices, NEEDS_RESTART, sameSetting } from '../settings/settings';

/** Settings that are tried out, and the way back from them: the run that an experiment replaces is kept. */
export class Experiments {
  /** The run that was left for an experiment: as it was, or what it was to begin from if it had learned nothing. */
  before = $state.raw<{ kept: SavedRun } | { choices: Choices }>();
  /** Why what was asked for last is not possible; the run under way goes on. */
  complaint = $state<string>();

  constructor(private readonly lab: Lab) {}

  /** Changes settings: on the way where that is possible, and otherwise with a run of their own. */
  async change(changes: Partial<Settings>): Promise<void> {
    const checked = await this.checked(changes);
    if (!checked) return;
    const { settings, choices } = checked;
    const anew = NEEDS_RESTART.some((name) => !sameSetting(settings[name], choices.settings[name]));
    if (anew) await this.begin(checked, this.lab.status === 'training');
    else await this.lab.adjust(changes);
  }

  /** Begins a run with these settings from random weights and trains it, whether or not the run under way could take them on. */
  async tryOut(changes: Partial<Settings>): Promise<void> {
    const checked = await this.checked(changes);
    if (checked) await this.begin(checked, true);
  }

  /** Goes back to the run that the first of the experiments since replaced. */
  async back(): Promise<void> {
    const { before, lab } = this;
    if (!before) return;
    this.complaint = undefined;
    const there = 'kept' in before ? lab.goBack(before.kept, 'new') : lab.restart(before.choices);
    if (await there) this.before = undefined;
  }

  /** The settings after `changes`, and the choices before; nothing if they are not possible, which is said then. */
  private async checked(changes: Partial<Settings>): Promise<Checked | undefined> {
    const choices = this.lab.choices;
    if (!choices) return undefined;
    const settings = { ...choices.settings, ...changes };
    this.complaint = await this.lab.ask('complaint', { settings });
    return this.complaint ? undefined : { settings, choices };
  }

  private async begin({ settings, choices }: Checked, train: boolean): Promise<void> {
    const { lab } = this;
    if (lab.status === 'training') await lab.pause();
    const learned = lab.status !== 'error' && (lab.run.newest?.step ?? 0) > 0;
    if (learned) await lab.call((laboratory) => laboratory.keep('page'));
    const kept = learned ? lab.checkpoint : undefined;
    if (!(await lab.restart({ weights: 'random', settings }))) return;
    // One experiment after another: the way back leads to what was there before the first.
    this.before ??= kept ? { kept } : { choices };
    if (train) await lab.train();
  }
}

interface Checked {
  settings: Settings;
  choices: Choices;
}
