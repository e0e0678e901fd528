// A Vulkan driver for the native tests of the GPU engine; Mesa's, which runs on the CPU, will do.

import { existsSync, readdirSync } from 'node:fs';
import { installDebian, say } from './run.mjs';

const folders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

/** Installs Debian's Mesa drivers on a Linux without any; elsewhere the system brings Metal or Direct3D 12. */
export async function ensureVulkan() {
  if (process.platform !== 'linux') return;
  if (folders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0)) return;
  say("No Vulkan driver was found: installing Debian's software one");
  await installDebian(['mesa-vulkan-drivers', 'libvulkan1']);
}
