/** Runs that are over or were left, as far as they are compared: their curve of the test error and their settings. */
import { choiceOf, sourceOf } from '../data/registry';
import type { DataInfo } from '../../worker/protocol';
import { Curve } from '../run/curve';
import { count } from '../text/format';
import type { RunInfo } from '../storage/savedRun';
import type { Choices } from '../settings/settings';

export const FORMAT = 1;
/** Points of a curve that are kept. */
const POINTS = 128;

export interface RunSummary {
  format: typeof FORMAT;
  id: string;
  name: string;
  /** Whether its curve is drawn. */
  shown: boolean;
  saved: number;
  origin: string;
  altered: boolean;
  choices: Choices;
  data: Pick<DataInfo, 'name' | 'train' | 'test'>;
  step: number;
  epoch: number;
  finished: boolean;
  /** Its last test error, percent, both ways of reading, and on how many test images. */
  goodness: number | undefined;
  softmax: number | undefined;
  images: number;
  /** Images seen, test error by goodness, and in one pass; NaN where there is none. */
  columns: number[][];
}

/** What is kept of a run for comparison; nothing where it has no curve yet. */
export function summarise(
  { choices, data, progress, evaluation, ...about }: RunInfo,
  name: string,
): RunSummary | undefined {
  const curve = new Curve(2, POINTS);
  for (const [images = 0, ...errors] of about.errors.rows) curve.push(images, errors);
  if (curve.length < 2 || !evaluation) return undefined;
  return {
    format: FORMAT,
    id: about.id,
    name,
    shown: true,
    saved: about.saved,
    origin: about.origin,
    altered: about.altered,
    choices,
    data: { name: data.name, train: data.train, test: data.test },
    step: progress.step,
    epoch: progress.epoch,
    finished: progress.finished,
    goodness: evaluation.goodness_error,
    softmax: evaluation.softmax_error,
    images: evaluation.images,
    columns: curve.columns(),
  };
}

/** Whether this can be a run of this version. */
export function isRunSummary(value: unknown): value is RunSummary {
  if (typeof value !== 'object' || value === null) return false;
  const run = value as Partial<RunSummary>;
  return (
    run.format === FORMAT &&
    typeof run.id === 'string' &&
    typeof run.name === 'string' &&
    Array.isArray(run.choices?.settings?.layers) &&
    typeof run.data?.name === 'string' &&
    Array.isArray(run.columns) &&
    run.columns.length === 3 &&
    run.columns.every((column) => Array.isArray(column) && column.length === run.columns?.[0]?.length)
  );
}

/** The curve that stands for a run: by goodness, or in one pass where no label is shown to the network. */
export const errorsOf = ({ columns: [, goodness = [], softmax = []] }: Pick<RunSummary, 'columns'>): number[] =>
  goodness.some((error) => !Number.isNaN(error)) ? goodness : softmax;

/** Its last test error in the same way, percent. */
export const lastOf = (run: Pick<RunSummary, 'goodness' | 'softmax'>): number | undefined =>
  run.goodness ?? run.softmax;

const NAMES: Record<string, string> = { rate: 'ε', temperature: 'T', threshold: 'θ/units' };
/** Said of each run, whether or not it differs. */
const ALWAYS = ['recipe', 'layers', 'data', 'seed'];

export const dataName = (name: string): string => (choiceOf(name) === name ? sourceOf(name).title : name);

/** A run's settings in words, by name. */
function words({ choices, data, origin }: Pick<RunSummary, 'choices' | 'data' | 'origin'>): Map<string, string> {
  const { recipe, layers, seed, ...others } = choices.settings;
  const all = new Map<string, string>([
    ['recipe', recipe],
    ['layers', layers.join('·')],
    ['data', `${count(data.train)} ${dataName(data.name)}`],
    ['seed', `seed ${seed}`],
    ['origin', `from ${origin}`],
  ]);
  for (const [name, value] of Object.entries(others)) {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    all.set(name, `${NAMES[name] ?? name.replaceAll('_', ' ')} ${text}`);
  }
  return all;
}

export interface Part {
  text: string;
  differs: boolean;
}

/** What to say of each of these runs: the settings that differ among them, and a few always. */
export function settingsOf(runs: readonly Pick<RunSummary, 'choices' | 'data' | 'origin'>[]): Part[][] {
  const all = runs.map(words);
  const differs = (name: string): boolean => new Set(all.map((each) => each.get(name))).size > 1;
  const names = [...new Set(all.flatMap((each) => [...each.keys()]))];
  const said = names.filter((name) => ALWAYS.includes(name) || differs(name));
  return all.map((each) => said.map((name) => ({ text: each.get(name) ?? '', differs: differs(name) })));
}

/** That these runs do not compare, if they learned from or were tested on different data. */
export function unlike(runs: readonly Pick<RunSummary, 'data' | 'images'>[]): string | undefined {
  const datas = [...new Set(runs.map(({ data }) => `${count(data.train)} ${dataName(data.name)}`))];
  if (datas.length > 1)
    return `These runs learned from different data (${datas.join('; ')}): their errors say nothing about their settings.`;
  const tests = [...new Set(runs.map(({ images }) => count(images)))];
  return tests.length > 1
    ? `Their last errors were measured on different numbers of test images (${tests.join('; ')}).`
    : undefined;
}

const cell = (value: string | number | undefined): string => {
  const text = value === undefined || Number.isNaN(value) ? '' : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** The curves of these runs, a line a point; `linkOf` says how to get each again. */
export function csv(runs: readonly RunSummary[], linkOf: (run: RunSummary) => string): string {
  const lines = runs.flatMap((run) => {
    const { choices, data, columns } = run;
    const { recipe, layers, seed } = choices.settings;
    const [images = [], goodness = [], softmax = []] = columns;
    return images.map((at, i) =>
      [run.name, recipe, layers.join(' '), seed, data.name, data.train, at, goodness[i], softmax[i], linkOf(run)]
        .map(cell)
        .join(','),
    );
  });
  const header =
    'run,recipe,layers,seed,data,training_images,images_seen,goodness_error_percent,softmax_error_percent,link';
  return [header, ...lines, ''].join('\r\n');
}
