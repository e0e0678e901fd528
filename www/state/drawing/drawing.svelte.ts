import type { Reading } from '../../worker/protocol';
import { PEN, touches } from './eraser';
import { example } from './example';
import type { Lab } from '../run/lab.svelte';
import { COLOURED } from '../settings/recipes';
import { reachesThreshold } from '../run/threshold';

/** A picture of the test set, whose label is known, or one of a person's own, which has a name. */
export interface Shown {
  image: Uint8Array;
  label?: number;
  name?: string;
}

/** How many verdicts are remembered. */
const VERDICTS = 24;

/** What lies on the pad – strokes, or a picture of the test set – and how the network reads it. */
export class Drawing {
  /** Each stroke: x, y, pressure triples in CSS pixels of the pad. */
  strokes = $state.raw<readonly (readonly number[])[]>([example()]);
  picture = $state.raw<Shown>();
  /** The strokes are the page's own; the first touch clears them away. */
  untouched = $state(true);
  reading = $state.raw<Reading>();
  /** Which layers' goodness counts. */
  votes = $state.raw<readonly boolean[]>([]);

  /** For each label the goodness of the layers that vote. */
  readonly totals = $derived(
    this.reading?.goodness.map((layers) =>
      // Layers whose positives minimise goodness speak for a label by having little of it.
      layers.reduce((sum, goodness, i) => sum + (this.votes[i] ? this.sign(i) * goodness : 0), 0),
    ),
  );
  /** Labels, best first; `undefined` when there is nothing to judge, or nobody to judge it. */
  readonly ranking = $derived.by(() => {
    const { totals, reading } = this;
    const ranked = (values: readonly number[]): number[] =>
      values.map((_, label) => label).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
    // A net that no label is shown to is read by its softmax, once that has learned something.
    if (reading && totals?.length === 0) return reading.softmax.length > 0 ? ranked([...reading.softmax]) : undefined;
    if (!totals || !this.votes.includes(true)) return undefined;
    return ranked(totals);
  });

  /** Threshold of each layer. */
  readonly thresholds = $derived.by(() => {
    const settings = this.lab.choices?.settings;
    return (settings?.layers ?? []).map(
      (units, i) => units * (settings?.rules[i]?.threshold ?? settings?.threshold ?? 1),
    );
  });
  /** No label reaches θ in every layer that votes: there was nothing like this in its training. */
  readonly unfamiliar = $derived.by(() => {
    const { reading, votes } = this;
    if (!reading || reading.goodness.length === 0 || !votes.includes(true)) return false;
    const counted = votes.map((vote, layer) => (vote ? this.sign(layer) : 0));
    return !reachesThreshold(reading.goodness, counted, this.thresholds);
  });
  /** What was last read, oldest first: the verdict wavers while the network learns, and settles. */
  verdicts = $state.raw<readonly (number | undefined)[]>([]);

  /** Who has a say by the recipe; a person's own ticks last until that changes. */
  private whose = '';
  /** What the verdicts are of. */
  private judged: unknown;
  private version = 0;
  private busy = false;
  private again = false;

  constructor(private readonly lab: Lab) {}

  private sign(layer: number): number {
    return (this.reading?.votes[layer] ?? 0) < 0 ? -1 : 1;
  }

  get empty(): boolean {
    return this.strokes.length === 0 && !this.picture;
  }

  begin(x: number, y: number, pressure: number): void {
    const others = this.untouched || this.picture ? [] : this.strokes;
    this.untouched = false;
    this.picture = undefined;
    this.strokes = [...others, [x, y, pressure]];
    void this.read();
  }

  extend(points: readonly number[]): void {
    const last = this.strokes.at(-1);
    if (!last) return;
    this.strokes = [...this.strokes.slice(0, -1), [...last, ...points]];
    void this.read();
  }

  /** Takes away the strokes that an eraser touches at these places, or the picture. */
  erase(places: readonly (readonly [x: number, y: number])[]): void {
    const left = this.strokes.filter((stroke) => !places.some((place) => touches(stroke, place)));
    if (left.length === this.strokes.length && !this.picture) return;
    this.untouched = false;
    this.picture = undefined;
    this.strokes = left;
    void this.read();
  }

  undo(): void {
    this.untouched = false;
    if (this.picture) this.picture = undefined;
    else this.strokes = this.strokes.slice(0, -1);
    void this.read();
  }

  clear(): void {
    this.untouched = false;
    this.picture = undefined;
    this.strokes = [];
    void this.read();
  }

  /** Draws what is no digit: two strokes that cross. */
  cross(): void {
    const line = (x: number, y: number, dx: number): number[] =>
      Array.from({ length: 13 }, (_, i) => [x + (dx * i) / 12, y + (144 * i) / 12, 0.5]).flat();
    this.untouched = false;
    this.picture = undefined;
    this.strokes = [line(60, 48, 120), line(180, 48, -120)];
    void this.read();
  }

  /** Lays a picture of the test set on the pad. */
  async sample(): Promise<void> {
    const index = Math.floor(Math.random() * (this.lab.data?.test ?? 1));
    const picture = await this.lab.ask('sample', { index });
    if (picture) this.lay(picture);
  }

  /** Lays a picture on the pad. */
  lay(picture: Shown): void {
    this.untouched = false;
    this.strokes = [];
    this.picture = picture;
    void this.read();
  }

  toggleVote(layer: number): void {
    this.votes = this.votes.with(layer, !this.votes[layer]);
  }

  /** Has the network read the pad anew. While one reading is under way the next waits, and only the newest is shown. */
  async read(): Promise<void> {
    this.version++;
    if (this.empty) this.reading = undefined;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    do {
      this.again = false;
      const version = this.version;
      const reading = await this.readOnce();
      if (this.empty) this.reading = undefined;
      else if (version === this.version || reading) this.show(reading);
    } while (this.again);
    this.busy = false;
  }

  /** What lies on the pad is of the kind that the data are: in colour it is a picture, and otherwise no coloured one. */
  private async suit(): Promise<void> {
    const { inColour, engine } = this.lab;
    if (!engine || (this.picture?.image.length === COLOURED) === inColour) return;
    this.reading = undefined;
    this.picture = inColour ? await this.lab.ask('sample', { index: 0 }) : undefined;
  }

  private async readOnce(): Promise<Reading | undefined> {
    await this.suit();
    const { picture, strokes, lab } = this;
    if (picture) return lab.ask('readImage', { image: picture.image });
    if (strokes.length === 0 || lab.inColour) return undefined;
    const points = new Float32Array(strokes.flat());
    let end = 0;
    const ends = new Uint32Array(strokes.map((stroke) => (end += stroke.length / 3)));
    return lab.ask('readDrawing', { points, ends, pen: PEN });
  }

  private show(reading: Reading | undefined): void {
    const layers = reading?.goodness[0]?.length ?? 0;
    // The recipe says who has a say: where the label is in the picture, the first layer sees it directly and has none.
    const voting = reading ? [...reading.votes].slice(0, layers) : [];
    const whose = voting.map((vote) => vote !== 0).join();
    if (reading && whose !== this.whose) {
      this.whose = whose;
      this.votes = voting.map((vote) => vote !== 0);
    }
    this.reading = reading;
    if (reading) this.remember();
  }

  /** Verdicts in a row are of the same drawing; another one begins anew. */
  private remember(): void {
    const drawn = this.picture ?? this.strokes;
    const before = drawn === this.judged ? this.verdicts : [];
    this.judged = drawn;
    this.verdicts = [...before, this.ranking?.[0]].slice(-VERDICTS);
  }
}
