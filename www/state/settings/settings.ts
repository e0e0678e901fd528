/**
 * What a person may choose, and its one home: the address of the page. Everything in the query is optional and checked; what
 * is out of range is named in a complaint and replaced by its default.
 */
import type {
  Choices,
  DataChoice,
  EngineChoice,
  LayerRule,
  Pretrained,
  Recipe,
  Setting,
  Settings,
  WeightsChoice,
} from '../../types';
import { asciiDigits, plain, readNumber, readings } from '../text/numbers';
import { type Query, readQuery } from './query';
import { COLOURED, DEFAULT, NAMES, sourceOf } from '../data/registry';
import { START, dataFor, inColour, pretrainedRecipe, recipeFor } from './recipes';
import { RECIPES, RULES, SETTINGS, recipeNamed } from './tables';

export type { Choices, DataChoice, EngineChoice, Pretrained, WeightsChoice } from '../../types';

const SWITCH = ['true', 'false'] as const;
const ENGINES: readonly EngineChoice[] = ['auto', 'webgpu', 'webgpu-f16', 'cpu'];
const WEIGHTS: readonly WeightsChoice[] = ['pretrained', 'random'];

/** Names that mean something in the address and are no settings of the core. */
const OTHERS = ['data', 'weights', 'engine', 'embed', 'link'];
/** Parts of a layer's rule that are numbers. */
const NUMBERS = RULES.filter(({ takes }) => takes.kind === 'number').map(({ name }) => name);

/** The parameters of the page's address (`location.search`). */
export const parametersOf = (query: string): Query =>
  readQuery(query, [...SETTINGS.map(({ name }) => name), ...OTHERS], NUMBERS);

const layersRow = SETTINGS.map(({ takes }) => takes).find((takes) => takes.kind === 'layers');
/** How many layers there can be, and how many units in each. */
export const LAYERS = { from: 1, to: layersRow?.most ?? 1 };
export const UNITS = { from: layersRow?.from ?? 1, to: layersRow?.to ?? 1 };

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

/** What cannot be changed on the way: another value begins another run. */
export const NEEDS_RESTART = SETTINGS.filter(({ restart }) => restart).map(({ name }) => name as keyof Settings);

/** Two values of a setting, lists among them. */
export const sameSetting = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Which of the weights that come with the page a run of `settings` over `data` can begin from, if any: they go on as the run they
 * come from, and that can be changed only so far.
 */
export function pretrainedFor(settings: Settings, data: DataChoice): Pretrained | undefined {
  const pretrained = sourceOf(data).pretrained as Pretrained | undefined;
  if (!pretrained) return undefined;
  const { recommended } = pretrainedRecipe(pretrained);
  return NEEDS_RESTART.every((name) => sameSetting(settings[name], recommended[name])) ? pretrained : undefined;
}

/** Where weights come from unless somebody chose. */
export const weightsFor = (settings: Settings, data: DataChoice): WeightsChoice =>
  pretrainedFor(settings, data) ? 'pretrained' : 'random';

/** How a recipe begins: with what is recommended for it and the seed of the run before, over data that it can learn from. */
export function startOf(recipe: Recipe, { settings: { seed }, data }: Choices): Partial<Choices> {
  const settings = { ...recipe.recommended, seed };
  const suited = dataFor(recipe, data);
  return { settings, weights: weightsFor(settings, suited), data: suited };
}

/** The rule of a standard layer: of each choice the first word. */
const PLAIN_RULE = Object.fromEntries(
  RULES.flatMap(({ name, takes }) => (takes.kind === 'choice' ? [[name, takes.words[0]?.word]] : [])),
) as LayerRule;

/** What makes layer `layer` (from 1) differ, all of it said. Where there are no rules, all layers have the recipe's own. */
export const ruleOf = ({ rules, recipe }: Settings, layer: number): LayerRule => ({
  ...PLAIN_RULE,
  ...(rules.length > 0 ? rules[layer - 1] : recipeNamed(recipe).rule),
});

/** Goodness at which layer `layer` (from 1) is in two minds. */
export const thresholdOf = (settings: Settings, layer: number): number =>
  (settings.layers[layer - 1] ?? 0) * (settings.rules[layer - 1]?.threshold ?? settings.threshold);

/** Rules of layers as they stand in the address, `;minimise;sum threshold=0.5`: the core reads them. Empty if there are none. */
export function writeRules(rules: readonly LayerRule[]): string {
  const words = rules.map((rule) =>
    RULES.flatMap(({ name, takes: { kind } }) => {
      const value = rule[name as keyof LayerRule];
      if (!value || value === PLAIN_RULE[name as keyof LayerRule]) return [];
      if (kind === 'number') return name === 'blocks' && value === 1 ? [] : [`${name}=${value}`];
      return [kind === 'switch' ? name : String(value)];
    }).join(' '),
  );
  while (words.at(-1) === '') words.pop();
  return words.join(';');
}

/** Rules as the core reads them, which knows numbers with a point only. */
const plainRules = (text: string | undefined): string | undefined =>
  text
    ?.toLowerCase()
    .replace(new RegExp(`((?:${NUMBERS.join('|')})=)([^\\s;]+)`, 'g'), (all, name: string, number: string) => {
      const [value, other] = readings(number);
      return value === undefined || other !== undefined ? all : `${name}${value}`;
    });

/** What a link's settings mean; a change that gives old links another meaning is given another number. */
export const LINK_FORM = 1;

/** The query of a link that somebody else's page can judge, too: it says which form it is of. */
export const writeLink = (choices: Choices): string =>
  [writeChoices(choices), `link=${LINK_FORM}`].filter((part) => part !== '').join('&');

/** What an address asks for. */
export interface Asked {
  choices: Choices;
  complaints: string[];
  /** The layers' rules in words, which the core knows how to read; `undefined` if there are none. */
  rules: string | undefined;
}

/** A setting as it stands in the address. */
function write(value: unknown): string {
  if (typeof value === 'number') return plain(value);
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** One of `words`, or what is wrong with `text`. */
function readWord(text: string, name: string, words: readonly string[]): Read<string> {
  const found = words.find((word) => word === text.toLowerCase());
  if (found !== undefined) return { value: found };
  return {
    wrong: words.length > 1 ? `${name} must be one of ${words.join(', ')}` : `${name} can only be ${words[0]} here`,
  };
}

type Read<T> = { value: T } | { wrong: string };

function readLayersOf(recipe: Recipe, text: string): Read<number[]> {
  const read = readLayers(text);
  if ('complaint' in read) return { wrong: read.complaint };
  const [fewest = 1, most = 1] = recipe.layers;
  const fits = read.layers.length >= fewest && read.layers.length <= most;
  return fits ? { value: read.layers } : { wrong: `the recurrent net has ${fewest} or ${most} hidden layers` };
}

function readSpan(text: string): Read<number[]> {
  const [, first, last] = /^(\d{1,3})\s*[-,]\s*(\d{1,3})$/.exec(asciiDigits(text)) ?? [];
  if (first !== undefined && last !== undefined) return { value: [Number(first), Number(last)] };
  return { wrong: 'it names the first and the last step that count, as in 3-5' };
}

/** What is wrong with a window for a recipe, as the rest of a sentence. */
function windowComplaint(recipe: Recipe, value: number): string | undefined {
  if (recipe.windows === value > 0) return undefined;
  if (recipe.windows) return 'pictures in colour are seen through windows of 1 to 31 positions';
  return `windows are for ${namesInColour()}, over pictures in colour`;
}

function namesInColour(): string {
  const names = RECIPES.filter(({ colour }) => colour).map(({ name }) => name);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** A setting of `recipe` as an address gives it. The core reads rules. */
function readSetting(setting: Setting, recipe: Recipe, text: string): Read<unknown> {
  const { name, takes } = setting;
  switch (takes.kind) {
    case 'number': {
      const read = readNumber(text, name, takes);
      const wrong = 'value' in read && name === 'window' ? windowComplaint(recipe, read.value) : undefined;
      return wrong === undefined ? read : { wrong };
    }
    case 'choice':
      return readWord(text, name, name === 'negatives' ? recipe.choices : takes.words.map(({ word }) => word));
    case 'switch': {
      const read = readWord(text, name, SWITCH);
      return 'value' in read ? { value: read.value === 'true' } : read;
    }
    case 'layers':
      return readLayersOf(recipe, text);
    case 'span':
      return readSpan(text);
    default:
      return { value: recipe.recommended[name as keyof Settings] };
  }
}

/**
 * Reads the query of the page's address (`location.search`). Never throws. Whether settings go together is for the core to say.
 */
export function readChoices(query: string): Asked {
  const given = parametersOf(query);
  const complaints: string[] = [];
  const complain = (name: string, why: string, instead: string): void => {
    const said = (given.get(name) ?? '').slice(0, 40);
    complaints.push(`The address says ${name}=${said}, but ${why}; ${instead} is used instead.`);
  };

  const oneOf = <T extends string>(name: string, options: readonly T[], fallback: T): T => {
    const text = given.get(name);
    if (text === null) return fallback;
    const read = readWord(text, name, options);
    if ('wrong' in read) complain(name, read.wrong, fallback);
    return 'value' in read ? (read.value as T) : fallback;
  };
  // Pictures in colour are seen through windows, and digits are not: of a recipe and data that do not go together, the data count.
  const experiment = (): { recipe: Recipe; data: DataChoice } => {
    const data = oneOf('data', NAMES, DEFAULT);
    const names = RECIPES.map(({ name }) => name);
    const recipe = recipeNamed(oneOf('recipe', names, recipeFor(data, START).name));
    if (recipe.colour && given.get('data') === null) return { recipe, data: COLOURED };
    const fitting = recipeFor(data, recipe);
    const why = inColour(data)
      ? `pictures in colour are for ${namesInColour()}`
      : `its windows lie over pictures in colour, as with data=${COLOURED}`;
    if (fitting !== recipe) complain('recipe', why, fitting.name);
    return { recipe: fitting, data };
  };
  const { recipe, data } = experiment();
  const defaults = recipe.recommended;
  const read = SETTINGS.map((setting) => {
    const name = setting.name as keyof Settings;
    const text = given.get(name);
    if (text === null) return [name, defaults[name]];
    const read = readSetting(setting, recipe, text);
    if ('wrong' in read)
      complain(name, read.wrong, setting.takes.kind === 'span' ? defaults.settled.join('-') : write(defaults[name]));
    return [name, 'wrong' in read ? defaults[name] : read.value];
  });
  const settings = Object.fromEntries(read) as Settings;
  const rules = plainRules(given.get('rules') ?? undefined);
  const engine = oneOf('engine', ENGINES, 'auto');
  const expected = rules ? 'random' : weightsFor(settings, data);
  let weights = oneOf('weights', WEIGHTS, expected);
  if (weights === 'pretrained' && expected === 'random') {
    const [digits, objects] = (['digits', 'objects'] as const).map((which) => {
      const { name, recommended } = pretrainedRecipe(which);
      const { layers, batch, seed } = recommended;
      return `${name}, for layers=${layers.join(',')}, batch=${batch}, seed=${seed} and the standard rules`;
    });
    complain('weights', `the pretrained ones are ${digits}; and for objects, recipe=${objects}`, 'random');
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
export function writeChoices({ settings, data, engine, weights }: Choices): string {
  const { recommended, name: recipe } = recipeNamed(settings.recipe);
  const query = new URLSearchParams();
  if (recipe !== START.name) query.set('recipe', recipe);
  if (data !== DEFAULT) query.set('data', data);
  for (const setting of SETTINGS) {
    const { takes } = setting;
    const name = setting.name as keyof Settings;
    const value = settings[name];
    if (name === 'recipe' || sameSetting(value, recommended[name])) continue;
    if (takes.kind !== 'rules') query.set(name, takes.kind === 'span' ? settings.settled.join('-') : String(value));
  }
  const rules = writeRules(settings.rules);
  if (rules !== '') query.set('rules', rules);
  if (engine !== 'auto') query.set('engine', engine);
  if (weights !== weightsFor(settings, data)) query.set('weights', weights);
  // What needs no disguise in a query reads better without.
  return query.toString().replaceAll('%2C', ',').replaceAll('%3B', ';').replaceAll('%3D', '=');
}
