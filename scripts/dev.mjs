// `npm run dev`: Vite's development server on the current pkg/. After a change in src/, `npm run wasm` renews it.

import { buildWasm } from './setup/build.mjs';
import { checkMnistFolder, chosenPort, serveAt } from './setup/port.mjs';
import { main, root } from './setup/run.mjs';

await main(async () => {
  const port = chosenPort();
  checkMnistFolder();
  await buildWasm();
  const { createServer } = await import('vite');
  const server = await createServer({ root, server: { port, strictPort: true } });
  await serveAt(port, () => server.listen());
  console.log(`\nForward-Forward Lab (development) is at http://localhost:${port}  (Ctrl-C ends it)`);
});
