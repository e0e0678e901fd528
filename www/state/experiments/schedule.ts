/** Moments that a picture of the schedule shows. */
const MOMENTS = 9;

/**
 * Which batch each layer works on at each moment, the top layer first, up to the moment in which the first layer sees batch
 * `newest` (from 1): one layer at a time where each waits for those above, and all at once where none does.
 */
export function schedule(layers: number, newest: number, waits: boolean): (number | undefined)[][] {
  const last = waits ? (newest - 1) * layers + layers - 1 : newest - 1;
  const first = Math.max(0, last - MOMENTS + 1);
  return Array.from({ length: layers }, (_, row) => {
    const layer = layers - 1 - row;
    return Array.from({ length: MOMENTS }, (_, column) => {
      const moment = first + column;
      if (waits) return moment % layers === layer ? Math.floor(moment / layers) + 1 : undefined;
      return moment >= layer ? moment - layer + 1 : undefined;
    });
  });
}
