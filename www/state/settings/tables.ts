/** The core's tables of settings, recipes and layers' rules, as `src/model` has them; the build of the core writes them down. */
import type { HistogramAxis, Recipe, RecipeKind, RulePart, Setting, Settings, SourceRow } from '../../types';
import json from '../../../pkg/tables.json';

export type { Recipe } from '../../types';

interface Tables {
  settings: readonly Setting[];
  recipes: readonly Recipe[];
  rules: readonly RulePart[];
  sources: readonly SourceRow[];
  hinton: Settings;
  axis: HistogramAxis;
}

export const {
  settings: SETTINGS,
  recipes: RECIPES,
  rules: RULES,
  sources: SOURCES,
  hinton: HINTON,
  axis: AXIS,
} = json as unknown as Tables;

const byName = new Map(RECIPES.map((recipe) => [recipe.name, recipe]));

export const recipeNamed = (name: RecipeKind): Recipe => byName.get(name) as Recipe;

/** The row of a setting, which is there if TypeScript knows the name. */
export const settingNamed = (name: keyof Settings): Setting =>
  SETTINGS.find((setting) => setting.name === name) as Setting;

/** The words of a setting that is chosen from a few. */
export const wordsOf = (name: keyof Settings) => {
  const { takes } = settingNamed(name);
  return takes.kind === 'choice' ? takes.words : [];
};
