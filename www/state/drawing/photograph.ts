/** A person's own photograph as the network sees pictures: the middle square of it, shrunk to 32×32. */
import type { Drawing } from './drawing.svelte';
import type { Lab } from '../run/lab.svelte';
import { drawn } from '../browser/canvasPixels';
import { SIDE } from '../settings/recipes';
import type { Given } from '../../worker/protocol';

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

/** The picture in a file, 32×32×3, on white where it is transparent; throws a sentence if there is none. */
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
    const pixels = await drawn(SIDE, SIDE, (context) => {
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, x, y, side, side, 0, 0, SIDE, SIDE);
    });
    if (!pixels)
      throw new Error(
        `This browser protects you by changing the pixels that a page reads, so the network would see something else than ${file.name}, and does not judge it. Let this page read canvas data, where the browser asks for that beside the address, or use another browser.`,
      );
    return Uint8Array.from(pixels.filter((_, i) => i % 4 !== 3));
  } finally {
    bitmap.close();
  }
}

/** Lays a photograph on the pad; what is wrong with it is said, and then what lies there stays. */
export async function layPhotograph(file: File, lab: Lab, drawing: Drawing): Promise<void> {
  if (!lab.inColour) {
    const where = lab.embedded
      ? 'Drop it on the whole page, with coloured objects for data.'
      : 'Choose coloured objects under Data, and drop it again.';
    lab.alerts.say(`${file.name} is a photograph, and the net in use reads drawings. ${where}`);
    return;
  }
  try {
    drawing.lay({ image: await shrunk(file), name: file.name });
  } catch (failure) {
    lab.alerts.say((failure as Error).message);
  }
}
