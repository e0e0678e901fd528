/**
 * What a person may choose, and its one home: the address of the page. Everything in the query is optional and checked; what
 * is out of range is named in a complaint and replaced by its default.
 */
import type { LayerRule, Negatives, Obstacle, PreviousState, RecipeKind, Settings } from '../../worker/protocol';
import { type Range, asciiDigits, plain, readNumber, readings } from '../text/numbers';
import { type Query, readQuery } from './query';
import { COLOURED, DEFAULT, NAMES, type Pretrained, sourceOf } from '../data/registry';
import { RECIPES, type Recipe, inColour, isLocal, recipeFor, recipeOf, rulesOf } from './recipes';

/** The name of data that the page offers. */
export type DataChoice = string;
/** `webgpu-f16`: with activities and pixels stored in half precision. */
export type EngineChoice = 'auto' | 'webgpu' | 'webgpu-f16' | 'cpu';
export type WeightsChoice = 'pretrained' | 'random';

/** Everything a run starts from. */
export interface Choices {
  data: DataChoice;
  engine: EngineChoice;
  weights: WeightsChoice;
  settings: Settings;
}

/** Ranges of the numbers a person can set; the core checks the same ones and has the last word. */
export const RANGES = {
  batch: { from: 1, to: 1000, whole: true },
  epochs: { from: 1, to: 1000, whole: true },
  seed: { from: 0, to: 2 ** 32 - 1, whole: true },
  rate: { from: 0.0001, to: 1, whole: false },
  temperature: { from: 0.1, to: 1000, whole: false },
  threshold: { from: 0.01, to: 100, whole: false },
  momentum: { from: 0, to: 0.999, whole: false },
  weight_cost: { from: 0, to: 1, whole: false },
  peer: { from: 0, to: 10, whole: false },
  head_rate: { from: 0, to: 10, whole: false },
  head_weight_cost: { from: 0, to: 1, whole: false },
  jitter: { from: 0, to: 4, whole: true },
  reads_from: { from: 0, to: 8, whole: true },
  head_epochs: { from: 0, to: 1000, whole: true },
  blurs: { from: 0, to: 20, whole: true },
  steps: { from: 1, to: 20, whole: true },
  damping: { from: 0, to: 0.95, whole: false },
  obstacle_after: { from: 1, to: 7, whole: true },
  window: { from: 0, to: 31, whole: true },
} as const satisfies Record<string, Range>;
export type Adjustable = keyof typeof RANGES;
export const UNITS = { from: 10, to: 3072 };
export const LAYERS = { from: 1, to: 8 };

const NEGATIVES: readonly Negatives[] = ['random', 'softmax', 'goodness'];
export const PREVIOUS: readonly PreviousState[] = ['raw', 'normalised'];
export const OBSTACLES: readonly Obstacle[] = ['none', 'median', 'sine', 'table'];
/** The boxes between two layers, in words. */
export const BOXES: Record<Obstacle, string> = {
  none: 'no box',
  median: 'binarise at the median',
  sine: 'sin(1/x)',
  table: 'a table drawn at random',
};
const SWITCH = ['true', 'false'] as const;
const ENGINES: readonly EngineChoice[] = ['auto', 'webgpu', 'webgpu-f16', 'cpu'];
const WEIGHTS: readonly WeightsChoice[] = ['pretrained', 'random'];
/** The recipes whose weights come with the page. */
export const PRETRAINED: Record<Pretrained, Recipe> = { digits: 'supervised', objects: 'local-min' };

/** Every name that means something in the address. */
const PARAMETERS: readonly string[] = [
  ...Object.keys(RANGES),
  ...['data', 'recipe', 'layers', 'weights', 'engine', 'negatives', 'rules', 'normalise', 'obstacle', 'pipelined'],
  ...['settled', 'previous', 'embed', 'link'],
];

/** The parameters of the page's address (`location.search`). */
export const parametersOf = (query: string): Query => readQuery(query, PARAMETERS);

/** What is wrong with a window for a recipe, likewise. */
function windowComplaint(recipe: Recipe, value: number): string | undefined {
  if (isLocal(recipe))
    return value === 0 ? 'pictures in colour are seen through windows of 1 to 31 positions' : undefined;
  return value === 0 ? undefined : 'windows are for local-max, local-min and local-backprop, over pictures in colour';
}

/** How many layers the page will show, as far as its address tells before the core is here. */
export function layersToCome(query: string): number {
  const read = readLayers(parametersOf(query).get('layers') ?? '');
  return 'layers' in read ? read.layers.length : 3;
}

/** The hidden layers written as `500,500,500`, or the rest of a sentence that says what is wrong with them. */
export function readLayers(text: string): { layers: number[] } | { complaint: string } {
  const parts = asciiDigits(text)
    .split(/[\s,;×x]+/)
    .filter((part) => part !== '');
  if (parts.length < LAYERS.from || parts.length > LAYERS.to) {
    const given = parts.length === 0 ? 'nothing is given, and ' : `${parts.length} are given, and `;
    return { complaint: `${given}layers must name ${LAYERS.from} to ${LAYERS.to} layers, as in 500,500,500` };
  }
  const layers = parts.map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : NaN));
  const wrong = layers.findIndex((units) => !(units >= UNITS.from && units <= UNITS.to));
  if (wrong < 0) return { layers };
  const part = parts[wrong]?.slice(0, 10);
  const what = Number.isNaN(layers[wrong]) ? 'no whole number' : 'out of range';
  return { complaint: `${part} is ${what}: each of layers must have ${UNITS.from} to ${UNITS.to} units` };
}

export const sameLayers = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

/** Which wrong labels a recipe can show: hybrids and the baseline know none, and ten time series a batch are too many. */
export const negativesOf = (recipe: RecipeKind): readonly Negatives[] =>
  (
    ({
      supervised: NEGATIVES,
      recurrent: NEGATIVES.slice(0, 2),
      unsupervised: ['random'],
      backprop: ['random'],
    }) as const
  )[recipe];

/** What cannot be changed on the way: another value begins another run. The core names the same ones. */
export const NEEDS_RESTART = [
  'recipe',
  'layers',
  'batch',
  'seed',
  'threshold',
  'momentum',
  'reads_from',
  'head_epochs',
  'steps',
  'rules',
  'normalise',
  'obstacle',
  'obstacle_after',
  'pipelined',
  'window',
] as const satisfies readonly (keyof Settings)[];

/** Two values of a setting, lists among them. */
export const sameSetting = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The weights that come with the page: for digits, those of the supervised net; for objects, of one with windows. */
export type { Pretrained };

/**
 * Which of the weights that come with the page a run of `settings` over `data` can begin from, if any: they go on as the run they
 * come from, and that can be changed only so far.
 */
export function pretrainedFor(settings: Settings, data: DataChoice, recommended: Recommended): Pretrained | undefined {
  const recipe = recipeOf(settings);
  const pretrained = recipe === PRETRAINED.digits ? 'digits' : recipe === PRETRAINED.objects ? 'objects' : undefined;
  const same = NEEDS_RESTART.every((name) => sameSetting(settings[name], recommended[recipe][name]));
  return same && sourceOf(data).pretrained === pretrained ? pretrained : undefined;
}

/** Where weights come from unless somebody chose. */
export const weightsFor = (settings: Settings, data: DataChoice, recommended: Recommended): WeightsChoice =>
  pretrainedFor(settings, data, recommended) ? 'pretrained' : 'random';

const NO_RULE: LayerRule = {
  activation: 'relu',
  goodness: 'squares',
  sign: 'maximise',
  threshold: undefined,
  temperature: undefined,
  blocks: 0,
  regions: false,
};

/** What makes layer `layer` (from 1) differ, all of it said. */
export const ruleOf = (settings: Settings, layer: number): Required<LayerRule> =>
  ({ ...NO_RULE, ...settings.rules[layer - 1] }) as Required<LayerRule>;

/** Goodness at which layer `layer` (from 1) is in two minds. */
export const thresholdOf = (settings: Settings, layer: number): number =>
  (settings.layers[layer - 1] ?? 0) * (ruleOf(settings, layer).threshold ?? settings.threshold);

/** Rules of layers as they stand in the address, `;minimise;sum threshold=0.5`: the core reads them. Empty if there are none. */
export function writeRules(rules: readonly LayerRule[]): string {
  const words = rules.map((rule) => {
    const { activation, goodness, sign, threshold, temperature, blocks = 0, regions } = { ...NO_RULE, ...rule };
    return [
      activation === 'relu' ? '' : activation,
      goodness === 'squares' ? '' : goodness,
      sign === 'maximise' ? '' : sign,
      threshold === undefined ? '' : `threshold=${threshold}`,
      temperature === undefined ? '' : `temperature=${temperature}`,
      blocks > 1 ? `blocks=${blocks}` : '',
      regions ? 'regions' : '',
    ]
      .filter((word) => word !== '')
      .join(' ');
  });
  while (words.at(-1) === '') words.pop();
  return words.join(';');
}

/** Rules as the core reads them, which knows numbers with a point only. */
const plainRules = (text: string | undefined): string | undefined =>
  text?.toLowerCase().replace(/((?:threshold|temperature|blocks)=)([^\s;]+)/g, (all, name: string, number: string) => {
    const [value, other] = readings(number);
    return value === undefined || other !== undefined ? all : `${name}${value}`;
  });

/** What a link's settings mean; a change that gives old links another meaning is given another number. */
export const LINK_FORM = 1;

/** The query of a link that somebody else's page can judge, too: it says which form it is of. */
export const writeLink = (choices: Choices, recommended: Recommended): string =>
  [writeChoices(choices, recommended), `link=${LINK_FORM}`].filter((part) => part !== '').join('&');

/** What is recommended for each recipe. */
export type Recommended = Record<Recipe, Settings>;

/** What an address asks for. */
export interface Asked {
  choices: Choices;
  complaints: string[];
  /** The layers' rules in words, which the core knows how to read; `undefined` if there are none. */
  rules: string | undefined;
}

/**
 * Reads the query of the page's address (`location.search`). Never throws. Whether settings go together is for the core to say.
 */
export function readChoices(query: string, recommended: Recommended): Asked {
  const given = parametersOf(query);
  const complaints: string[] = [];
  const complain = (name: string, why: string, instead: string): void => {
    const said = (given.get(name) ?? '').slice(0, 40);
    complaints.push(`The address says ${name}=${said}, but ${why}; ${instead} is used instead.`);
  };

  const oneOf = <T extends string>(name: string, options: readonly T[], fallback: T): T => {
    const text = given.get(name);
    const found = options.find((option) => option === text?.toLowerCase());
    if (text !== null && found === undefined)
      complain(
        name,
        options.length > 1 ? `${name} must be one of ${options.join(', ')}` : `${name} can only be ${options[0]} here`,
        fallback,
      );
    return found ?? fallback;
  };
  // Pictures in colour are seen through windows, and digits are not: of a recipe and data that do not go together, the data count.
  const experiment = (): { recipe: Recipe; data: DataChoice } => {
    const data = oneOf('data', NAMES, DEFAULT);
    const recipe = oneOf('recipe', RECIPES, recipeFor(data, 'supervised'));
    if (isLocal(recipe) && given.get('data') === null) return { recipe, data: COLOURED };
    const fitting = recipeFor(data, recipe);
    const why = inColour(data)
      ? 'pictures in colour are for local-max, local-min and local-backprop'
      : `its windows lie over pictures in colour, as with data=${COLOURED}`;
    if (fitting !== recipe) complain('recipe', why, fitting);
    return { recipe: fitting, data };
  };
  const { recipe, data } = experiment();
  const defaults = recommended[recipe];
  const number = (name: Adjustable): number => {
    const text = given.get(name);
    if (text === null) return defaults[name];
    const read = readNumber(text, name, RANGES[name]);
    const wrong = 'wrong' in read ? read.wrong : name === 'window' ? windowComplaint(recipe, read.value) : undefined;
    if (wrong) complain(name, wrong, plain(defaults[name]));
    return wrong || 'wrong' in read ? defaults[name] : read.value;
  };
  const layers = (): number[] => {
    const text = given.get('layers');
    if (text === null) return defaults.layers;
    const read = readLayers(text);
    if ('layers' in read && defaults.recipe === 'recurrent' && (read.layers.length < 2 || read.layers.length > 3)) {
      complain('layers', 'the recurrent net has 2 or 3 hidden layers', defaults.layers.join(','));
      return defaults.layers;
    }
    if ('layers' in read) return read.layers;
    complain('layers', read.complaint, defaults.layers.join(','));
    return defaults.layers;
  };

  const settled = (): [number, number] => {
    const text = given.get('settled');
    const read = /^(\d{1,3})\s*[-,]\s*(\d{1,3})$/.exec(asciiDigits(text ?? ''));
    if (read) return [Number(read[1]), Number(read[2])];
    if (text !== null)
      complain('settled', 'it names the first and the last step that count, as in 3-5', defaults.settled.join('-'));
    return defaults.settled as [number, number];
  };
  const either = (name: 'normalise' | 'pipelined'): boolean =>
    oneOf(name, SWITCH, defaults[name] ? 'true' : 'false') === 'true';

  const numbers = Object.fromEntries((Object.keys(RANGES) as Adjustable[]).map((name) => [name, number(name)]));
  const units = layers();
  const settings: Settings = {
    ...defaults,
    ...numbers,
    layers: units,
    rules: rulesOf(recipe, units.length),
    settled: settled(),
    negatives: oneOf('negatives', negativesOf(defaults.recipe), defaults.negatives),
    previous: oneOf('previous', PREVIOUS, defaults.previous),
    obstacle: oneOf('obstacle', OBSTACLES, defaults.obstacle),
    normalise: either('normalise'),
    pipelined: either('pipelined'),
  };
  const rules = plainRules(given.get('rules') ?? undefined);
  const engine = oneOf('engine', ENGINES, 'auto');
  const expected = rules ? 'random' : weightsFor(settings, data, recommended);
  let weights = oneOf('weights', WEIGHTS, expected);
  if (weights === 'pretrained' && expected === 'random') {
    const [digits, objects] = [recommended.supervised, recommended['local-min']].map(
      ({ layers, batch, seed }) => `layers=${layers.join(',')}, batch=${batch}, seed=${seed} and the standard rules`,
    );
    complain(
      'weights',
      `the pretrained ones are supervised, for ${digits}; and for objects, recipe=local-min, for ${objects}`,
      'random',
    );
    weights = 'random';
  }
  const form = given.get('link');
  // Other things than numbers are somebody else's.
  if (form !== null && /^\d+$/.test(form) && form !== String(LINK_FORM))
    complaints.push(
      `This link was made by another version of the page (its form ${form.slice(0, 10)}, and this is ${LINK_FORM}): what it asks for may not be what was meant.`,
    );
  for (const { name, value, meant } of given.misspelt)
    complaints.push(
      `The address says ${name.slice(0, 40)}=${value.slice(0, 40)}, which this version of the page does not know; it is left out. Perhaps ${meant} was meant.`,
    );
  return { choices: { data, engine, weights, settings }, complaints, rules };
}

/** The query that leads back to these choices, without its `?`: only what differs from the defaults. */
export function writeChoices(choices: Choices, recommended: Recommended): string {
  const { settings } = choices;
  const recipe = recipeOf(settings);
  const defaults = recommended[recipe];
  const query = new URLSearchParams();
  if (recipe !== 'supervised') query.set('recipe', recipe);
  if (choices.data !== DEFAULT) query.set('data', choices.data);
  if (!sameLayers(settings.layers, defaults.layers)) query.set('layers', settings.layers.join(','));
  if (choices.engine !== 'auto') query.set('engine', choices.engine);
  for (const name of Object.keys(RANGES) as Adjustable[])
    if (settings[name] !== defaults[name]) query.set(name, String(settings[name]));
  for (const name of ['negatives', 'previous', 'obstacle', 'normalise', 'pipelined'] as const)
    if (settings[name] !== defaults[name]) query.set(name, String(settings[name]));
  if (!sameSetting(settings.settled, defaults.settled)) query.set('settled', settings.settled.join('-'));
  const rules = writeRules(settings.rules);
  if (rules !== writeRules(rulesOf(recipe, settings.layers.length))) query.set('rules', rules);
  if (choices.weights !== weightsFor(settings, choices.data, recommended)) query.set('weights', choices.weights);
  // What needs no disguise in a query reads better without.
  return query.toString().replaceAll('%2C', ',').replaceAll('%3B', ';').replaceAll('%3D', '=');
}
