/**
 * Reading what was drawn. Browsers that protect people from being recognised change the pixels that a page reads from a canvas –
 * some a little, some all of them – and tell nobody. So every picture is read together with known colours beside it, and is
 * believed only if those come back as they are.
 */

/** Rows of known colours: more than of a photograph as the network sees it, so that a change here and there meets them. */
const BESIDE = 64;

type Reading = (canvas: OffscreenCanvas) => Promise<Uint8ClampedArray>;

/** The canvas as a frame of a film, which is not changed where readings of a canvas are. */
const byFrame: Reading = async (canvas) => {
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  try {
    const pixels = new Uint8ClampedArray(4 * canvas.width * canvas.height);
    await frame.copyTo(pixels, { format: 'RGBA', colorSpace: 'srgb' });
    return pixels;
  } finally {
    frame.close();
  }
};

const byCanvas: Reading = async (canvas) =>
  (canvas.getContext('2d') as OffscreenCanvasRenderingContext2D).getImageData(0, 0, canvas.width, canvas.height).data;

/** Opaque colours, no two neighbours alike. */
function known(width: number, height: number): ImageData {
  const colours = new ImageData(width, height);
  for (let i = 0; i < colours.data.length; i++) colours.data[i] = i % 4 === 3 ? 255 : (i * 41 + (i >> 7) * 29) % 256;
  return colours;
}

/**
 * Red, green, blue and alpha of each pixel of what `draw` draws on a white ground; nothing where this browser does not let a page
 * know.
 */
export async function drawn(
  width: number,
  height: number,
  draw: (context: OffscreenCanvasRenderingContext2D) => void,
): Promise<Uint8ClampedArray | undefined> {
  const canvas = new OffscreenCanvas(width, height + BESIDE);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser has no canvas to draw on.');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.save();
  draw(context);
  context.restore();
  const beside = known(width, BESIDE);
  context.putImageData(beside, 0, height);
  for (const read of [byFrame, byCanvas]) {
    const pixels = await read(canvas).catch(() => undefined);
    const end = 4 * width * height;
    if (pixels && beside.data.every((value, i) => pixels[end + i] === value)) return pixels.slice(0, end);
  }
  return undefined;
}
