/** The core's tables of settings, recipes and layers' rules, as `src/model` has them; the build of the core writes them down. */
import json from '../../../pkg/tables.json';
import type {
  HistogramAxis,
  LayerRule,
  RecipeKind,
  RecipeRow,
  RulePart,
  Setting,
  Settings,
  SourceRow,
} from '../../worker/protocol';

/** What the page knows of a recipe. */
export type Recipe = RecipeRow & { recommended: Settings; rule: LayerRule };

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
