import type { Page } from '@playwright/test';
import { expect, small, test } from './lab';

test('a link repeats the run, to the last digit', async ({ lab, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.open({ ...small, rate: 0.03, jitter: 2 });
  await lab.stepOnce();
  await lab.stepOnce();
  const layers = await lab.layers();
  await lab.button('Copy link').click();
  await expect(page.getByText('Link copied.')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  await page.goto('about:blank');
  await page.goto(link);
  await expect(lab.status).toHaveText('ready');
  await expect(lab.alert).toHaveCount(0);
  await lab.stepOnce();
  await lab.stepOnce();
  expect(await lab.layers()).toEqual(layers);
});

test('where nothing can be copied, the link is shown', async ({ lab, page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
  });
  await lab.open(small);
  await lab.button('Copy link').click();
  await expect(lab.alert.first()).toContainText(/the link is http.*seed=7/);
});

test('settings that were changed on the way are said not to be in the link', async ({ lab, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.open(small);
  await lab.stepOnce();
  await page.getByRole('button', { name: /^Settings/ }).click();
  await page.getByLabel('Rate ε').fill('0.07');
  await page.getByLabel('Rate ε').press('Tab');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/rate=0.07/);
  await lab.button('Copy link').click();
  await expect(lab.alert.first()).toContainText('changed on the way');
});

for (const [query, said] of [
  ['link=99&seed=3', /another version of the page.*form 99/],
  ['sead=7', /sead=7, which this version of the page does not know.*seed was meant/],
] as const) {
  test(`a link with ${query} is said to be of another version`, async ({ lab, page }) => {
    await page.goto(`./?${query}`);
    await expect(lab.status).toHaveText('ready');
    await expect(lab.alert.first()).toContainText(said);
    await lab.stepOnce();
  });
}

const seedIn = (page: Page): string | null => new URL(page.url()).searchParams.get('seed');

test('Back opens the run that was left where it was, and Forward the other', async ({ lab, page }) => {
  await lab.open(small);
  for (let i = 0; i < 3; i++) await lab.stepOnce();
  const layers = await lab.layers();
  await lab.button('New seed').click();
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  const seed = seedIn(page);
  expect(seed).not.toBe('7');
  await lab.stepOnce();

  await page.goBack();
  await expect(lab.progress).toHaveAttribute('data-step', '3');
  expect(seedIn(page)).toBe('7');
  expect(await lab.layers()).toEqual(layers);
  await page.goForward();
  await expect(lab.progress).toHaveAttribute('data-step', '1');
  expect(seedIn(page)).toBe(seed);
  await lab.stepOnce();
  await expect(lab.alert).toHaveCount(0);
});

test('a small change makes no entry in the history, and a place on the page is no run', async ({ lab, page }) => {
  await lab.open(small);
  await lab.stepOnce();
  const before = await page.evaluate(() => history.length);
  await page.getByRole('button', { name: /^Settings/ }).click();
  await page.getByLabel('Rate ε').fill('0.07');
  await page.getByLabel('Rate ε').press('Tab');
  await expect(page).toHaveURL(/rate=0.07/);
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => history.length)).toBe(before);
  await page.evaluate(() => (location.hash = '#somewhere'));
  await page.goBack();
  await expect(page).not.toHaveURL(/#/);
  expect(await lab.step()).toBe(1);
});

for (const [embed, panel] of [
  ['goodness', 'label-goodness'],
  ['layers', 'layer'],
  ['curve', 'test-error'],
] as const) {
  test(`a frame shows the ${embed} alone, and leads to the whole page`, async ({ page, baseURL }) => {
    const query = new URLSearchParams({ embed, layers: '30,30', weights: 'random', seed: '5' });
    await page.route('**/teacher.html', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<!doctype html><title>Lesson</title><iframe title="Lab" width="640" height="480" src="${baseURL}?${query.toString()}"></iframe>`,
      }),
    );
    await page.goto(`${baseURL}teacher.html`);
    const frame = page.frameLocator('iframe');
    await expect(frame.getByTestId('status')).toHaveText('ready');
    await expect(frame.getByTestId(panel).first()).toBeVisible();
    await expect(frame.getByRole('button', { name: 'Restart' })).toHaveCount(0);
    if (embed !== 'goodness') {
      await frame.getByRole('button', { name: 'Train' }).click();
      await expect(frame.getByTestId('status')).toHaveText(/training|finished/);
      await expect(frame.getByText(/[1-9][\d,]* images/).first()).toBeVisible({ timeout: 60_000 });
    }
    const whole = frame.getByRole('link', { name: /whole page/ });
    const address = new URL((await whole.getAttribute('href'))!);
    expect(address.searchParams.get('embed')).toBeNull();
    expect(address.searchParams.get('seed')).toBe('5');
    // The frame leaves its page's history alone.
    expect(page.url()).toContain('teacher.html');
  });
}

test('a frame that is too small says so, with how large it should be', async ({ lab, page }) => {
  await page.setViewportSize({ width: 200, height: 120 });
  await page.goto('./?embed=layers');
  await expect(lab.alert).toContainText(/200×120 pixels.*needs 280×240/);
  await expect(page.getByRole('link', { name: /whole page/ })).toBeVisible();
  await page.setViewportSize({ width: 640, height: 480 });
  await expect(page.getByTestId('layer').first()).toBeVisible();
});

test('a panel that nobody has is named, and the whole page is shown', async ({ lab, page }) => {
  await page.goto('./?embed=everything');
  await expect(lab.status).toHaveText('ready');
  await expect(lab.alert.first()).toContainText('embed=everything');
  await expect(lab.button('Restart')).toBeVisible();
});
