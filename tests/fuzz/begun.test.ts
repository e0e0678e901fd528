import { expect, test, vi } from 'vitest';
import { START } from '../../www/state/settings/recipes';
import { type Opened, laboratory, small } from './laboratory';

/** Far below what a new run waits for the page at most: the earlier of two timers comes first, however slow the machine. */
const SOON = 10;

async function begin({ laboratory: worker }: Opened): Promise<void> {
  const data = await small(worker, 60, 20);
  const settings = { ...START.recommended, layers: [12, 10], batch: 20 };
  await worker.open({ run: 1, settings, start: { from: 'random' }, engine: 'cpu', data });
}

test('a new run says nothing until the page has drawn it', async () => {
  let before: string[] | undefined;
  const opened = await laboratory(async ({ kind }) => {
    if (kind !== 'begun') return;
    await new Promise((resolve) => setTimeout(resolve, SOON));
    before = opened.notices.map((notice) => notice.kind);
  });
  await begin(opened);
  await vi.waitFor(() => expect(opened.notices.map(({ kind }) => kind)).toContain('evaluation'), 10_000);
  expect(before).toEqual(['begun']);
});

test('a page that is never drawn, such as one in a hidden tab, holds no run up', async () => {
  const opened = await laboratory(({ kind }) => (kind === 'begun' ? new Promise(() => undefined) : Promise.resolve()));
  await begin(opened);
  await vi.waitFor(() => expect(opened.notices.map(({ kind }) => kind)).toContain('evaluation'), 10_000);
});
