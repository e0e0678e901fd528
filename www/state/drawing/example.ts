/** A three in one stroke, so that the page has something to say before anyone draws. Corners of a smooth line, on a pad 240 wide. */
const CORNERS: readonly (readonly [number, number])[] = [
  [74, 66],
  [104, 38],
  [146, 42],
  [160, 72],
  [138, 104],
  [106, 114],
  [146, 122],
  [168, 154],
  [150, 192],
  [108, 202],
  [70, 184],
];

/** The stroke as x, y, pressure triples: a Catmull–Rom curve through the corners. */
export function example(): number[] {
  const at = (i: number): readonly [number, number] =>
    CORNERS[Math.max(0, Math.min(CORNERS.length - 1, i))] as [number, number];
  const points: number[] = [];
  for (let i = 0; i < CORNERS.length - 1; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let t = 0; t < 1; t += 1 / 8) {
      const along = (axis: 0 | 1): number =>
        0.5 *
        (2 * b[axis] +
          (c[axis] - a[axis]) * t +
          (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis]) * t ** 2 +
          (3 * b[axis] - a[axis] - 3 * c[axis] + d[axis]) * t ** 3);
      points.push(along(0), along(1), 0.5);
    }
  }
  return points;
}
