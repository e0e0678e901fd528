/** Settings that spoil learning, explained once what is measured shows that they do. */
import type { LayerReport, Settings } from '../../worker/protocol';
import { ruleOf } from '../settings/settings';

export interface Diagnosis {
  layer: number;
  text: string;
}

/** Batches after which a layer that learns at all tells most pairs apart. */
const PATIENCE = 200;
/** Share of pairs told apart below which a layer knows little; chance is a half. */
const LITTLE = 0.7;
/** How much less than the layer below a layer may tell apart. */
const LESS = 0.03;

const percent = (value: number): string => `${Math.round(100 * value)} %`;

/**
 * What goes wrong in a run of these settings after `step` batches, by the layers' reports: only what a setting explains. What is
 * standard and takes its time is no fault.
 */
export function diagnoses(settings: Settings, reports: readonly LayerReport[], step: number): Diagnosis[] {
  if (step < PATIENCE) return [];
  return reports.flatMap((report, i) => {
    const layer = i + 1;
    const text = report.frozen ? undefined : diagnosis(settings, reports, layer);
    return text === undefined ? [] : [{ layer, text }];
  });
}

function diagnosis(settings: Settings, reports: readonly LayerReport[], layer: number): string | undefined {
  const report = reports[layer - 1] as LayerReport;
  const below = reports[layer - 2];
  const { activation, goodness, sign, threshold, blocks = 1 } = ruleOf(settings, layer);
  const theta = threshold ?? settings.threshold;
  const apart = report.separated;
  const tells = `Layer ${layer} tells ${percent(apart)} of its pairs apart`;
  if (apart < LITTLE) {
    if (activation === 'tanh' && theta > 0.7)
      return `${tells}, and half would be chance: units of tanh stay below 1, so goodness can hardly reach θ = ${theta} a unit. Choose a lower one, such as 0.5.`;
    if (theta < 0.1)
      return `${tells}, and half would be chance: θ = ${theta} a unit is so low that any stir is above it. Choose one nearer to 1.`;
    if (theta > 5)
      return `${tells}, and half would be chance: it takes large weights to reach θ = ${theta} a unit, and they have hardly begun to grow. Choose one nearer to 1.`;
    if (settings.weight_cost >= 0.05)
      return `${tells}, and half would be chance: a weight cost of ${settings.weight_cost} pulls weights back faster than they learn. Choose 0.001.`;
    if (settings.peer >= 1)
      return `${tells}, and half would be chance: a peer term of ${settings.peer} pulls every unit to be as busy as the others, whatever it sees. Choose 0.03.`;
    if (below && below.separated < LITTLE)
      return `${tells}: it only hears of the layer below, which knows little itself.`;
    if (goodness === 'sum')
      return `${tells}, and half would be chance: with a plain sum layers learn more slowly than with squares.`;
    if (blocks > 1)
      return `${tells}, and half would be chance: each of its ${blocks} blocks has to judge by itself, on few units. Choose fewer.`;
  }
  if (below && layer > 1 && ruleOf(settings, layer - 1).sign !== sign && apart < below.separated - LESS)
    return `${tells}, the one below ${percent(below.separated)}: below, ${sign === 'maximise' ? 'real pictures are the calm ones' : 'real pictures are the lively ones'}, and what is handed on says least about just those. Give both the same sign.`;
  if (
    below &&
    layer > 2 &&
    ruleOf(settings, layer - 2).sign !== ruleOf(settings, layer - 1).sign &&
    apart < below.separated - LESS
  )
    return `${tells}, the one below ${percent(below.separated)}: signs change further down, which spoils what every layer above is handed. Give all the same.`;
  if (report.dead > report.units / 2 && report.dead < report.units) {
    const why =
      settings.peer === 0
        ? ', and without the peer term nothing wakes them'
        : settings.normalise
          ? '. The learning rate is probably too high'
          : '. Without normalisation that happens early in a run';
    return `${report.dead} of the ${report.units} units of layer ${layer} are dead: they answer to nothing any more${why}.`;
  }
  return undefined;
}
