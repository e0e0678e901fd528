// Vulkan drivers for the native tests of the GPU engine; Mesa's, which runs on the CPU, will do. Mesa's for AMD cards compiles the
// kernels for a card that is not there (tests/card.rs).

import { existsSync, readdirSync } from 'node:fs';
import { installDebian, say } from './run.mjs';

const folders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

/** Installs Debian's Mesa drivers on a Linux without them; elsewhere the system brings Metal or Direct3D 12. */
export async function ensureVulkan() {
  if (process.platform !== 'linux') return;
  const drivers = folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder));
  if (drivers.some((name) => name.startsWith('radeon_icd'))) return;
  say("Mesa's Vulkan drivers were not found: installing Debian's");
  await installDebian(['mesa-vulkan-drivers', 'libvulkan1']);
}
