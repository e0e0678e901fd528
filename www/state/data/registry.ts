/**
 * What the page offers as data and has to know before the core is there. How data are made or read is in the core's own list,
 * src/dataset/source.rs.
 */

/** Weights that come with the page. */
export type Pretrained = 'digits' | 'objects';

export interface Source {
  title: string;
  /** What it is, for the menu. */
  help: string;
  /** Pictures in colour, for nets with windows. */
  colour?: boolean;
  pretrained?: Pretrained;
  /** The data that are used until its files are there; left out where the page makes it. */
  standIn?: string;
  /** How to give the files, where the page cannot fetch them. */
  ask?: string;
  /** What the button says that chooses its files. */
  pick?: string;
  /** … and that it chooses a folder. */
  folder?: boolean;
  /** The person names it. */
  own?: boolean;
}

const SOURCES: Record<string, Source> = {
  strokes: {
    title: 'pen strokes',
    help: 'Built in: digits drawn by a seeded pen in many hands.',
    pretrained: 'digits',
  },
  mnist: {
    title: 'MNIST',
    help: '60,000 digits written by people. 11.6 MB, fetched when you ask: from beside this page, or from cdn.jsdelivr.net, and checked.',
    pretrained: 'digits',
    standIn: 'strokes',
    pick: 'MNIST from files…',
  },
  objects: {
    title: 'coloured objects',
    help: 'Built in: ten outlines of any colour, texture, place and size before clutter, 32×32, for nets with windows.',
    colour: true,
    pretrained: 'objects',
  },
  cifar10: {
    title: 'CIFAR-10',
    help: 'Photographs of ten kinds, 32×32, for nets with windows.',
    colour: true,
    standIn: 'objects',
    pick: 'CIFAR-10 from files…',
    ask: 'drop its six .bin files here, or the .tar.gz they come in',
  },
  idx: {
    title: 'IDX files',
    help: 'Any data set in MNIST’s format with 2 to 64 classes: Fashion-MNIST, KMNIST, EMNIST and others.',
    standIn: 'strokes',
    pick: 'IDX files…',
    ask: 'drop its four files here',
    own: true,
  },
  pictures: {
    title: 'folders of pictures',
    help: 'PNG, JPEG or WebP pictures in one folder for each of 2 to 64 classes.',
    standIn: 'strokes',
    pick: 'Folder of pictures…',
    folder: true,
    ask: 'drop the folder with one folder of pictures for each class here',
    own: true,
  },
};

/** Names of data, as in the address. */
export const NAMES: readonly string[] = Object.keys(SOURCES);
export const [DEFAULT = ''] = NAMES;
/** The data that are made here in colour. */
export const COLOURED = NAMES.find((name) => SOURCES[name]?.colour && !SOURCES[name].standIn) ?? DEFAULT;

/** What the page offers under this name; pen strokes for a name that it does not offer. */
export const sourceOf = (name: string): Source => SOURCES[name] ?? (SOURCES[DEFAULT] as Source);

/** The name under which the page offers data. */
export const choiceOf = (name: string): string => (name in SOURCES ? name : DEFAULT);

/** Takes on what files turned out to be. */
export function describe(name: string, { title, colour }: { title: string; colour: boolean }): void {
  if (SOURCES[name]?.own) SOURCES[name] = { ...SOURCES[name], title, colour, standIn: colour ? COLOURED : DEFAULT };
}
