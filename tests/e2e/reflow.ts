// Whether everything that the page can show fits into a window.

import type { Page } from '@playwright/test';
import { type Lab, expect } from './lab';

export const recipes: Record<string, Record<string, string | number>> = {
  supervised: {},
  unsupervised: { batch: 20 },
  recurrent: { batch: 20 },
  backprop: {},
  'local-min': { layers: '1024,2048', window: 5, batch: 10, steps: 4, settled: '2-3' },
  'local-max': { layers: '1024,2048', window: 5, batch: 10, steps: 4, settled: '2-3' },
  'local-backprop': { layers: '1024,2048', window: 5, batch: 10 },
};

/** Everything that can be unfolded, and each menu, one after another: all of it fits. */
export async function fits(
  lab: Lab,
  page: Page,
  recipe: string,
  sizes: readonly (readonly [width: number, height: number])[],
): Promise<void> {
  const look = async (what: string) => {
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      // A curve is drawn anew in the next frames.
      let found = await page.evaluate(unfit);
      for (let i = 0; i < 20 && found.length > 0; i++)
        found = await page.waitForTimeout(100).then(() => page.evaluate(unfit));
      expect.soft(found, `${recipe}: ${what}, ${width}×${height}`).toEqual([]);
    }
  };
  await lab.open({ engine: 'cpu', recipe, ...recipes[recipe] });
  await look('at first');
  await lab.stepOnce();
  await expect(lab.testError).toHaveAttribute('data-images', /\d/);
  for (const name of ['Follow one picture', 'Ask it']) {
    const button = page.getByRole('button', { name });
    if (await button.isVisible()) await button.click();
  }
  for (const door of await page.locator('[data-testid=experiments] summary').all()) await door.click();
  // Panels below ask for their pictures once they are seen.
  for (const section of await page.locator('main section').all()) await section.scrollIntoViewIfNeeded();
  await page
    .getByRole('button', { name: /^Look at unit/ })
    .first()
    .click();
  await expect(page.getByTestId('exciting').first()).toBeVisible();
  const race = page.getByRole('button', { name: 'Race', exact: true });
  if (await race.isVisible()) {
    await race.click();
    await expect(page.getByTestId('race')).toHaveAttribute('data-points', /[1-9]/, { timeout: 60_000 });
    await page.getByRole('button', { name: 'Hold the race' }).click();
  }
  await expect(page.getByText('loading …')).toHaveCount(0);
  await look('unfolded');
  // A run that was left, and alerts.
  await lab.button('New seed').click();
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  await lab.button('Copy link').click();
  await lab.stepOnce();
  await look('with another run');
  for (const menu of ['Data', 'Recipe', 'Settings', 'Weights']) {
    await page.locator('header button', { hasText: menu }).click();
    const sheet = page.locator(':popover-open');
    await expect(sheet).toBeVisible();
    for (const summary of await sheet.locator('summary').all()) await summary.click();
    await look(menu);
    await page.keyboard.press('Escape');
  }
  const tour = lab.button('Tour');
  if (await tour.isVisible()) {
    await tour.click();
    await expect(page.getByTestId('tour')).toBeVisible();
    await look('on tour');
  }
}

/** What does not fit into the window as it is: a sentence for each. It runs in the page. */
export function unfit(): string[] {
  const found: string[] = [];
  const root = document.documentElement;
  const name = (element: Element): string => {
    const said = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replace(/\s+/g, ' ');
    const kind = [element.localName, ...element.classList].filter((part) => !part.startsWith('svelte-')).join('.');
    return `${kind} “${said.slice(0, 40)}”`;
  };
  const isSeen = (element: Element): boolean =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest('.hidden-text');
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} pixels wide`);

  /** What scrolls sideways in itself around each element; parents come before their children. */
  const scrollers = new Map<Element | null, Element | undefined>();
  const texts: { text: string; of: Element; box: DOMRect; within: Element | undefined }[] = [];
  for (const element of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(element);
    const within = /auto|scroll/.test(style.overflowX) ? element : scrollers.get(element.parentElement);
    scrollers.set(element, within);
    if (!isSeen(element)) continue;
    const box = element.getBoundingClientRect();
    const wider = element.scrollWidth - element.clientWidth;
    const taller = element.scrollHeight - element.clientHeight;
    const outside = (its: DOMRect): boolean => its.right > root.clientWidth + 1 || its.left < -1;
    // Of what is around one another the innermost says it.
    if (
      box.width > 0 &&
      !within &&
      outside(box) &&
      ![...element.children].some((child) => outside(child.getBoundingClientRect()))
    )
      found.push(`${name(element)} reaches from ${box.left.toFixed()} to ${box.right.toFixed()}`);
    // A table of figures is the one thing that may be wider than a small window, in a part of its own.
    if (/auto|scroll/.test(style.overflowX) && wider > 1 && !element.querySelector('table'))
      found.push(`${name(element)} has to be scrolled sideways, by ${wider}`);
    const cuts = /hidden|clip/.test(style.overflowX) || element.matches('button, select, summary, input.name');
    if (cuts && element.clientWidth > 0 && !element.matches('progress') && (wider > 1 || taller > 1))
      found.push(`${name(element)} is cut off, by ${wider} and ${taller}`);
    if (element.closest('svg, math, .uplot')) continue;
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !node.textContent?.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) texts.push({ text: node.textContent.trim(), of: element, box, within });
    }
  }

  const top = document.querySelector(':popover-open, [role=dialog]');
  const onTop = (element: Element): boolean => top?.contains(element) ?? false;
  texts.sort((a, b) => a.box.top - b.box.top);
  texts.forEach((a, i) => {
    const button = a.of.closest('button, summary, td, th, .speed span, .labels span');
    const around = button?.getBoundingClientRect();
    if (around && (a.box.left < around.left - 1 || a.box.right > around.right + 1 || a.box.bottom > around.bottom + 2))
      found.push(`“${a.text.slice(0, 30)}” leaves ${name(button!)}`);
    for (let j = i + 1; j < texts.length; j++) {
      const b = texts[j]!;
      if (b.box.top >= a.box.bottom) break;
      if (a.within !== b.within || onTop(a.of) !== onTop(b.of)) continue;
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      // Lines of text stand closer than their letters are high.
      if (across > 2 && down > 0.3 * Math.min(a.box.height, b.box.height))
        found.push(`“${a.text.slice(0, 30)}” and “${b.text.slice(0, 30)}” lie on one another`);
    }
  });
  return [...new Set(found)];
}
