import type { Page } from '@playwright/test';
import { expect, small, test, type Lab } from './lab';

/** What the browser holds of one kept run. */
interface Record {
  slot: string;
  format: number;
  step: number;
  bytes: number;
}

/** Every run the browser keeps, read past the page. */
const records = (page: Page): Promise<Record[]> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await done(indexedDB.open('forward-forward-lab'));
    try {
      const store = (name: string) => database.transaction(name).objectStore(name);
      const slots = await done(store('kept').getAllKeys());
      return await Promise.all(
        slots.map(async (slot) => {
          const about = await done(store('kept').get(slot));
          const bytes = await done(store('weights').get(slot));
          return { slot: String(slot), format: about.format, step: about.progress?.step, bytes: bytes?.length ?? 0 };
        }),
      );
    } finally {
      database.close();
    }
  });

/** Puts a record into the browser's store, past the page. */
const plant = (page: Page, slot: string, changes: object): Promise<void> =>
  page.evaluate(
    async ([slot, changes]) => {
      const done = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await done(indexedDB.open('forward-forward-lab'));
      const transaction = database.transaction(['kept', 'weights'], 'readwrite');
      const [kept, weights] = ['kept', 'weights'].map((name) => transaction.objectStore(name));
      const { bytes, ...about } = changes as { bytes?: number };
      const before: object = (await done(kept!.get(slot))) ?? {};
      const whole = (await done(weights!.get(slot))) as Uint8Array | undefined;
      kept!.put({ ...before, ...about }, slot);
      if (bytes !== undefined) weights!.put((whole ?? new Uint8Array()).slice(0, bytes), slot);
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      database.close();
    },
    [slot, changes] as const,
  );

/** How many points the curve of the test error has. */
const points = async (page: Page): Promise<number> =>
  Number(await page.getByRole('slider', { name: /^Test error/ }).getAttribute('aria-valuemax')) + 1;

const offer = (page: Page) => page.getByTestId('kept');

/** Trains until some steps are kept, and pauses. */
async function keepOne(lab: Lab): Promise<number> {
  await lab.button('Train').click();
  await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(3);
  return lab.pause();
}

test('a reload in mid-run goes on where it was, at most five seconds older, with curve and settings', async ({
  lab,
  page,
}) => {
  await lab.open({ ...small, rate: 0.013 });
  await lab.button('Train').click();
  // Two points at least: from before the first batch, and one on the way.
  await expect.poll(() => points(page), { timeout: 90_000 }).toBeGreaterThan(1);
  const curve = await points(page);
  const before = await lab.step();
  // What was learned before five seconds of learning is there after the reload.
  await lab.learns(5_000);
  await page.reload();
  await expect(lab.status).toHaveText('ready');
  const kept = Number(await offer(page).getAttribute('data-step'));
  expect(kept).toBeGreaterThanOrEqual(before);
  await lab.button('Go on with it').click();
  await expect(lab.status).toHaveText('paused');
  expect(await lab.step()).toBe(kept);
  expect(await points(page)).toBeGreaterThanOrEqual(curve);
  expect(page.url()).toContain('rate=0.013');
  await lab.button('Step').click();
  await expect(lab.progress).toHaveAttribute('data-step', String(kept + 1));
});

test('a page that is killed at once goes on where it was five seconds before', async ({ lab, page, context }) => {
  await lab.open(small);
  await lab.button('Train').click();
  // Not only the first time, which comes at once.
  await expect.poll(async () => (await records(page))[0]?.step, { timeout: 60_000 }).toBeGreaterThan(0);
  const before = await lab.step();
  await lab.learns(5_000);
  // The whole renderer dies, without a last word.
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
  const next = await context.newPage();
  await next.goto('./');
  await expect(next.getByTestId('status')).toHaveText('ready');
  await expect(offer(next)).toBeVisible();
  expect(Number(await offer(next).getAttribute('data-step'))).toBeGreaterThanOrEqual(before);
});

test('what is said to be paused survives, to the step', async ({ lab, page }) => {
  await lab.open(small);
  const held = await keepOne(lab);
  await page.reload();
  await expect(lab.status).toHaveText('ready');
  await expect(offer(page)).toHaveAttribute('data-step', String(held));
  // Forgotten is forgotten.
  await lab.button('Forget it').click();
  await expect(offer(page)).toHaveCount(0);
  await expect.poll(() => records(page)).toEqual([]);
});

test('single batches are kept before long', async ({ lab, page }) => {
  await lab.open(small);
  await lab.stepOnce();
  await lab.stepOnce();
  await expect.poll(async () => (await records(page))[0]?.step, { timeout: 60_000 }).toBe(2);
});

test('a tab that is hidden is kept at once', async ({ lab, page }) => {
  await lab.open(small);
  // Nothing but the hiding: a batch is not kept before long.
  await page.workers()[0]!.evaluate(() => Object.assign(self, { setTimeout: () => 0 }));
  // The first is kept at once, the second before long.
  await lab.stepOnce();
  await lab.stepOnce();
  await expect.poll(async () => (await records(page))[0]?.step).toBe(1);
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await expect.poll(async () => (await records(page))[0]?.step).toBe(2);
});

test('two tabs keep a run each, and neither is offered the other’s', async ({ lab, page, context }) => {
  await lab.open(small);
  const first = await keepOne(lab);
  const other = await context.newPage();
  await other.goto(`./?${new URLSearchParams(Object.entries({ ...small, seed: 8 }).map(([k, v]) => [k, `${v}`]))}`);
  await expect(other.getByTestId('status')).toHaveText('ready');
  await expect(other.getByTestId('elsewhere')).toBeVisible();
  await expect(offer(other)).toHaveCount(0);
  await other.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(other.getByTestId('progress')).toHaveAttribute('data-step', '1', { timeout: 60_000 });
  await expect
    .poll(async () => (await records(page)).map(({ step }) => step).sort(), { timeout: 60_000 })
    .toEqual([1, first].sort());

  // Both are over: a third is offered the newer, and then the older.
  await page.close();
  await other.close();
  const third = await context.newPage();
  await third.goto('./');
  await expect(offer(third)).toHaveAttribute('data-step', '1');
  await third.getByRole('button', { name: 'Forget it' }).click();
  await expect(offer(third)).toHaveAttribute('data-step', String(first));
});

test('a run that two tabs are offered goes on in one of them only', async ({ lab, page, context }) => {
  await lab.open(small);
  await keepOne(lab);
  await page.close();
  const tabs = [await context.newPage(), await context.newPage()] as const;
  for (const tab of tabs) {
    await tab.goto('./');
    await expect(offer(tab)).toBeVisible();
  }
  const go = (tab: Page) => tab.getByRole('button', { name: 'Go on with it' }).click();
  await go(tabs[0]);
  await expect(tabs[0].getByTestId('status')).toHaveText('paused');
  await go(tabs[1]);
  await expect(tabs[1].getByRole('alert')).toContainText('goes on in another tab');
  await expect(tabs[1].getByTestId('status')).toHaveText('ready');
});

for (const [what, changes, said] of [
  ['of another version', { format: 99 }, /another version of this page/],
  ['of somebody else', { format: 'theirs' }, /was not written by this page/],
  ['without its progress', { progress: null }, /is damaged/],
  ['with half a curve', { errors: { stride: 1, rows: [[1]], waiting: [] } }, /is damaged/],
] as const) {
  test(`a record ${what} is refused in a sentence and left as it is`, async ({ lab, page }) => {
    await lab.open(small);
    await keepOne(lab);
    const [{ slot, bytes }] = (await records(page)) as [Record];
    await plant(page, slot, changes);
    await page.reload();
    await expect(lab.alert.first()).toContainText(said);
    await expect(offer(page)).toHaveCount(0);
    // The run of this visit has a place of its own.
    await lab.stepOnce();
    await expect.poll(async () => (await records(page)).length, { timeout: 60_000 }).toBe(2);
    const [theirs] = (await records(page)).filter((record) => record.slot === slot);
    expect(theirs!.bytes).toBe(bytes);
    if ('format' in changes) expect(theirs!.format).toBe(changes.format);
    await lab.button('Delete it').click();
    await expect.poll(async () => (await records(page)).map((record) => record.slot)).not.toContain(slot);
  });
}

for (const [what, share] of [
  ['half of its weights', 0.5],
  ['no weights', 0],
] as const) {
  test(`a record with ${what} is refused in a sentence, and is not written over`, async ({ lab, page }) => {
    await lab.open(small);
    await keepOne(lab);
    const [{ slot, bytes }] = (await records(page)) as [Record];
    await plant(page, slot, { bytes: Math.floor(bytes * share) });
    await page.reload();
    await lab.button('Go on with it').click();
    await expect(lab.alert.first()).toContainText('The kept run');
    await expect(lab.status).toHaveText('ready');
    await lab.stepOnce();
    await expect.poll(async () => (await records(page)).length, { timeout: 60_000 }).toBe(2);
    const [theirs] = (await records(page)).filter((record) => record.slot === slot);
    expect(theirs!.bytes).toBe(Math.floor(bytes * share));
  });
}
