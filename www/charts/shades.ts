/** Blue for more and vermilion for less, between those of the light and of the dark look. */
const MORE = [32, 135, 198];
const LESS = [219, 110, 20];

/** Outliers must not darken everything else: the strongest of so many in a thousand count as full. */
const FULL = 0.99;

/** Red, green, blue and opacity of each value: white over dark by its share of the largest, or the colour of its sign. */
export function shades(values: readonly number[], signed: boolean): Uint8ClampedArray {
  const sizes = values.map(Math.abs).sort((a, b) => a - b);
  const full = sizes[Math.min(sizes.length - 1, Math.floor(FULL * sizes.length))] || 1;
  const pixels = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => {
    const colour = !signed ? [255, 255, 255] : value < 0 ? LESS : MORE;
    pixels.set([...colour, 255 * Math.min(1, Math.abs(value) / full)], 4 * i);
  });
  return pixels;
}
