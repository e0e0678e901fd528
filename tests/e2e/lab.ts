import { readFile } from 'node:fs/promises';
import { test as base, expect, type Locator, type Page, type Request } from '@playwright/test';

export { expect };

type Point = readonly [x: number, y: number];
/** Strokes on the pad, in shares of its width and height. */
export type Strokes = readonly (readonly Point[])[];

const arc = (cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] =>
  Array.from({ length: 25 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / 24) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });

/** Digits as a person draws them, large and in the middle. */
export const digits: Record<string, Strokes> = {
  '0': [arc(0.5, 0.5, 0.22, 0.32, -90, 270)],
  '1': [
    [
      [0.52, 0.18],
      [0.5, 0.5],
      [0.48, 0.82],
    ],
  ],
  '3': [[...arc(0.48, 0.34, 0.18, 0.16, -150, 90), ...arc(0.48, 0.67, 0.2, 0.17, -90, 150)]],
  '7': [
    [
      [0.28, 0.2],
      [0.72, 0.2],
      [0.6, 0.5],
      [0.46, 0.82],
    ],
  ],
};

/** Strokes made smaller about the middle and moved, in shares of the pad. */
export const placed = (strokes: Strokes, size: number, dx: number, dy: number): Strokes =>
  strokes.map((stroke) => stroke.map(([x, y]) => [0.5 + (x - 0.5) * size + dx, 0.5 + (y - 0.5) * size + dy] as const));

/** A file as a person has it. */
export interface Given {
  name: string;
  bytes: Buffer;
}

export interface Layer {
  positive: number;
  negative: number;
  threshold: number;
  separated: number;
}

/** The engine a project asks for; the page's own choice where it does not. */
export type EngineOption = 'webgpu' | undefined;

/** The page, by the names that tests and assistive technology rely on. */
export class Lab {
  /** Everything the page asked for, and what it said on the console that it should not have. */
  readonly requests: Request[] = [];
  readonly complaints: string[] = [];
  /** What the page's Content Security Policy refused; after every test there must be nothing here. */
  readonly breaches: string[] = [];

  /** `engine`: what every page is opened with, unless a test says otherwise. */
  constructor(
    readonly page: Page,
    private readonly engine: EngineOption,
  ) {
    page.on('request', (request) => this.requests.push(request));
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
      if (/Content Security Policy|Trusted/.test(message.text())) this.breaches.push(message.text());
    });
  }

  get status(): Locator {
    return this.page.getByTestId('status');
  }
  get progress(): Locator {
    return this.page.getByTestId('progress');
  }
  get testError(): Locator {
    return this.page.getByTestId('test-error');
  }
  get pad(): Locator {
    return this.page.locator('canvas[data-testid=draw-pad]');
  }
  get prediction(): Locator {
    return this.page.getByTestId('prediction');
  }
  get alert(): Locator {
    return this.page.getByRole('alert');
  }
  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Opens the page with these settings and waits until it can be used. */
  async open(settings: Record<string, string | number> = {}): Promise<void> {
    const all = this.engine ? { engine: this.engine, ...settings } : settings;
    const query = new URLSearchParams(Object.entries(all).map(([name, value]) => [name, String(value)]));
    await this.page.goto(`./?${query.toString()}`);
    await expect(this.status).toHaveText('ready');
    await this.settled();
  }

  /** Waits until the run is on the engine that every page is opened with. */
  async settled(): Promise<void> {
    if (!this.engine) return;
    const engine = this.page.getByTestId('engine');
    // A software adapter takes long to open, on a busy machine longer.
    await expect(engine).toHaveAttribute('data-engine', this.engine, { timeout: 240_000 });
  }

  async step(): Promise<number> {
    return Number(await this.progress.getAttribute('data-step'));
  }

  /** How long the run has learned for, in milliseconds, as far as the page has heard. */
  async learnedFor(): Promise<number> {
    return Number(await this.progress.getAttribute('data-learned-for'));
  }

  /** Waits until the run has learned for so many milliseconds more, however long a busy machine takes for that. */
  async learns(milliseconds: number): Promise<void> {
    const from = await this.learnedFor();
    await expect.poll(() => this.learnedFor(), { timeout: 110_000 }).toBeGreaterThan(from + milliseconds);
  }

  /** The test error by goodness in %; NaN where the page shows none, which is not 0 and below or above no bound. */
  async error(): Promise<number> {
    return Number((await this.testError.getAttribute('data-goodness')) ?? NaN);
  }

  async layers(): Promise<Layer[]> {
    const number = async (layer: Locator, name: string): Promise<number> =>
      Number(await layer.getAttribute(`data-${name}`));
    return Promise.all(
      (await this.page.getByTestId('layer').all()).map(async (layer) => ({
        positive: await number(layer, 'positive-goodness'),
        negative: await number(layer, 'negative-goodness'),
        threshold: await number(layer, 'threshold'),
        separated: await number(layer, 'separated'),
      })),
    );
  }

  /** Presses Step and waits until the batch is done. */
  async stepOnce(): Promise<void> {
    await this.settled();
    const before = await this.step();
    await this.button('Step').click();
    // The first one waits for the data to be drawn.
    await expect(this.progress).toHaveAttribute('data-step', String(before + 1), { timeout: 60_000 });
  }

  /** Presses Pause; the step at which the run rests. */
  async pause(): Promise<number> {
    await this.button('Pause').click();
    await expect(this.status).toHaveText('paused');
    return this.step();
  }

  /** Drops files on the page, as from a file manager. */
  async drop(files: readonly Given[]): Promise<void> {
    const dropped = await this.page.evaluateHandle(
      (all) => {
        const data = new DataTransfer();
        for (const { name, base64 } of all) {
          data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
        }
        return data;
      },
      files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') })),
    );
    for (const kind of ['dragenter', 'dragover', 'drop']) {
      await this.page.dispatchEvent('body', kind, { dataTransfer: dropped });
    }
  }

  /** Drops what lies at these paths on the page, files or folders, as the browser itself does. */
  async dropPaths(paths: readonly string[]): Promise<void> {
    const browser = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [...paths], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await browser.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
    await browser.detach();
  }

  /** Has the page save a checkpoint, and takes it. */
  async save(): Promise<Given> {
    const coming = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: /^Weights/ }).click();
    await this.button('Save to a file').click();
    const download = await coming;
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }

  /** Draws with the mouse, as fast as a hand would. */
  async draw(strokes: Strokes): Promise<void> {
    await this.pad.scrollIntoViewIfNeeded();
    const box = await this.pad.boundingBox();
    if (!box) throw new Error('The draw pad is not on the screen.');
    for (const stroke of strokes) {
      for (const [i, [x, y]] of stroke.entries()) {
        await this.page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: i ? 3 : 1 });
        if (i === 0) await this.page.mouse.down();
      }
      await this.page.mouse.up();
    }
  }
}

export const test = base.extend<{ lab: Lab; engine: EngineOption }>({
  engine: [undefined, { option: true }],
  lab: async ({ page, engine }, use) => {
    const lab = new Lab(page, engine);
    await use(lab);
    expect(lab.breaches).toEqual([]);
  },
});

/** The files that the service worker keeps for a visit without a network. */
export const files = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map((request) => new URL(request.url).pathname);
  });

/** Waits until everything that this browser needs is kept. */
export const kept = (page: Page): Promise<void> =>
  expect
    .poll(async () => {
      const there = await files(page);
      return ['index.html', '.wasm', '.safetensors'].every((end) => there.some((file) => file.endsWith(end)));
    })
    .toBe(true);

/** A network small enough to learn in seconds, in a run too long to be over before a test has pressed Pause. */
export const small = { layers: '100,100,100', weights: 'random', seed: 7, batch: 50, epochs: 1000 };
