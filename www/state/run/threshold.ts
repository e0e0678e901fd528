/** What a layer makes of goodness, for any threshold: the same formulas as the core's `judge`. */
import type { Look } from '../../worker/protocol';

/** `σ(±(g − θ)/T)`, stable for logits of any size. */
export function probability(goodness: number, threshold: number, temperature: number, sign: number): number {
  const logit = (sign * (goodness - threshold)) / temperature;
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
}

/** `ln(1 + e^x)`, likewise. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The mean loss of layer `layer` (from 0) over the pictures of a look, were its threshold `threshold`. */
export function lossAt(look: Look, layer: number, threshold: number, temperature: number, sign: number): number {
  const positive = look.positive_goodness[layer] ?? [];
  const negative = look.negative_goodness[layer] ?? [];
  const sum = positive.reduce(
    (sum, goodness, i) =>
      sum +
      softplus((-sign * (goodness - threshold)) / temperature) +
      softplus((sign * ((negative[i] ?? 0) - threshold)) / temperature),
    0,
  );
  return sum / Math.max(1, positive.length);
}

/**
 * Whether there is a label under which goodness reaches the threshold in every layer that votes (layers that minimise it: stays
 * below). Where there is none, the network has seen nothing like the picture; how often that is said of digits, and of what is
 * none, is measured in `tests/unfamiliar.rs`.
 */
export function reachesThreshold(
  goodness: readonly (readonly number[])[],
  votes: readonly number[],
  thresholds: readonly number[],
): boolean {
  return goodness.some((layers) =>
    layers.every((g, i) => {
      const vote = votes[i] ?? 0;
      return vote === 0 || vote * (g - (thresholds[i] ?? 0)) >= 0;
    }),
  );
}
