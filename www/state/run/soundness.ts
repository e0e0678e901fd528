/** Whether a network still learns, by what its layers report. */
import type { LayerReport } from '../../worker/protocol';

const mostlyDead = ({ dead, units }: LayerReport): boolean => dead > units / 2;
/** Chance tells half of the pairs apart; a layer that learned anything tells more. A dead one gives both of a pair 0. */
const worseThanChance = ({ separated }: LayerReport): boolean => separated < 0.5;

/** Nothing is wrong with any layer: a run to be gone back to. */
export const isSound = (reports: readonly LayerReport[]): boolean =>
  reports.every((report) => !mostlyDead(report) && !worseThanChance(report));

/**
 * Why a run can learn nothing any more, as a sentence; `undefined` while it can. A dead unit has no gradient. Many dead units alone
 * are no end: without the peer term a net reads well with half of a layer dead.
 */
export function collapse(reports: readonly LayerReport[]): string | undefined {
  const silent = reports.findIndex(({ dead, units }) => dead === units);
  if (silent >= 0)
    return `Layer ${silent + 1} is dead: none of its ${reports[silent]?.units} units answers to any picture any more, so nothing can be learned.`;
  const worst = reports.findIndex(mostlyDead);
  if (worst < 0 || !reports.every(worseThanChance)) return undefined;
  const { dead, units } = reports[worst] as LayerReport;
  return `This run is broken: ${dead} of the ${units} units of layer ${worst + 1} are dead, and no layer tells even half of its pairs apart.`;
}
