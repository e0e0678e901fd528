/** What *Break it* can switch off: what to expect then, and the figures in which it shows. */
import type { LayerReport, Settings } from '../../worker/protocol';
import { recipeNamed } from '../settings/tables';
import { share } from '../text/format';

export interface Switch {
  setting: 'normalise' | 'weight_cost' | 'peer' | 'negatives';
  name: string;
  off: Partial<Settings>;
  /** What the part is for. */
  why: string;
  /** What is seen without it, in the supervised net that the page opens with. `tests/claims.rs` holds these sentences. */
  watch: string;
  /** The figure of each layer that shows it; without one, the pictures of units do. */
  figure?: { name: string; of: (report: LayerReport) => string };
}

export const SWITCHES: readonly Switch[] = [
  {
    setting: 'normalise',
    name: 'Normalise between layers',
    off: { normalise: false },
    why: 'Off, a layer also hears how loud the layer below was, not only what it found.',
    watch:
      'Watch the losses: for the first 500 batches that of layer 3 is more than twice that of layer 1. With normalisation the two are about equal after 200.',
    figure: { name: 'loss', of: ({ loss }) => loss.toFixed(2) },
  },
  {
    setting: 'weight_cost',
    name: 'Small weight cost',
    off: { weight_cost: 0.3 },
    why: 'On, weights are pulled back so gently that it takes many epochs to show. Off, 300 times as hard.',
    watch:
      'Watch the corners of these units of layer 1. No ink falls there, so only the cost moves those weights: within 200 batches their noise fades to less than a third, and the strokes stand out. Useful weights are pulled back, too: the test error falls more slowly.',
  },
  {
    setting: 'peer',
    name: 'Peer term',
    off: { peer: 0 },
    why: 'Off, nothing wakes a unit that never answers, and it has no gradient to learn from.',
    watch:
      'Watch the dead units: within 300 batches a tenth or more of one layer falls silent, and most of these units stay so. With the peer term more than 90 % of each layer are awake by then.',
    figure: { name: 'dead', of: ({ dead, units }) => share(dead / units) },
  },
  {
    setting: 'negatives',
    name: 'Hard negatives',
    off: { negatives: 'random' },
    why: 'Off, wrong labels are drawn blindly, and most are soon too easy.',
    watch:
      'Watch the pairs told apart: after 200 batches each layer has more than 90 % of them right, with hard negatives about 80 %. Yet in runs of 3 epochs or more the test error ends lower with hard ones.',
    figure: { name: 'told apart', of: ({ separated }) => share(separated) },
  },
];

/** Why a switch cannot be thrown in this recipe. */
export function unfit({ setting }: Switch, { recipe, pipelined }: Settings): string | undefined {
  const { goodness, steps, negatives } = recipeNamed(recipe);
  if (!goodness) return 'The baseline learns without this.';
  if (setting === 'normalise' && steps) return 'The recurrent net cannot do without normalisation.';
  if (setting === 'negatives' && negatives === 'hybrids')
    return 'This recipe has no labels: its negatives are hybrids.';
  if (setting === 'negatives' && pipelined) return 'Layers that do not wait need random negatives.';
  return undefined;
}

export const isOn = ({ setting, off }: Switch, now: Settings): boolean => now[setting] !== off[setting];

/** The settings that switch these parts on again. */
export const restored = (switches: readonly Switch[], to: Settings): Partial<Settings> =>
  Object.fromEntries(switches.map(({ setting }) => [setting, to[setting]]));
