import { browserFlags, ensureBrowser } from '../../scripts/setup/browser.mjs';
import { expect, small, test } from './lab';

const args = [...browserFlags, '--disable-gpu', '--disable-features=WebGPU'];
test.use({ launchOptions: { executablePath: await ensureBrowser(), args } });

test('the address may ask for WebGPU where there is none: the page says so and works on the CPU', async ({
  lab,
  page,
}) => {
  await lab.open({ ...small, layers: '40,30', engine: 'webgpu' });
  await expect(lab.alert).toContainText(/no WebGPU adapter is offered by this browser; use the CPU engine/);
  await expect(lab.alert).not.toContainText(/backend|Vulkan|wgpu/i);
  await expect(page.getByTestId('engine')).toHaveAttribute('data-engine', 'cpu');
  await lab.stepOnce();
  expect(await lab.step()).toBe(1);
});

test('automatic says why it is the CPU', async ({ lab, page }) => {
  await lab.open(small);
  await expect(page.getByTestId('engine')).toHaveAttribute('title', /no WebGPU[^:(]*$/);
  await expect(lab.alert).toHaveCount(0);
});
