/**
 * The experiments a person can choose. Those with windows are recipes of their own here; to the core they are the recurrent net
 * and the baseline with local connections. They see pictures in colour, and the others digits.
 */
import type { LayerRule, Presets, RecipeKind, Settings } from '../../worker/protocol';
import { COLOURED as BUILT_IN_COLOUR, DEFAULT, sourceOf } from '../data/registry';
import { type Choices, type DataChoice, type Pretrained, parametersOf, weightsFor } from './settings';

export type Recipe = RecipeKind | 'local-max' | 'local-min' | 'local-backprop';

/** What the core knows. */
export const KINDS: readonly RecipeKind[] = ['supervised', 'unsupervised', 'recurrent', 'backprop'];
export const LOCAL: readonly Recipe[] = ['local-max', 'local-min', 'local-backprop'];
export const RECIPES: readonly Recipe[] = [...KINDS, ...LOCAL];

export const isLocal = (recipe: Recipe): boolean => LOCAL.includes(recipe);

/** Values of a picture in colour: 32×32 pixels, red, green and blue. */
export const SIDE = 32;
export const COLOURED = SIDE * SIDE * 3;

export const inColour = (data: DataChoice): boolean => sourceOf(data).colour ?? false;

/** Whether such a net is asked about each label in turn and read by goodness, too; others say one in a single pass. */
export const triesLabels = (recipe: RecipeKind | undefined): boolean =>
  recipe !== 'unsupervised' && recipe !== 'backprop';

/** What labels mean until something else is known. */
export const DIGITS: readonly string[] = Array.from({ length: 10 }, (_, label) => String(label));

/** Which experiment settings are of. */
export function recipeOf({ recipe, window, rules }: Settings): Recipe {
  // Runs kept by an older page know of no windows.
  if (!window || recipe === 'supervised' || recipe === 'unsupervised') return recipe;
  if (recipe === 'backprop') return 'local-backprop';
  return rules.some(({ sign }) => sign === 'minimise') ? 'local-min' : 'local-max';
}

/** The rules that make a recipe of `layers` layers what it is. */
export const rulesOf = (recipe: Recipe, layers: number): LayerRule[] =>
  recipe === 'local-min' ? Array.from({ length: layers }, () => ({ sign: 'minimise' })) : [];

/** Settings whose layers may have become more or fewer: where all layers minimise, new ones do, too. */
export function withItsRules(settings: Settings): Settings {
  const { rules, layers } = settings;
  const all = rules.length > 0 && rules.every(({ sign }) => sign === 'minimise');
  return recipeOf(settings) === 'local-min' && all && rules.length !== layers.length
    ? { ...settings, rules: rulesOf('local-min', layers.length) }
    : settings;
}

/** The data that a recipe can learn from: those in use, or what is built in. */
export const dataFor = (recipe: Recipe, data: DataChoice): DataChoice =>
  isLocal(recipe) === inColour(data) ? data : isLocal(recipe) ? BUILT_IN_COLOUR : DEFAULT;

/** The recipe that data can be learned by: the one in use, or the first that is for them. */
export const recipeFor = (data: DataChoice, recipe: Recipe): Recipe =>
  isLocal(recipe) === inColour(data) ? recipe : inColour(data) ? 'local-min' : 'supervised';

/** How a recipe begins: with what is recommended for it and the seed of the run before, over data that it can learn from. */
export function startOf(recipe: Recipe, { settings: { seed }, data }: Choices, presets: Presets): Partial<Choices> {
  const settings = { ...presets.recipes[recipe], seed };
  const suited = dataFor(recipe, data);
  return { settings, weights: weightsFor(settings, suited, presets.recipes), data: suited };
}

/** A word that an address gives, whatever its letters' case. */
const word = (query: string, name: string): string | undefined => parametersOf(query).get(name)?.toLowerCase();

/** Which of the weights that come with the page an address will ask for, likewise. */
export function pretrainedToCome(query: string): Pretrained | undefined {
  if (word(query, 'weights') === 'random' || !sourceOf(word(query, 'data') ?? '').pretrained) return undefined;
  if (!colourToCome(query)) return 'digits';
  return [undefined, 'local-min'].includes(word(query, 'recipe')) ? 'objects' : undefined;
}

/** Whether an address will lead to pictures in colour, as far as it tells before the core is here. */
export const colourToCome = (query: string): boolean =>
  inColour(word(query, 'data') ?? '') || (word(query, 'recipe')?.startsWith('local-') ?? false);
