import { SIDE } from '../settings/recipes';

/** A part of a picture, in pixels. */
export interface Cut {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * What unit `unit` (from 0) of layer `layer` (from 1) sees of the picture, through its own window and those below it: layers have
 * `units` units, as many at each position.
 */
export function seenBy(unit: number, units: number, window: number, layer: number): Cut {
  const position = Math.floor((unit * SIDE * SIDE) / units);
  const reach = layer * Math.floor(window / 2);
  const along = (middle: number): [number, number] => {
    const from = Math.max(0, middle - reach);
    return [from, Math.min(SIDE, middle + reach + 1) - from];
  };
  const [x, width] = along(position % SIDE);
  const [y, height] = along(Math.floor(position / SIDE));
  return { x, y, width, height };
}

/** The largest whole multiple at which a part is no larger than `room` screen pixels. */
export const scaleFor = ({ width, height }: Cut, room: number): number =>
  Math.max(1, Math.floor(room / Math.max(width, height)));
