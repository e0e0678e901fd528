/** What a pen's eraser takes off the pad: whole strokes, as Undo does. */

/** Side of the draw pad in CSS pixels, and the width of its pen. */
export const PAD = 240;
export const PEN = 22;

type Point = readonly [x: number, y: number];

/** How far a place is from the line between two others. */
function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Whether a touch at this place meets the ink of a stroke (x, y, pressure triples). */
export function touches(stroke: readonly number[], at: Point): boolean {
  const points = Array.from({ length: stroke.length / 3 }, (_, i): Point => [
    stroke[3 * i] ?? 0,
    stroke[3 * i + 1] ?? 0,
  ]);
  return points.some((point, i) => distance(at, points[Math.max(0, i - 1)] ?? point, point) <= PEN / 2);
}
