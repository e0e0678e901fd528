/** A person's own photograph as the network sees pictures: the middle square of it, shrunk to 32×32. */
import type { Drawing } from './drawing.svelte';
import type { Lab } from './lab.svelte';
import { COLOURED, SIDE } from './recipes';
import type { Given } from '../worker/protocol';

/** Larger files are no photographs that anyone has, and would take a browser's memory to open. */
const MOST_BYTES = 60_000_000;

const isPicture = ({ type, name }: File): boolean =>
  type.startsWith('image/') || /\.(jpe?g|png|webp|gif|bmp|avif|heic)$/i.test(name);

/** The first of these files, if all of them say that they are pictures. */
export function photographIn({ files }: Given): File | undefined {
  // Systems put files of their own into folders, with a dot before their names.
  const pictures = files.flatMap((given) => ('file' in given && !given.file.name.startsWith('.') ? [given.file] : []));
  return pictures.every(isPicture) ? pictures[0] : undefined;
}

/** The largest square in the middle of a picture. */
export function middle(width: number, height: number): { x: number; y: number; side: number } {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

/** Red, green and blue of each pixel; what is transparent lies on white. */
export function opaque(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0; i < rgba.length / 4; i++) {
    const alpha = (rgba[4 * i + 3] ?? 0) / 255;
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = Math.round(255 + alpha * ((rgba[4 * i + c] ?? 0) - 255));
  }
  return rgb;
}

/** The picture in a file, 32×32×3; throws a sentence if there is none. */
async function shrunk(file: File): Promise<Uint8Array> {
  if (file.size > MOST_BYTES)
    throw new Error(`${file.name} has ${Math.round(file.size / 1e6)} MB; choose a photograph of up to 60 MB.`);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(
      `${file.name} is no picture that this browser can open, or it is damaged; a JPEG, PNG or WebP file will do. Nothing was changed.`,
    );
  });
  try {
    const { x, y, side } = middle(bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(SIDE, SIDE);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser has no room for a canvas, so the photograph could not be shrunk.');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, x, y, side, side, 0, 0, SIDE, SIDE);
    const pixels = opaque(context.getImageData(0, 0, SIDE, SIDE).data);
    if (pixels.length !== COLOURED) throw new Error(`${file.name} could not be shrunk to ${SIDE}×${SIDE} pixels.`);
    return pixels;
  } finally {
    bitmap.close();
  }
}

/** Lays a photograph on the pad; what is wrong with it is said, and then what lies there stays. */
export async function layPhotograph(file: File, lab: Lab, drawing: Drawing): Promise<void> {
  if (!lab.inColour) {
    lab.alerts.say(
      `${file.name} is a photograph, and the net in use reads drawings. Choose coloured objects under Data, and drop it again.`,
    );
    return;
  }
  try {
    drawing.lay({ image: await shrunk(file), name: file.name });
  } catch (failure) {
    lab.alerts.say((failure as Error).message);
  }
}
