// After the browser's translator: it takes texts out of the page and puts its own in their place.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { digits, expect, small, test } from './lab';

/** What Chrome's translator does to the page, once. */
const translator = readFileSync(path.join(import.meta.dirname, '../fixtures/translate.js'), 'utf8');
const translate = (page: Page): Promise<unknown> => page.evaluate(`(() => { ${translator} })()`);

/**
 * A ruder one: it looks for new texts all the time, passes over what it has done, turns letters round so that one sees what it has
 * translated, and takes each text out by itself before or after it puts its own there.
 */
const ruder = (page: Page): Promise<void> =>
  page.evaluate(() => {
    let times = 0;
    const work = (): void => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      while (walker.nextNode()) {
        const text = walker.currentNode as Text;
        const from = text.parentElement;
        if (text.data.trim() && !from?.closest('[translate=no], .notranslate, font, svg')) texts.push(text);
      }
      for (const text of texts) {
        const [outer, inner] = [document.createElement('font'), document.createElement('font')];
        inner.append(text.data.replaceAll(/[a-z]+/gi, (word) => [...word].reverse().join('')));
        outer.append(inner);
        const { nextSibling, parentNode } = text;
        times++;
        if (times % 3 === 0) text.replaceWith(outer);
        else if (times % 3 === 1) {
          text.before(outer);
          text.remove();
        } else {
          text.remove();
          parentNode?.insertBefore(outer, nextSibling);
        }
      }
    };
    work();
    setInterval(work, 200);
  });

const turned = (text: string): string => text.replaceAll(/[a-z]+/gi, (word) => [...word].reverse().join(''));
const heading = (page: Page) => page.locator('section[aria-labelledby=why] h2');

test('readings, buttons and the state go on changing', async ({ lab, page }) => {
  await lab.open();
  await expect(lab.prediction).toHaveText(/^\d$/);
  await translate(page);
  await lab.button('Clear').click();
  await expect(lab.prediction).toHaveText('–');
  await expect(heading(page)).toHaveText(/^Why it says\s+–$/);
  await lab.draw(digits['7']!);
  await expect(lab.prediction).toHaveText('7');
  await expect(heading(page)).toHaveText(/^Why it says\s+7$/);
  await lab.button('Train').click();
  await expect(lab.button('Pause')).toBeVisible();
  await expect(lab.status).toHaveText('training');
  await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(3);
  await translate(page);
  await lab.pause();
  await expect(lab.button('Train')).toBeVisible();
  await expect(lab.progress).toContainText(/epoch\s+0\.\d\d/);
  const images = async () => Number(/([\d,]+) images/.exec(await lab.progress.innerText())?.[1]?.replaceAll(',', ''));
  const before = await images();
  await lab.stepOnce();
  await expect.poll(images).toBeGreaterThan(before);
  expect(lab.complaints).toEqual([]);
});

test('every panel lives on under a translator that never rests', async ({ lab, page }) => {
  test.setTimeout(240_000);
  await lab.open({ ...small, layers: '40,30' });
  await ruder(page);
  await expect(lab.status).toHaveText(turned('ready'));
  // Rows of the label table, its winner's mark and the sentence below.
  for (const digit of ['1', '7']) {
    await page.getByRole('button', { name: turned('Clear'), exact: true }).click();
    await expect(lab.prediction).toHaveText('–');
    await expect(page.locator('.verdict')).toHaveText(turned('Nothing is drawn, so nothing is judged.'));
    await lab.draw(digits[digit]!);
    await expect(lab.prediction).toHaveText(/^\d$/);
    await expect(page.locator('tr.winner')).toHaveCount(1);
    await expect(page.getByLabel('winner')).toHaveCount(1);
  }
  // Blocks that appear and vanish, and lists that grow.
  const menu = (name: string) => page.locator('header button', { hasText: turned(name) });
  for (let i = 0; i < 2; i++) {
    await menu('Recipe').click();
    await expect(page.getByRole('button', { name: 'Unsupervised', exact: true })).toHaveCount(1);
    await page.getByRole('button', { name: ['Unsupervised', 'Supervised'][i]!, exact: true }).click();
    await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', ['unsupervised', 'supervised'][i]!);
    await expect(page.getByRole('region', { name: turned('What it learns to reject') })).toHaveCount(1);
  }
  await page.getByRole('button', { name: new RegExp(`^${turned('Follow')}`) }).click();
  await page.getByRole('button', { name: new RegExp(`^${turned('Ask it')}`) }).click();
  for (const door of await page.locator('[data-testid=experiments] summary').all()) await door.click();
  await expect(page.getByTestId('station')).toHaveCount(6, { timeout: 60_000 });
  for (let run = 1; run <= 3; run++) {
    await page.getByRole('button', { name: turned('Train') }).click();
    await expect(lab.status).toHaveText(turned('training'));
    await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(20);
    await page.getByRole('button', { name: turned('Pause') }).click();
    await expect(lab.status).toHaveText(turned('paused'));
    await expect(page.getByTestId('run')).toHaveCount(run);
    await page.getByRole('button', { name: turned('New seed') }).click();
    await expect(lab.progress).toHaveAttribute('data-step', '0');
  }
  for (const door of await page.locator('[data-testid=experiments] summary').all()) await door.click();
  await page.getByRole('button', { name: new RegExp(`^${turned('Follow')}`) }).click();
  await expect(page.getByTestId('station')).toHaveCount(0);
  // Nothing is left behind of what has gone, and nothing is there twice.
  const strays = await page.evaluate(() =>
    [...document.querySelectorAll('font > font')].flatMap((font) => {
      const text = font.parentElement?.previousSibling;
      return text?.nodeType === Node.TEXT_NODE && (text as Text).data === '' ? [] : [font.parentElement!.outerHTML];
    }),
  );
  expect(strays).toEqual([]);
  for (const name of ['Train', 'Step', 'Restart'].map(turned))
    await expect(page.getByRole('button', { name })).toHaveCount(1);
  expect(lab.complaints).toEqual([]);
});

test('the original comes back as it is by then', async ({ lab, page }) => {
  await lab.open(small);
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    const fonts = texts
      .filter(({ data }) => data.trim())
      .map((text) => {
        const font = document.createElement('font');
        font.append(`«${text.data}»`);
        text.replaceWith(font);
        return [font, text] as const;
      });
    Object.assign(window, {
      showOriginal: () => fonts.forEach(([font, text]) => font.isConnected && font.replaceWith(text)),
    });
  });
  await expect(lab.status).toHaveText('«ready»');
  await page.getByRole('button', { name: /«\s*Step\s*»/ }).click();
  await expect(lab.progress).toHaveAttribute('data-step', '1', { timeout: 60_000 });
  await page.evaluate(() => (window as unknown as { showOriginal: () => void }).showOriginal());
  await expect(lab.status).toHaveText('paused');
  await expect(lab.button('Train')).toBeVisible();
  expect(await page.locator('main').innerText()).not.toContain('«');
});
