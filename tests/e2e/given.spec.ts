// Files that people have, dropped on the page in their folder: what the page says of them is what `ff` says.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/setup/run.mjs';
import { type Case, CIFAR, REFUSED, SOUND, lay } from './given-files';
import { type Lab, expect, test } from './lab';

let folder = '';

test.beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'given-'));
  // `cargo test` has built it already, where all stages run.
  execFileSync('cargo', ['build', '--locked', '--quiet', '--bin', 'ff'], { cwd: root, stdio: 'inherit' });
});

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `ff` makes of a folder: how many test images it has, or why there are none. */
function ff(given: string, { data }: Case): number | string {
  const weights = `assets/pretrained${data === 'idx' ? '' : '-objects'}.safetensors`;
  const where = data === 'idx' ? '--idx' : '--cifar';
  const words = ['evaluate', weights, '--data', data, where, given, ...(data === 'idx' ? [] : ['--test', '1'])];
  const { status, stdout, stderr } = spawnSync(path.join(root, 'target/debug/ff'), words, {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) return Number(/(\d+) test images/.exec(stdout)?.[1]);
  // In front stands the folder; of an empty one, where it is.
  return stderr
    .trim()
    .replace(`ff: ${given}: `, '')
    .replace(`ff: ${path.dirname(given)}: `, '');
}

/** What the page makes of it: how many test images it has, or why there are none. */
async function page(lab: Lab, given: string, { read }: Case): Promise<number | string> {
  const { alert, testError } = lab;
  while ((await alert.count()) > 0) await lab.page.getByRole('button', { name: 'Dismiss' }).first().click();
  await lab.dropPaths([given]);
  const use = lab.page.getByRole('button', { name: 'Use these data' });
  await expect(alert.or(use).first()).toBeVisible({ timeout: 60_000 });
  if ((await use.count()) > 0) await use.click();
  const taken = lab.page.getByText(new RegExp(`of ${read?.[0].toLocaleString('en') ?? 'no'} images`));
  await expect(alert.or(taken).first()).toBeVisible({ timeout: 60_000 });
  if ((await alert.count()) > 0) return (await alert.locator('p').first().innerText()).trim();
  await expect(testError).toHaveAttribute('data-images', String(read?.[1]));
  return Number(await testError.getAttribute('data-images'));
}

test('the page and ff accept and refuse the same files, in the same sentences', async ({ lab }) => {
  test.setTimeout(400_000);
  await lab.open({ layers: '20,20', weights: 'random', batch: 1, engine: 'cpu' });
  for (const [i, one] of [...SOUND, ...REFUSED].entries()) {
    const given = path.join(folder, String(i));
    lay(given, one.files);
    const [here, there] = [await page(lab, given, one), ff(given, one)];
    expect.soft(here, one.what).toEqual(there);
    if (one.read) expect.soft(there, one.what).toBe(one.read[1]);
    else expect.soft(here, one.what).toMatch(/^[^\n]{20,400}$/);
    rmSync(given, { recursive: true });
  }
  expect(lab.complaints).toEqual([]);
});

test('CIFAR-10 is read from its folder and from its archive, by the page and by ff', async ({ lab }) => {
  test.setTimeout(400_000);
  const small = { layers: '1024,1024', window: 3, batch: 10, steps: 4, settled: '2-3', epochs: 1000, engine: 'cpu' };
  for (const one of CIFAR) {
    const given = path.join(folder, 'cifar');
    lay(given, one.files);
    expect(ff(given, one), one.what).toBe(1);
    await lab.open({ ...small, data: 'objects' });
    await lab.dropPaths([given]);
    await expect(lab.page.getByText('of 50,000 images')).toBeVisible({ timeout: 120_000 });
    await expect(lab.page).toHaveURL(/data=cifar10/);
    await lab.stepOnce();
    rmSync(given, { recursive: true });
  }
  expect(lab.complaints).toEqual([]);
});
