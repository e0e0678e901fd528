/** A run as it is kept: weights, curve and settings, enough to go on as if nothing had happened. */
import type { RunInfo } from '../../types';
import { isCurveState } from '../run/curve';
import { isRecipe, named } from '../settings/recipes';

export type { RunInfo } from '../../types';

/** What the browser holds is of this form; a change of it that older pages cannot read is given another number. */
export const FORMAT = 2;

export interface SavedRun extends RunInfo {
  bytes: Uint8Array;
}

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** What lies in the store, if it is a run of this version; otherwise the rest of a sentence that says what is wrong with it. */
export function readRunInfo(value: unknown): RunInfo | string {
  const about = fields(value);
  if (about.format !== FORMAT)
    return isNumber(about.format)
      ? `was written by another version of this page (its form ${about.format}, and this is ${FORMAT})`
      : 'was not written by this page';
  const { settings } = fields(about.choices);
  const { recipe, layers, seed } = fields(settings);
  const { step, epoch, layers: reports } = fields(about.progress);
  const whole =
    typeof about.id === 'string' &&
    typeof about.origin === 'string' &&
    isNumber(about.saved) &&
    isRecipe(recipe) &&
    Array.isArray(layers) &&
    layers.every(isNumber) &&
    isNumber(seed) &&
    isNumber(step) &&
    isNumber(epoch) &&
    Array.isArray(reports) &&
    typeof fields(about.data).name === 'string' &&
    isCurveState(about.errors, 2) &&
    isCurveState(about.losses, layers.length);
  if (!whole) return 'is damaged';
  const run = value as RunInfo;
  return { ...run, choices: { ...run.choices, settings: named(run.choices.settings) } };
}
