/**
 * Recipes by name, and the data and weights that go with them. What a recipe can do is in the core's table: everything else asks
 * there.
 */
import type { DataChoice, Pretrained, Recipe, RecipeKind, Settings } from '../../types';
import { COLOURED as BUILT_IN_COLOUR, DEFAULT, sourceOf } from '../data/registry';
import { RECIPES, recipeNamed } from './tables';

/** The recipes whose weights come with the page. */
export const PRETRAINED: Record<Pretrained, RecipeKind> = { digits: 'supervised', objects: 'local-min' };
export const pretrainedRecipe = (pretrained: Pretrained): Recipe => recipeNamed(PRETRAINED[pretrained]);

/** The recipe that the page begins with, and of which its sentences and figures speak. */
export const START = recipeNamed('supervised');
/** What Forward-Forward is held against. */
export const BASELINE = recipeNamed('backprop');

/** Values of a picture in colour: 32×32 pixels, red, green and blue. */
export const SIDE = 32;
export const COLOURED = SIDE * SIDE * 3;

export const inColour = (data: DataChoice): boolean => sourceOf(data).colour ?? false;

/** What labels mean until something else is known. */
export const DIGITS: readonly string[] = Array.from({ length: 10 }, (_, label) => String(label));

/** Settings as this page names their recipe. Older pages named nets with windows by their settings, as checkpoints still do. */
export function named(settings: Settings): Settings {
  const { recipe, window, rules, layers } = settings;
  if (!window || (recipe !== 'recurrent' && recipe !== 'backprop')) return settings;
  if (recipe === 'backprop') return { ...settings, recipe: 'local-backprop' };
  const minimise = rules.filter(({ sign }) => sign === 'minimise');
  if (minimise.length === 0) return { ...settings, recipe: 'local-max' };
  return { ...settings, recipe: 'local-min', rules: minimise.length === layers.length ? [] : rules };
}

export const isRecipe = (name: unknown): boolean => RECIPES.some((recipe) => recipe.name === name);

/** The data that a recipe can learn from: those in use, or what is built in. */
export const dataFor = (recipe: Recipe, data: DataChoice): DataChoice =>
  recipe.colour === inColour(data) ? data : recipe.colour ? BUILT_IN_COLOUR : DEFAULT;

/** The recipe that data can be learned by: the one in use, or the first that is for them. */
export const recipeFor = (data: DataChoice, recipe: Recipe): Recipe =>
  recipe.colour === inColour(data) ? recipe : pretrainedRecipe(inColour(data) ? 'objects' : 'digits');
