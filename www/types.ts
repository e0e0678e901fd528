/** Types that the page, its worker and what they store share. They lead to nothing else of www. */
import type {
  Answer,
  DataInfo,
  LayerRule,
  Measured as Evaluation,
  Progress,
  Question,
  RecipeRow,
  Settings as PartialSettings,
} from '../pkg/forward_forward.js';

export type * from '../pkg/forward_forward.js';
export type { Evaluation };

/** All that one of a union of objects may hold. */
type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** What can be asked of the core, by name, and what has to be said of it. */
export type Questions = Together<Question>;
/** The answers to them, by the same names. */
export type Answers = Together<Answer>;

/** A run's settings, all of them: the core fills in what is left out. */
export type Settings = Required<PartialSettings>;

/** The name of data that the page offers. */
export type DataChoice = string;
/** `webgpu-f16`: with activities and pixels stored in half precision. */
export type EngineChoice = 'auto' | 'webgpu' | 'webgpu-f16' | 'cpu';
export type WeightsChoice = 'pretrained' | 'random';
/** The weights that come with the page: for digits, and for objects in colour. */
export type Pretrained = 'digits' | 'objects';

/** Everything a run starts from. */
export interface Choices {
  data: DataChoice;
  engine: EngineChoice;
  weights: WeightsChoice;
  settings: Settings;
}

/** A curve as plain data: rows of images seen and a value each series, how many points make one, and those not merged yet. */
export interface CurveState {
  stride: number;
  rows: number[][];
  waiting: number[][];
}

/** Everything about a run but its weights. */
export interface RunInfo {
  format: number;
  /** The run's own name for itself: one run, however often it is gone on with. */
  id: string;
  /** What the weights came from, in words. */
  origin: string;
  /** Some setting was changed on the way, which no link can tell. */
  altered: boolean;
  choices: Choices;
  data: DataInfo;
  progress: Progress;
  evaluation: Evaluation | undefined;
  errors: CurveState;
  losses: CurveState;
  /** When, by the clock on the wall. */
  saved: number;
}

/** What the page knows of a recipe. */
export type Recipe = RecipeRow & { recommended: Settings; rule: LayerRule };
