/** What an address will lead to, as far as it tells before the core is here. */
import { DEFAULT, sourceOf } from '../data/registry';
import { PRETRAINED, inColour, pretrainedRecipe } from './recipes';
import { type Pretrained, parametersOf, readLayers } from './settings';
import { RECIPES, type Recipe } from './tables';

/** How many layers the page will show. */
export function layersToCome(query: string): number {
  const read = readLayers(parametersOf(query).get('layers') ?? '');
  return 'layers' in read ? read.layers.length : 3;
}

/** A word that an address gives, whatever its letters' case. */
const word = (query: string, name: string): string | undefined => parametersOf(query).get(name)?.toLowerCase();

/** The recipe that an address will lead to. */
export function recipeToCome(query: string): Recipe {
  const asked = RECIPES.find(({ name }) => name === word(query, 'recipe'));
  const data = word(query, 'data');
  const colour = data === undefined ? asked?.colour : inColour(data);
  return asked?.colour === (colour ?? false) ? asked : pretrainedRecipe(colour ? 'objects' : 'digits');
}

/** Which of the weights that come with the page an address will ask for. */
export function pretrainedToCome(query: string): Pretrained | undefined {
  if (word(query, 'weights') === 'random' || !sourceOf(word(query, 'data') ?? DEFAULT).pretrained) return undefined;
  const recipe = recipeToCome(query);
  // Another recipe over digits may be refused, and then the first one's weights are wanted at once.
  return recipe.colour ? (recipe.name === PRETRAINED.objects ? 'objects' : undefined) : 'digits';
}
