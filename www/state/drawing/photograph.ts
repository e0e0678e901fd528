/** A person's own photograph as the network sees pictures: the middle square of it, shrunk to 32×32. */
import type { Drawing } from './drawing.svelte';
import type { Lab } from '../run/lab.svelte';
import { shrunk } from './shrunk';
import { SIDE } from '../settings/recipes';
import type { Given } from '../../worker/protocol';

const isPicture = ({ type, name }: File): boolean =>
  type.startsWith('image/') || /\.(jpe?g|png|webp|gif|bmp|avif|heic)$/i.test(name);

/** The first of these files, if all of them say that they are pictures. */
export function photographIn({ files }: Given): File | undefined {
  // Pictures in folders of their own are a data set.
  if (files.some(({ path }) => path.includes('/'))) return undefined;
  // Systems put files of their own into folders, with a dot before their names.
  const pictures = files.flatMap((given) => ('file' in given && !given.file.name.startsWith('.') ? [given.file] : []));
  return pictures.every(isPicture) ? pictures[0] : undefined;
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
    drawing.lay({ image: await shrunk(file, SIDE), name: file.name });
  } catch (failure) {
    lab.alerts.say((failure as Error).message);
  }
}
