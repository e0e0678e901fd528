import type { Page } from '@playwright/test';
import { FORBID, JUMPS, moveClocks, newestKept, secondsLeft, showTab } from './faults';
import { expect, small, test, type Lab } from './lab';

/** Goes on learning: the step grows while we look. */
async function goesOn(lab: Lab): Promise<void> {
  const before = await lab.step();
  await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(before);
}

/** Both of the page's clocks and both of its worker's, moved by so many milliseconds. */
async function jump(page: Page, by: readonly [number, number]): Promise<void> {
  await page.evaluate(moveClocks, by);
  // The laboratory alone tells the time; a thread that waits inside the core would not answer.
  await page.workers()[0]!.evaluate(moveClocks, by);
}

/** Seconds that the page says are left; NaN where it says nothing. */
const left = async (lab: Lab): Promise<number> => secondsLeft((await lab.progress.textContent()) ?? '');

/** The step that the browser keeps; 0 where there is none. */
const keptStep = (page: Page): Promise<number> => page.evaluate(newestKept);

test('a full storage is said once, what is kept stays, and the run goes on', async ({ lab, page, context }) => {
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => keptStep(page), { timeout: 60_000 }).toBeGreaterThan(0);
  const session = await context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 1 });
  await expect(lab.alert).toContainText(/does not keep the run: its storage is full\. It goes on/, { timeout: 60_000 });
  const kept = await keptStep(page);
  expect(kept).toBeGreaterThan(0);
  await goesOn(lab);
  // Said once: dismissed, it does not come again with the next attempt.
  await lab.button('Dismiss').click();
  await lab.learns(6_000);
  await expect(lab.alert).toHaveCount(0);
  await goesOn(lab);

  // Room again: it is kept again.
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin });
  await expect.poll(() => keptStep(page), { timeout: 60_000 }).toBeGreaterThan(kept);
  expect(lab.complaints).toEqual([]);
});

test('a disk that is slower than the run holds it up, so that no more is at risk', async ({ lab, page }) => {
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => keptStep(page), { timeout: 60_000 }).toBeGreaterThan(0);
  // From now on nothing that is written is told to be on the disk.
  await page.workers()[0]!.evaluate(() => {
    const scope = self as unknown as { held?: (() => void)[] };
    scope.held = [];
    const { set } = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'oncomplete')!;
    Object.defineProperty(IDBTransaction.prototype, 'oncomplete', {
      set(this: IDBTransaction, heard: (event: Event) => void) {
        set!.call(this, (event: Event) => (scope.held ? scope.held.push(() => heard(event)) : heard(event)));
      },
    });
  });
  const from = await lab.learnedFor();
  expect(from).toBeGreaterThan(0);
  const states: number[] = [];
  // It has come to a stop when it stays where it is, by the clock of the page.
  await expect
    .poll(
      async () => {
        states.push(await lab.learnedFor());
        return states.length > 4 && states.at(-4) === states.at(-1);
      },
      { timeout: 90_000, intervals: [1_000] },
    )
    .toBe(true);
  // As much as may be lost, and what was on its way before.
  expect(states.at(-1)! - from).toBeLessThan(10_000);
  await expect(lab.status).toHaveText('training');
  await page.workers()[0]!.evaluate(() => {
    const scope = self as unknown as { held?: (() => void)[] };
    const { held } = scope;
    delete scope.held;
    held!.forEach((heard) => heard());
  });
  await goesOn(lab);
  await expect(lab.alert).toHaveCount(0);
});

test('a storage that is forbidden is said once, and the run goes on', async ({ lab, page }) => {
  // The worker's own script as well: it is the one that writes.
  await page.route('**/*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: FORBID + (await response.text()) });
  });
  await lab.open(small);
  await expect(lab.alert).toHaveCount(0);
  await lab.button('Train').click();
  await expect(lab.alert).toContainText(/does not keep the run: it allows this page no storage/, { timeout: 60_000 });
  await goesOn(lab);
  await lab.pause();
  await expect(lab.alert.locator('p')).toHaveCount(1);
  await lab.button('Copy link').isEnabled();
  await lab.stepOnce();
  expect(lab.complaints).toEqual([]);
});

test('a store that is somebody else’s is left alone, in a sentence', async ({ lab, page }) => {
  await page.route('**/theirs.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>Theirs</title>' }),
  );
  await page.goto('./theirs.html');
  await page.evaluate(async () => {
    const request = indexedDB.open('forward-forward-lab', 7);
    request.onupgradeneeded = () => request.result.createObjectStore('recipes').put('bread', 'theirs');
    await new Promise((resolve) => (request.onsuccess = resolve));
    request.result.close();
  });
  await lab.open(small);
  await lab.button('Train').click();
  await expect(lab.alert).toContainText(/newer version of this page keeps runs there, which this one leaves alone/, {
    timeout: 60_000,
  });
  await goesOn(lab);
  const theirs = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open('forward-forward-lab');
        request.onsuccess = () => {
          const asked = request.result.transaction('recipes').objectStore('recipes').get('theirs');
          asked.onsuccess = () => resolve(asked.result);
        };
      }),
  );
  expect(theirs).toBe('bread');
});

test('clocks that jump spoil no figure and put nothing off', async ({ lab, page }) => {
  test.setTimeout(240_000);
  await lab.open({ ...small, epochs: 100 });
  await lab.button('Train').click();
  await expect.poll(() => left(lab), { timeout: 60_000 }).toBeGreaterThan(0);
  const rate = async (): Promise<number> => Number(await lab.progress.getAttribute('data-samples-per-second'));
  await expect.poll(rate).toBeGreaterThan(0);
  const [said, before] = [await left(lab), await rate()];
  for (const by of JUMPS) {
    await jump(page, by);
    const kept = await keptStep(page);
    await goesOn(lab);
    // A wrong one would be thousands of times too large or too small, and would stay; a busy machine only slows down.
    await expect.poll(async () => (await left(lab)) / said).toBeLessThan(30);
    expect((await left(lab)) / said).toBeGreaterThan(1 / 30);
    await expect.poll(async () => before / (await rate())).toBeLessThan(30);
    await expect.poll(() => keptStep(page), { timeout: 60_000 }).toBeGreaterThan(kept);
  }
  await lab.pause();
  expect(lab.complaints).toEqual([]);
});

test('a tab that is hidden for ten minutes trains on, and no figure is wrong when it is seen again', async ({
  lab,
  page,
}) => {
  test.setTimeout(240_000);
  await lab.open({ ...small, epochs: 100 });
  await lab.button('Train').click();
  await expect.poll(() => left(lab), { timeout: 60_000 }).toBeGreaterThan(0);
  const said = await left(lab);
  await page.evaluate(showTab, 'hidden');
  await goesOn(lab);
  await jump(page, [600_000, 600_000]);
  await goesOn(lab);
  await page.evaluate(showTab, 'visible');
  await expect(lab.status).toHaveText('training');
  await goesOn(lab);
  // At once, not some time later: ten minutes of nothing would make it sixty times as much, and wear off.
  expect((await left(lab)) / said).toBeLessThan(15);
  await lab.pause();
});

test('a tab that the system freezes goes on when it is thawed', async ({ lab, page, browser }) => {
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(3);
  await page.evaluate(() => {
    const scope = globalThis as unknown as { longestSilence: number };
    let last = performance.now();
    scope.longestSilence = 0;
    setInterval(() => {
      scope.longestSilence = Math.max(scope.longestSilence, performance.now() - last);
      last = performance.now();
    }, 50);
  });
  // A browser without windows freezes no tab by itself: it takes every tab for visible.
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const tabs = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  for (const tab of tabs) process.kill(tab, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  for (const tab of tabs) process.kill(tab, 'SIGCONT');
  const silence = (): Promise<number> =>
    page.evaluate(() => (globalThis as unknown as { longestSilence: number }).longestSilence);
  await expect.poll(silence).toBeGreaterThan(2_500);
  await expect(lab.status).toHaveText('training');
  await goesOn(lab);
  await expect(lab.status).toHaveText('training');
  await expect(lab.alert).toHaveCount(0);
});

test('a worker that is killed costs no more than five seconds, and the curve stays', async ({ lab, page }) => {
  await lab.open(small);
  await lab.button('Train').click();
  const curve = async (): Promise<number> =>
    Number(await page.getByRole('slider', { name: /^Test error/ }).getAttribute('aria-valuemax'));
  await expect.poll(curve, { timeout: 90_000 }).toBeGreaterThan(0);
  const [before, points] = [await lab.step(), await curve()];
  await lab.learns(5_000);
  await page.workers()[0]!.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted by a test');
    });
  });
  await expect(lab.alert.first()).toContainText(/restarted/);
  await expect(lab.status).toHaveText('paused');
  expect(await lab.step()).toBeGreaterThanOrEqual(before);
  expect(await curve()).toBeGreaterThanOrEqual(points);
  await lab.button('Train').click();
  await goesOn(lab);
});
