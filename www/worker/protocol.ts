/** What the page and the worker say to each other: plain data, and a run number on everything that belongs to one run. */
import type {
  Answers,
  DataChoice,
  DataInfo,
  EngineChoice,
  EngineInfo,
  Evaluation,
  Look,
  Pretrained,
  Progress,
  Questions,
  RunInfo,
  Settings,
  WeightsChoice,
} from '../types';

export type * from '../types';
/** Where a run's weights come from. */
export type Start = { from: WeightsChoice } | { from: 'checkpoint'; bytes: Uint8Array; name: string };

export interface Opening {
  run: number;
  settings: Settings;
  start: Start;
  /** Where it is to go on as soon as it can. */
  engine: EngineChoice;
  /** Left out, a checkpoint goes on over the data it learned from. */
  data?: DataChoice;
}

/** Settings that go together, and why some of those asked for did not. */
export interface Fitted {
  settings: Settings;
  complaints: string[];
}

/** How two runs stand that race each other. */
export interface Standing {
  /** Which race. */
  race: number;
  /** Both have just been measured, equally far: a point of each curve. */
  point: boolean;
  /** Both have learned all they were to learn, and were measured. */
  finished: boolean;
  contenders: {
    step: number;
    images: number;
    epoch: number;
    /** Its own clock: time spent learning. */
    milliseconds: number;
    /** Share of pairs each layer tells apart; none for the baseline. */
    separated: number[];
    /** Percent, where it reads so; those of the newest measurement. */
    goodnessError: number | undefined;
    softmaxError: number | undefined;
  }[];
}

/** How the name of the error begins with which `open` refuses a run whose data are not here; their name follows. */
export const NEEDS = 'Needs ';

export interface Opened {
  /** The new run took the place of the one before, on the engine that it was on. */
  inPlace: boolean;
  settings: Settings;
  engine: EngineInfo;
  data: DataInfo;
  /** What the ten labels mean: digits, or the names of classes. */
  labels: string[];
}

/** What the worker tells without being asked. */
export type Notice =
  | { kind: 'preparing'; run: number; prepared: number }
  /** What the network makes of built-in pictures before it has learned anything in this run. */
  | { kind: 'look'; run: number; look: Look }
  | { kind: 'progress'; run: number; progress: Progress }
  /** A part of a measurement, which has cost `took` milliseconds so far. */
  | { kind: 'evaluation'; run: number; evaluation: Evaluation; took: number; imagesSeen: number | undefined }
  /** A checkpoint was taken of what has been told so far. If it shall also be `kept` in the browser, the answer says where. */
  | { kind: 'keeping'; run: number; kept: boolean }
  /** The checkpoint itself. */
  | { kind: 'checkpoint'; run: number; bytes: Uint8Array }
  /** The browser refused to keep it; `why` is the rest of a sentence. */
  | { kind: 'unkept'; why: string }
  /** Paused: everything told before has arrived, and no more of this run will come. */
  | { kind: 'resting'; run: number }
  | { kind: 'stopped'; run: number; why: 'finished' }
  | { kind: 'stopped'; run: number; why: 'failed'; message: string }
  /** A run is about to begin its work: the answer is awaited, which comes when the page is drawn. */
  | { kind: 'begun' }
  /** An engine is being looked for; `share` is how far that is, 1 when it is over. */
  | { kind: 'searching'; run: number; share: number }
  /** The browser is still compiling so many kernels for its GPU. */
  | { kind: 'compiling'; kernels: number }
  /** The run is on another engine; where nobody asked for that, because the GPU was lost, `message` says so in words. */
  | { kind: 'moved'; run: number; engine: EngineInfo; message?: string }
  | { kind: 'download'; name: string; received: number; total: number }
  | { kind: 'note'; message: string }
  | { kind: 'crash'; message: string };

/** Of one run. */
export type OfRun = Extract<Notice, { run: number }>;

/** Where in the browser a checkpoint goes, and what is known of its run. */
export interface Place {
  slot: string;
  about: RunInfo;
}

/** The page’s ear; the promise, if there is one, is kept once it has heard, or for `begun` drawn. Only `keeping` has an answer. */
export type Listener = (notice: Notice) => Promise<Place | undefined>;

/** Files that a person gave, with their paths, and what to call all of them together: the folder they are in. */
export interface Given {
  name: string;
  /** `why`: why there is nothing to read. */
  files: ({ path: string; file: File } | { path: string; why: string })[];
}

/** Data that the person has to name before they are used. */
export interface Unnamed {
  title: string;
  classes: string[];
  /** They are so many pictures in folders; none for IDX files. */
  pictures: number;
}

/** The person's names for data, and how the pictures are to be taken. */
export interface Naming {
  title: string;
  classes: string[];
  /** Rows and columns of IDX images are exchanged. */
  transposed: boolean;
  /** Pictures in folders are fitted to 32×32 in colour, and not to 28×28 in grey. */
  colour: boolean;
}

/** What files are: a data set, which is in the worker now; without one, the checkpoint of this path. */
export interface Read {
  /** The name of the data set. */
  data: DataChoice | undefined;
  unnamed: Unnamed | undefined;
  /** They are those that the run in use waited for, which can go on. */
  awaited: boolean;
  /** Beside data it was passed over. */
  checkpoint: string | undefined;
}

/** The worker, as the page calls it. Refusals are errors whose message is a sentence; the session stays as it was. */
export interface Laboratory {
  /** Answers at once. */
  isThere(): boolean;
  /**
   * Loads the core. `prefetch`: which pretrained weights will be wanted, so start fetching them. `pool`: where the workers are
   * that shall be threads of it.
   */
  hello(listener: Listener, prefetch: Pretrained | undefined, pool: MessagePort[]): Promise<void>;
  /** Holds a lock for as long as this worker lives. */
  holdLock(name: string): Promise<void>;
  /** Whether these data are in the worker. */
  has(data: DataChoice): Promise<boolean>;
  /** Downloads MNIST into the worker, from `beside` the page or from its mirror. */
  downloadMnist(beside: string): Promise<void>;
  /** Reads files. Refuses those that are neither a data set nor a checkpoint. */
  read(given: Given): Promise<Read>;
  /** Names what was read last; the name of the data set it is now. */
  name(naming: Naming): Promise<DataInfo>;
  /** The core's last word on settings from an address, with the layers' rules as they stand in it. */
  fit(settings: Settings, rules: string | undefined): Promise<Fitted>;
  cancelDownload(): void;
  open(opening: Opening): Promise<Opened>;
  /**
   * Moves the run to another engine, weights, velocities and step included, once that is found: the run and everything else goes
   * on meanwhile. A run that takes this one's place meanwhile is moved instead, and none if another engine is asked for.
   */
  useEngine(wish: EngineChoice): Promise<void>;
  train(): Promise<void>;
  /** Answers once nothing is learned any more and the page holds a checkpoint of the last batch. */
  pause(): Promise<void>;
  step(): Promise<Progress>;
  /** Takes a checkpoint if anything was learned since the last one, for the page or also for the browser to keep. */
  keep(where: 'page' | 'browser'): Promise<void>;
  /** Whether training takes a while for each batch, so that an eye can follow. */
  slowDown(slow: boolean): Promise<void>;
  apply(settings: Settings): Promise<void>;
  freeze(layer: number, frozen: boolean): Promise<void>;
  /** Asks the core. To teach the network to reject a picture changes the run, beside its steps. */
  ask<Name extends keyof Questions>(name: Name, about: Questions[Name]): Promise<Answers[Name]>;
  /** Puts two runs beside each other over the data of the run under way, both from their beginning; a race before is over. */
  race(id: number, contenders: Settings[]): Promise<void>;
  /** Has the two go on for a moment; nothing if race `id` is over. Throws what befell a contender. */
  raceOn(id: number): Promise<Standing | undefined>;
  endRace(): Promise<void>;
  /** Measures over the first `images` of the test split, in slices; results come as notices. */
  measure(images: number): Promise<void>;
  save(): Promise<Uint8Array>;
}
