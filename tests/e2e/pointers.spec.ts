// What browsers really tell of a pointer, which differs: nothing in between, a button that comes up unheard, a pen's eraser.

import type { Locator, Page } from '@playwright/test';
import { digits, expect, test } from './lab';

type Kind = 'down' | 'move' | 'up' | 'cancel';
interface Told {
  buttons?: number;
  button?: number;
  pointerId?: number;
  pointerType?: string;
  isPrimary?: boolean;
  pressure?: number;
}

/** Sends a surface the events of a pointer as a browser would, at places in shares of it. */
const tell = (surface: Locator, kind: Kind, [x, y]: readonly [number, number], told: Told = {}): Promise<void> =>
  surface.evaluate(
    (element, { kind, x, y, told }) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const common = { bubbles: true, cancelable: true, pointerId: 1, pointerType: 'mouse', isPrimary: true };
      const at = { clientX: left + x * width, clientY: top + y * height };
      const pressed = { button: kind === 'move' ? -1 : 0, buttons: kind === 'up' || kind === 'cancel' ? 0 : 1 };
      element.dispatchEvent(new PointerEvent(`pointer${kind}`, { ...common, ...pressed, ...at, ...told }));
    },
    { kind, x, y, told },
  );

/** How many of a canvas's pixels are inked. */
const ink = (canvas: Locator): Promise<number> =>
  canvas.evaluate((element: HTMLCanvasElement) => {
    const { data } = element.getContext('2d')!.getImageData(0, 0, element.width, element.height);
    return data.filter((value, i) => i % 4 === 3 && value > 0).length;
  });

const clear = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(page.getByTestId('prediction')).toHaveText('–');
};

for (const [what, spoil] of [
  // On every page without https, and in Safari before 18.2.
  ['are not told', () => delete (PointerEvent.prototype as Partial<PointerEvent>).getCoalescedEvents],
  ['are an empty list', () => (PointerEvent.prototype.getCoalescedEvents = () => [])],
  [
    'end before the event itself, and what is only predicted is drawn by nobody',
    () => {
      const told = PointerEvent.prototype.getCoalescedEvents;
      PointerEvent.prototype.getCoalescedEvents = function () {
        return told.call(this).slice(0, -1);
      };
      PointerEvent.prototype.getPredictedEvents = function () {
        return [new PointerEvent('pointermove', { ...this, clientX: 0, clientY: 0 })];
      };
    },
  ],
] as const) {
  test(`a digit is read where moves in between ${what}`, async ({ lab, page }) => {
    await page.addInitScript(spoil);
    await lab.open();
    for (const digit of ['7', '1']) {
      await clear(page);
      await lab.draw(digits[digit]!);
      await expect(lab.prediction).toHaveText(digit);
    }
    expect(lab.complaints).toEqual([]);
  });
}

test('a button that came up unheard ends the stroke with the next move', async ({ lab, page }) => {
  await lab.open();
  await clear(page);
  await tell(lab.pad, 'down', [0.2, 0.2]);
  await tell(lab.pad, 'move', [0.5, 0.2]);
  await expect.poll(() => ink(lab.pad)).toBeGreaterThan(500);
  const drawn = await ink(lab.pad);
  // Up in another window, over a menu: the mouse comes back with nothing pressed, or with its other button.
  for (const buttons of [0, 0, 1, 2]) await tell(lab.pad, 'move', [0.5, 0.8], { buttons });
  await expect.poll(() => ink(lab.pad)).toBe(drawn);
  await tell(lab.pad, 'down', [0.8, 0.2]);
  await tell(lab.pad, 'move', [0.8, 0.5], { buttons: 3 });
  await expect.poll(() => ink(lab.pad)).toBeGreaterThan(drawn);
  const more = await ink(lab.pad);
  // Of two buttons the first comes up: browsers tell that as a move.
  await tell(lab.pad, 'move', [0.8, 0.9], { buttons: 2, button: 0 });
  await expect.poll(() => ink(lab.pad)).toBe(more);
  await lab.button('Undo').click();
  await expect.poll(() => ink(lab.pad)).toBe(drawn);
});

test('a stroke whose end nobody told is another one when the pointer comes down again', async ({ lab, page }) => {
  await lab.open();
  await clear(page);
  const finger = (pointerId: number): Told => ({ pointerId, pointerType: 'touch' });
  await tell(lab.pad, 'down', [0.2, 0.2], finger(5));
  await tell(lab.pad, 'move', [0.2, 0.5], finger(5));
  // A second finger beside the first is no stroke.
  await tell(lab.pad, 'down', [0.8, 0.8], { ...finger(6), isPrimary: false });
  await tell(lab.pad, 'move', [0.8, 0.2], { ...finger(6), isPrimary: false });
  await expect.poll(() => ink(lab.pad)).toBeGreaterThan(500);
  const first = await ink(lab.pad);
  // But the next first finger is there because the one before has gone.
  await tell(lab.pad, 'down', [0.5, 0.2], finger(7));
  await tell(lab.pad, 'move', [0.5, 0.5], finger(7));
  await expect.poll(() => ink(lab.pad)).toBeGreaterThan(1.8 * first);
  await lab.button('Undo').click();
  await expect.poll(() => ink(lab.pad)).toBe(first);
});

test('a pointer that is cancelled draws no further', async ({ lab, page }) => {
  await lab.open();
  await clear(page);
  const finger = { pointerId: 5, pointerType: 'touch' };
  await tell(lab.pad, 'down', [0.2, 0.2], finger);
  await tell(lab.pad, 'move', [0.5, 0.2], finger);
  await tell(lab.pad, 'cancel', [0.5, 0.2], finger);
  await expect.poll(() => ink(lab.pad)).toBeGreaterThan(500);
  const drawn = await ink(lab.pad);
  await tell(lab.pad, 'move', [0.5, 0.9], finger);
  await expect.poll(() => ink(lab.pad)).toBe(drawn);
  await tell(lab.pad, 'down', [0.2, 0.8], { ...finger, pointerId: 6 });
  await tell(lab.pad, 'move', [0.5, 0.8], { ...finger, pointerId: 6 });
  await expect.poll(() => ink(lab.pad)).toBeGreaterThan(drawn);
});

test('a click that opens a menu leaves no dot, and a finger that rests draws on', async ({ lab, page }) => {
  await lab.open();
  await clear(page);
  // On a Mac with Ctrl: the first button goes down, and the menu takes the rest.
  await tell(lab.pad, 'down', [0.5, 0.5]);
  await lab.pad.dispatchEvent('contextmenu', { button: 0, ctrlKey: true });
  await tell(lab.pad, 'move', [0.5, 0.9], { buttons: 0 });
  await expect.poll(() => ink(lab.pad)).toBe(0);
  await expect(lab.prediction).toHaveText('–');
  const finger = { pointerId: 5, pointerType: 'touch' };
  await tell(lab.pad, 'down', [0.5, 0.2], finger);
  const opened = await lab.pad.evaluate((pad) =>
    pad.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true })),
  );
  expect(opened).toBe(false);
  await tell(lab.pad, 'move', [0.48, 0.8], finger);
  await tell(lab.pad, 'up', [0.48, 0.8], finger);
  await expect(lab.prediction).toHaveText('1');
});

test("a pen's eraser takes away the strokes that it touches, and the pen outranks the palm", async ({ lab, page }) => {
  await lab.open();
  await clear(page);
  const pen = { pointerId: 3, pointerType: 'pen', pressure: 0.5 };
  const eraser = { ...pen, button: 5, buttons: 32 };
  await tell(lab.pad, 'down', [0.9, 0.9], { pointerId: 9, pointerType: 'touch' });
  for (const x of [0.3, 0.5, 0.7]) {
    await tell(lab.pad, 'down', [x, 0.2], pen);
    await tell(lab.pad, 'move', [x, 0.8], pen);
    await tell(lab.pad, 'up', [x, 0.8], pen);
  }
  await expect.poll(() => ink(lab.pad)).toBeGreaterThan(1000);
  const three = await ink(lab.pad);
  await expect(page.getByText('eraser takes away each stroke')).toBeVisible();
  // Through the middle one, and over empty paper.
  await tell(lab.pad, 'down', [0.4, 0.5], eraser);
  await tell(lab.pad, 'move', [0.52, 0.5], { ...eraser, button: -1 });
  await tell(lab.pad, 'up', [0.52, 0.5], { ...eraser, buttons: 0 });
  await expect.poll(() => ink(lab.pad)).toBe((2 * three) / 3);
  // The eraser hovers, and touches nothing more.
  await tell(lab.pad, 'move', [0.3, 0.5], { ...pen, buttons: 0 });
  await expect.poll(() => ink(lab.pad)).toBe((2 * three) / 3);
  await tell(lab.pad, 'down', [0.3, 0.3], eraser);
  await tell(lab.pad, 'move', [0.7, 0.3], { ...eraser, button: -1 });
  await expect.poll(() => ink(lab.pad)).toBe(0);
  await expect(lab.prediction).toHaveText('–');
});

test('the mask of hybrids is painted by the same pointers', async ({ lab, page }) => {
  await page.addInitScript(() => delete (PointerEvent.prototype as Partial<PointerEvent>).getCoalescedEvents);
  await lab.open({ recipe: 'unsupervised', layers: '40,30', batch: 20, weights: 'random', epochs: 1000 });
  await lab.stepOnce();
  const mask = page.getByTestId('mask');
  await mask.scrollIntoViewIfNeeded();
  const picture = mask.locator('canvas');
  await page.getByRole('radio', { name: /^the/ }).first().check();
  await tell(mask, 'down', [0.1, 0.1]);
  for (let i = 1; i <= 18; i++) await tell(mask, 'move', [0.1 + (0.8 * (i % 19)) / 18, 0.1]);
  await tell(mask, 'move', [0.9, 0.1]);
  const at = (x: number, y: number) =>
    picture.evaluate(
      (canvas: HTMLCanvasElement, [x, y]) =>
        canvas.getContext('2d')!.getImageData(Math.floor(x! * 28), Math.floor(y! * 28), 1, 1).data[3],
      [x, y],
    );
  for (const x of [0.1, 0.3, 0.5, 0.7, 0.9]) await expect.poll(() => at(x, 0.1)).toBe(255);
  const painted = await ink(picture);
  // Up unheard: the mouse only passes over it. A right button paints nothing.
  for (const y of [0.3, 0.5, 0.7, 0.9]) await tell(mask, 'move', [0.5, y], { buttons: 0 });
  await tell(mask, 'down', [0.5, 0.9], { button: 2, buttons: 2 });
  await tell(mask, 'move', [0.1, 0.9], { buttons: 2 });
  await expect.poll(() => ink(picture)).toBe(painted);
  const eraser = { pointerId: 3, pointerType: 'pen', buttons: 32 };
  await tell(mask, 'down', [0.5, 0.1], { ...eraser, button: 5 });
  await tell(mask, 'up', [0.5, 0.1], { ...eraser, buttons: 0 });
  await expect.poll(() => at(0.5, 0.1)).toBe(0);
  expect(lab.complaints).toEqual([]);
});

test('on a screen of another density, or zoomed, all that is painted is painted anew', async ({ lab, page }) => {
  await lab.open();
  await expect(lab.prediction).toHaveText(/^\d$/);
  await page.getByRole('button', { name: 'Follow one picture' }).click();
  const bars = page.locator('canvas[role=slider]').first();
  await expect(bars).toBeVisible({ timeout: 60_000 });
  const curve = page.locator('.uplot canvas').first();
  await curve.scrollIntoViewIfNeeded();
  const sharp = (canvas: Locator) =>
    canvas.evaluate((element: HTMLCanvasElement) => element.width / element.getBoundingClientRect().width);
  const browser = await page.context().newCDPSession(page);
  for (const density of [2, 1.1, 1.25, 3, 0.9, 1]) {
    // As zooming does it: the window has so many pixels fewer.
    const [width, height] = [Math.round(1280 / density), Math.round(800 / density)];
    await browser.send('Emulation.setDeviceMetricsOverride', {
      ...{ width, height, mobile: false },
      deviceScaleFactor: density,
    });
    for (const canvas of [lab.pad, bars, curve]) await expect.poll(() => sharp(canvas)).toBeCloseTo(density, 1);
    // What lies on it is there again, at once.
    await expect.poll(() => ink(lab.pad)).toBeGreaterThan(1000 * density ** 2);
  }
});
