import { drawn } from '../state/browser/canvasPixels';

/** A figure of curves for other people's papers, drawn from the data: as SVG text, or on a canvas. */
export interface FigureCurve {
  /** In the legend. */
  text: string;
  points: readonly (readonly [x: number, y: number])[];
  dash: readonly number[];
  width: number;
  grey: boolean;
}

type Shape =
  | {
      kind: 'line';
      points: readonly (readonly [number, number])[];
      dash: readonly number[];
      width: number;
      ink: string;
    }
  | { kind: 'text'; at: readonly [number, number]; text: string; align: 'start' | 'middle' | 'end' };

export interface Figure {
  width: number;
  height: number;
  shapes: Shape[];
}

const WIDTH = 900;
const PLOT = { left: 56, top: 40, right: WIDTH - 16, bottom: 380 };
const LINE = 20;
const [INK, GREY, GRID] = ['#1f1e1b', '#8a857b', '#e2ddd3'];
const FONT = '13px system-ui, sans-serif';

/** About so many round numbers from 0 to `most`. */
function ticks(most: number, about: number): number[] {
  const rough = most / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** Lays the figure out; both axes begin at 0. */
export function figure(title: string, xTitle: string, curves: readonly FigureCurve[]): Figure {
  const points = curves.flatMap((curve) => curve.points);
  const mostX = Math.max(1, ...points.map(([x]) => x));
  const mostY = 1.05 * Math.max(1e-3, ...points.map(([, y]) => y));
  const x = (value: number): number => PLOT.left + (value / mostX) * (PLOT.right - PLOT.left);
  const y = (value: number): number => PLOT.bottom - (value / mostY) * (PLOT.bottom - PLOT.top);
  const shapes: Shape[] = [{ kind: 'text', at: [PLOT.left, 24], text: title, align: 'start' }];
  const rule = (points: readonly (readonly [number, number])[]): Shape => ({
    ...{ kind: 'line', points, dash: [], width: 1, ink: GRID },
  });
  for (const tick of ticks(mostY, 6)) {
    shapes.push(
      rule([
        [PLOT.left, y(tick)],
        [PLOT.right, y(tick)],
      ]),
    );
    shapes.push({ kind: 'text', at: [PLOT.left - 8, y(tick) + 4], text: `${tick}`, align: 'end' });
  }
  for (const tick of ticks(mostX, 8)) {
    shapes.push(
      rule([
        [x(tick), PLOT.top],
        [x(tick), PLOT.bottom],
      ]),
    );
    const text = tick.toLocaleString('en');
    shapes.push({
      kind: 'text',
      at: [x(tick), PLOT.bottom + 18],
      text,
      align: x(tick) > WIDTH - 40 ? 'end' : 'middle',
    });
  }
  shapes.push({ kind: 'text', at: [PLOT.right, PLOT.bottom + 38], text: xTitle, align: 'end' });
  curves.forEach(({ text, points, dash, width, grey }, i) => {
    const ink = grey ? GREY : INK;
    const at = PLOT.bottom + 62 + i * LINE;
    const sample = [
      [PLOT.left, at - 4],
      [PLOT.left + 44, at - 4],
    ] as const;
    for (const line of [points.map(([a, b]) => [x(a), y(b)] as const), sample])
      shapes.push({ kind: 'line', points: line, dash, width, ink });
    shapes.push({ kind: 'text', at: [PLOT.left + 54, at], text, align: 'start' });
  });
  return { width: WIDTH, height: PLOT.bottom + 62 + curves.length * LINE, shapes };
}

/** Signs that mean something in XML are written as numbers, and those that it knows none for are left out. */
const escaped = (text: string): string =>
  [...text]
    .filter((sign) => sign >= ' ')
    .map((sign) => ('&<>"\''.includes(sign) ? `&#${sign.charCodeAt(0)};` : sign))
    .join('');
const short = (value: number): string => String(Math.round(value * 100) / 100);

export function svg({ width, height, shapes }: Figure): string {
  const body = shapes.map((shape) => {
    if (shape.kind === 'text')
      return `<text x="${short(shape.at[0])}" y="${short(shape.at[1])}" text-anchor="${shape.align}">${escaped(shape.text)}</text>`;
    const points = shape.points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
    const dash = shape.dash.length > 0 ? ` stroke-dasharray="${shape.dash.join(' ')}"` : '';
    return `<polyline points="${points}" fill="none" stroke="${shape.ink}" stroke-width="${shape.width}"${dash}/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<g font-family="system-ui, sans-serif" font-size="13" fill="${INK}">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** The same as a file of pixels, two to a unit. */
export async function png({ width, height, shapes }: Figure): Promise<Blob> {
  const canvas = new OffscreenCanvas(2 * width, 2 * height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser has no canvas to draw on.');
  context.scale(2, 2);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.font = FONT;
  for (const shape of shapes) {
    if (shape.kind === 'text') {
      context.fillStyle = INK;
      context.textAlign = shape.align === 'middle' ? 'center' : shape.align;
      context.fillText(shape.text, ...shape.at);
      continue;
    }
    context.beginPath();
    for (const [x, y] of shape.points) context.lineTo(x, y);
    context.strokeStyle = shape.ink;
    context.lineWidth = shape.width;
    context.setLineDash([...shape.dash]);
    context.stroke();
  }
  const file = await canvas.convertToBlob({ type: 'image/png' });
  // Browsers that change what a page reads from a canvas change what it writes of one, too.
  const bitmap = await createImageBitmap(file);
  const [meant, written] = await Promise.all(
    [canvas, bitmap].map((picture) => drawn(canvas.width, canvas.height, (one) => one.drawImage(picture, 0, 0))),
  );
  bitmap.close();
  if (!meant || !written || meant.some((value, i) => value !== written[i]))
    throw new Error(
      'This browser protects you by changing the pixels of pictures that a page saves, so the PNG would not show these curves; take the SVG instead.',
    );
  return file;
}
