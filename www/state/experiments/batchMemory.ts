/** What has to be remembered of a batch until it has been learned from, in bytes of 32-bit numbers. */
const BYTES = 4;

/** Backpropagation: every layer's activities and the pictures, until the error has come back through all of them. */
export const keptByBackprop = (batch: number, inputs: number, layers: readonly number[]): number =>
  BYTES * batch * layers.reduce((sum, units) => sum + units, inputs);

/** Forward-Forward: the input and the output of the layer that is learning just now; the largest of them. */
export const keptByLayer = (batch: number, inputs: number, layers: readonly number[]): number =>
  BYTES * batch * Math.max(...layers.map((units, i) => units + (layers[i - 1] ?? inputs)));
