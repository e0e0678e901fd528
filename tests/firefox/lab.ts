// The page in Firefox, by the names that tests and assistive technology rely on.

import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { NO_FIGURE } from '../e2e/faults';

/** A machine that is busy with other tests takes long for anything. */
const PATIENCE = 120_000;

/** Opens the page at this address with these settings; errors on its console are gathered in `complaints`. */
export async function open(
  browser: Browser,
  address: string,
  settings: Record<string, string>,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setViewport({ width: 1280, height: 800 });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${address}?${new URLSearchParams(settings).toString()}`);
  // A first visit loads twice; asked in between, there is no document to answer.
  const status = () => attribute(page, 'status', 'data-status').catch(() => undefined);
  await expect.poll(status, { timeout: PATIENCE }).toBe('ready');
  return { page, complaints };
}

export const attribute = (page: Page, testId: string, name: string): Promise<string | null | undefined> =>
  page.evaluate((id, a) => document.querySelector(`[data-testid=${id}]`)?.getAttribute(a), testId, name);

export const button = (page: Page, name: string) =>
  page.locator(`::-p-aria([name="${name}"][role="button"])`).setTimeout(PATIENCE);

/** Presses the first button whose words begin like this. */
export async function press(page: Page, words: string): Promise<void> {
  const find = (words: string): HTMLButtonElement | undefined =>
    [...document.querySelectorAll('button')].find((one) => one.innerText.trim().startsWith(words));
  const found = await page.waitForFunction(find, {}, words);
  await (found as ElementHandle<HTMLButtonElement>).click();
}

export const step = async (page: Page): Promise<number> => Number(await attribute(page, 'progress', 'data-step'));

export const waitForStatus = (page: Page, status: string) =>
  page.waitForSelector(`[data-testid=status][data-status=${status}]`);

/** Presses Step and waits until the batch is done. */
export async function stepOnce(page: Page): Promise<void> {
  const next = (await step(page)) + 1;
  await button(page, 'Step').click();
  await page.waitForSelector(`[data-testid=progress][data-step="${next}"]`);
}

/** Presses Train, or Go on, and waits until it has learned something. */
export async function train(page: Page): Promise<void> {
  await button(page, 'Train').click();
  await goesOn(page);
}

/** Goes on learning: the step grows while we look. */
export async function goesOn(page: Page): Promise<void> {
  const before = await step(page);
  await expect.poll(() => step(page), { timeout: PATIENCE }).toBeGreaterThan(before);
}

/** Waits until the run has learned for so many milliseconds more, however long a busy machine takes for that. */
export async function learns(page: Page, milliseconds: number): Promise<void> {
  const learned = async (): Promise<number> => Number(await attribute(page, 'progress', 'data-learned-for'));
  const from = await learned();
  await expect.poll(learned, { timeout: PATIENCE }).toBeGreaterThan(from + milliseconds);
}

/** The run goes on, and what the page says are figures. */
export async function sound(page: Page): Promise<void> {
  await goesOn(page);
  const { words, figures } = await page.evaluate(() => ({
    words: document.querySelector('main')!.innerText,
    figures: [...document.querySelectorAll<HTMLElement>('[data-testid=layer]')].flatMap(({ dataset }) =>
      [dataset.positiveGoodness, dataset.negativeGoodness, dataset.threshold].map(Number),
    ),
  }));
  expect(words).not.toMatch(NO_FIGURE);
  expect(figures).not.toEqual([]);
  for (const figure of figures) expect(figure).toSatisfy(Number.isFinite);
}

/** Waits until the page says this in an alert. */
export const says = (page: Page, what: RegExp): Promise<void> =>
  expect.poll(() => alerts(page), { timeout: PATIENCE }).toMatch(what);

/** Everything that the page's alerts say. */
export const alerts = (page: Page): Promise<string> =>
  page.evaluate(() => [...document.querySelectorAll('[role=alert] p')].map((p) => p.textContent).join('\n'));

/** Draws a one with the mouse. */
export async function drawOne(page: Page): Promise<void> {
  await button(page, 'Clear').click();
  const pad = await page.$('canvas[data-testid=draw-pad]');
  const box = await pad?.boundingBox();
  if (!box) throw new Error('The draw pad is not on the screen.');
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(0.52, 0.18));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.5), { steps: 5 });
  await page.mouse.move(...at(0.48, 0.82), { steps: 5 });
  await page.mouse.up();
}

/** Chooses these engines in the settings, one after another. */
export async function chooseEngine(page: Page, ...engines: string[]): Promise<void> {
  await button(page, 'Settings').click();
  const choice = await page.waitForSelector('::-p-aria([name="Engine"][role="combobox"])');
  for (const engine of engines) await choice!.select(engine);
  await page.keyboard.press('Escape');
}

/** Has read every alert. */
export async function dismissAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const one of document.querySelectorAll<HTMLElement>('[role=alert] button'))
      if (/dismiss/i.test(one.ariaLabel ?? one.innerText)) one.click();
  });
  await expect.poll(() => alerts(page), { timeout: PATIENCE }).toBe('');
}
