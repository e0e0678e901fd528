// `npm run wasm`: the core as WebAssembly in pkg/.

import { buildWasm } from './setup/build.mjs';
import { main, say } from './setup/run.mjs';

await main(async () => {
  const built = await buildWasm();
  say(built ? 'pkg/ is built.' : 'pkg/ is up to date.');
});
