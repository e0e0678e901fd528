/** Pictures in files, as networks see them. */
import { drawn } from '../browser/canvasPixels';

/** Larger files are no photographs that anyone has, and would take a browser's memory to open. */
const MOST_BYTES = 60_000_000;

/** The largest square in the middle of a picture. */
export function middle(width: number, height: number): { x: number; y: number; side: number } {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

/** The middle square of the picture in a file, `side` pixels wide, on white where it is transparent; throws a sentence if there is none. */
export async function shrunk(file: File, side: number): Promise<Uint8Array> {
  if (file.size > MOST_BYTES)
    throw new Error(`${file.name} has ${Math.round(file.size / 1e6)} MB; choose a photograph of up to 60 MB.`);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(
      `${file.name} is no picture that this browser can open, or it is damaged; a JPEG, PNG or WebP file will do. Nothing was changed.`,
    );
  });
  try {
    const from = middle(bitmap.width, bitmap.height);
    const pixels = await drawn(side, side, (context) => {
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, from.x, from.y, from.side, from.side, 0, 0, side, side);
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
