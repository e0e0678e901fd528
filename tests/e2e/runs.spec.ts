import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, small, test, type Lab } from './lab';

const runs = (page: Page): Locator => page.getByTestId('run');
/** How many curves of the test error are drawn, this run's two among them. */
const curves = (page: Page): Promise<number> =>
  page
    .getByRole('slider', { name: /^Test error/ })
    .locator('p > .value')
    .count();

/** Trains until the error was measured on the way, and pauses. */
async function trainAWhile(lab: Lab): Promise<void> {
  const error = () => lab.error();
  await expect.poll(error, { timeout: 60_000 }).toBeGreaterThan(0);
  const before = await error();
  await lab.button('Train').click();
  await expect.poll(error, { timeout: 90_000 }).not.toBe(before);
  await lab.pause();
}

async function downloaded(page: Page, button: string): Promise<Buffer> {
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).click();
  return readFile(await (await coming).path());
}

test('a run stays as a grey curve with its settings: named, hidden, taken away and deleted, across visits', async ({
  lab,
  page,
}) => {
  test.setTimeout(240_000);
  await lab.open(small);
  await trainAWhile(lab);
  await expect(runs(page)).toHaveCount(1);
  const first = runs(page).first();
  await expect(first).toHaveAttribute('data-recipe', 'supervised');
  await expect(first).toHaveAttribute('data-seed', '7');
  await expect(first).toHaveAttribute('data-goodness', /\d/);

  await lab.open({ ...small, seed: 8, rate: 0.05 });
  // It is here again on the next visit; this visit has no run yet.
  await expect(runs(page)).toHaveCount(1);
  await trainAWhile(lab);
  await expect(runs(page)).toHaveCount(2);
  await expect.poll(() => curves(page)).toBe(3);
  const bold = await runs(page).nth(1).locator('p b').allTextContents();
  expect(bold).toEqual(['seed 8', 'ε 0.05']);
  await expect(page.getByTestId('unlike')).toHaveCount(0);

  const name = runs(page).first().getByRole('textbox');
  await name.fill('the <b>old</b> one');
  await name.press('Enter');
  await expect(runs(page).first()).toHaveAttribute('data-name', 'the <b>old</b> one');

  const csv = (await downloaded(page, 'Export curve')).toString();
  expect(csv.split('\r\n')[0]).toContain('images_seen');
  expect(csv).toContain('the <b>old</b> one,supervised,100 100 100,7,strokes');
  expect(csv).toContain('supervised,100 100 100,8,strokes');
  const svg = (await downloaded(page, 'As SVG')).toString();
  expect(svg).toContain('the &#60;b&#62;old');
  // Elsewhere, for the page's policy lets nothing be made of text.
  const elsewhere = await page.context().newPage();
  const parsed = await elsewhere.evaluate(
    (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('polyline, parsererror').length,
    svg,
  );
  expect(parsed).toBeGreaterThan(4);
  await elsewhere.close();
  const png = await downloaded(page, 'As PNG');
  expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);

  await runs(page).first().getByRole('checkbox').uncheck();
  await expect.poll(() => curves(page)).toBe(2);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);

  await page.reload();
  await expect(lab.status).toHaveText('ready');
  await expect(runs(page)).toHaveCount(2);
  await expect(runs(page).first()).toHaveAttribute('data-name', 'the <b>old</b> one');
  await expect(runs(page).first().getByRole('checkbox')).not.toBeChecked();
  await lab.button('Delete the <b>old</b> one').click();
  await expect(runs(page)).toHaveCount(1);
  await page.reload();
  await expect(lab.status).toHaveText('ready');
  await expect(runs(page)).toHaveCount(1);
});

test('a replaced run stays, and one that is gone on with keeps its one place', async ({ lab, page }) => {
  test.setTimeout(240_000);
  await lab.open(small);
  await trainAWhile(lab);
  await lab.button('Train').click();
  const before = await lab.step();
  await expect.poll(() => lab.step()).toBeGreaterThan(before);
  await lab.button('Restart').click();
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  await expect(runs(page)).toHaveCount(1);
  await expect.poll(() => curves(page)).toBe(3);
});

test('runs on different data are said not to compare', async ({ lab, page }) => {
  test.setTimeout(240_000);
  await lab.open(small);
  await trainAWhile(lab);
  // The same run, as if it had learned from MNIST on an earlier visit.
  await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const database = await done(indexedDB.open('forward-forward-lab'));
    const store = () => database.transaction('runs', 'readwrite').objectStore('runs');
    const [run] = await done(store().getAll());
    await done(store().put({ ...run, id: 'other', name: 'Other', data: { ...run.data, name: 'mnist' } }, 'other'));
    database.close();
  });
  await page.reload();
  await expect(lab.status).toHaveText('ready');
  await expect(runs(page)).toHaveCount(2);
  await expect(page.getByTestId('unlike')).toContainText(/different data.*pen strokes.*MNIST/);
  await runs(page).filter({ hasText: 'MNIST' }).getByRole('checkbox').uncheck();
  await expect(page.getByTestId('unlike')).toHaveCount(0);
});
