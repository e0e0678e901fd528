// `npm start`: installs what is missing, builds what has changed, and serves the page.

import { buildSite } from './setup/build.mjs';
import { checkMnistFolder, chosenPort, serveAt } from './setup/port.mjs';
import { main, root } from './setup/run.mjs';

await main(async () => {
  const port = chosenPort();
  checkMnistFolder();
  await buildSite();
  const { preview } = await import('vite');
  await serveAt(port, () => preview({ root, preview: { port, strictPort: true } }));
  console.log(`\nForward-Forward Lab is at http://localhost:${port}  (Ctrl-C ends it)`);
});
