// Numbers as people type them, wherever the page takes one.

import type { Page } from '@playwright/test';
import { expect, small, test } from './lab';

async function type(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(text);
  await page.getByLabel(label, { exact: true }).press('Tab');
}

test('a setting takes a comma, a bare point, spaces and powers of ten', async ({ lab, page }) => {
  await lab.open(small);
  await page.getByRole('button', { name: /^Settings/ }).click();
  for (const [typed, rate] of [
    ['0,05', '0.05'],
    ['.04', '0.04'],
    ['3e-2', '0.03'],
    ['\u00a00,07 ', '0.07'],
    ['2,5e−2', '0.025'],
    ['０．０６', '0.06'],
    ['٠٫٠٨', '0.08'],
  ] as const) {
    await type(page, 'Rate ε', typed);
    await expect(page).toHaveURL(new RegExp(`rate=${rate}(&|$)`));
    await expect(page.getByLabel('Rate ε')).toHaveValue(rate);
    await expect(page.getByLabel('Rate ε')).toHaveAttribute('aria-invalid', 'false');
  }
  await type(page, 'Seed', '12 345');
  await type(page, 'Batch', '20,0');
  await type(page, 'Layers', '500, 30，40');
  await lab.button('Restart with these').click();
  await expect(page).toHaveURL(/layers=500,30,40.*batch=20.*seed=12345/);
});

test('what is refused is refused for what is wrong with it', async ({ lab, page }) => {
  await lab.open(small);
  await page.getByRole('button', { name: /^Settings/ }).click();
  for (const [label, typed, why] of [
    ['Rate ε', '', 'nothing is given'],
    ['Rate ε', 'much', 'that is no number'],
    ['Rate ε', '1,5', '1.5 is too large'],
    ['Rate ε', '-0,1', '-0.1 is too small'],
    ['Jitter, pixels', '1,5', '1.5 is not whole'],
    ['Epochs', '1,000', 'that can be 1 or 1000'],
    ['Layers', '500, many', 'many is no whole number'],
  ] as const) {
    await page.getByLabel(label, { exact: true }).fill(typed);
    await expect(page.getByText(why)).toBeVisible();
    await expect(page.getByLabel(label, { exact: true })).toHaveAttribute('aria-invalid', 'true');
  }
});

test('rules of single layers and the number of a unit take them, too', async ({ lab, page }) => {
  await lab.open(small);
  await page.locator('summary', { hasText: 'Open questions' }).click();
  await type(page, 'Layer 1: threshold a unit', '0,5');
  await type(page, 'Layer 2: temperature', '2,5e1');
  await type(page, 'Layer 3: threshold a unit', 'half');
  await expect(page.getByTestId('rules-complaint')).toContainText('that is no number, and layer 3’s threshold');
  await expect(lab.button('Begin a run with these')).toBeDisabled();
  await type(page, 'Layer 3: threshold a unit', ',25');
  await expect(page.getByTestId('rules-complaint')).toHaveCount(0);
  await lab.button('Begin a run with these').click();
  await expect(page).toHaveURL(/rules=threshold=0.5;temperature=25;threshold=0.25/);
  await page
    .getByRole('button', { name: /^Look at unit/ })
    .first()
    .click();
  await type(page, 'Another unit', ' ４２ ');
  await expect(page.getByTestId('unit')).toHaveAttribute('data-unit', '42');
  await page.getByLabel('Another unit').fill('4200');
  await expect(page.getByText('4200 is too large')).toBeVisible();
});
