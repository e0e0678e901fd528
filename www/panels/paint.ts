import { PAD, PEN } from '../state/drawing/eraser';

/** A picture of 28 pixels laid on the pad at a whole multiple. */
const ZOOM = Math.floor(PAD / 28);

/** Draws what lies on the pad, at the screen's own resolution. */
export function paint(
  canvas: HTMLCanvasElement,
  strokes: readonly (readonly number[])[],
  picture: Uint8Array | undefined,
  pen: { x: number; y: number; down: boolean } | undefined,
  ink: string,
  density: number,
): void {
  const side = Math.round(PAD * density);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const pad = canvas.getContext('2d');
  if (!pad) return;
  pad.setTransform(density, 0, 0, density, 0, 0);
  pad.clearRect(0, 0, PAD, PAD);
  pad.fillStyle = pad.strokeStyle = ink;
  if (picture) {
    const margin = (PAD - 28 * ZOOM) / 2;
    picture.forEach((value, i) => {
      pad.globalAlpha = value / 255;
      pad.fillRect(margin + (i % 28) * ZOOM, margin + Math.floor(i / 28) * ZOOM, ZOOM, ZOOM);
    });
    pad.globalAlpha = 1;
  }
  pad.lineCap = pad.lineJoin = 'round';
  for (const stroke of strokes) paintStroke(pad, stroke);
  if (!pen) return;
  pad.lineWidth = 1.5;
  pad.beginPath();
  pad.arc(pen.x, pen.y, PEN / 2 + 3, 0, 2 * Math.PI);
  pad.stroke();
  if (!pen.down) return;
  pad.beginPath();
  pad.arc(pen.x, pen.y, PEN / 2, 0, 2 * Math.PI);
  pad.fill();
}

/** One stroke, each piece as wide as the pen was pressed; half pressure is the pen's own width. */
function paintStroke(pad: CanvasRenderingContext2D, stroke: readonly number[]): void {
  for (let i = 0; i < stroke.length; i += 3) {
    const from = Math.max(0, i - 3);
    pad.lineWidth = PEN * (0.5 + (stroke[i + 2] ?? 0.5));
    pad.beginPath();
    pad.moveTo(stroke[from] ?? 0, stroke[from + 1] ?? 0);
    pad.lineTo(stroke[i] ?? 0, stroke[i + 1] ?? 0);
    pad.stroke();
  }
}
