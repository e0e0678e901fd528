// `npm start`: installs what is missing, builds what has changed, and serves the page. The first start builds the core for the
// browser on this machine only, so that the page is there soon, and for other browsers afterwards.

import { buildSiteForThisMachine, buildWasm } from './setup/build.mjs';
import { checkMnistFolder, chosenPort, serveAt } from './setup/port.mjs';
import { main, root, runInBackground, say } from './setup/run.mjs';

await main(async () => {
  const port = chosenPort();
  checkMnistFolder();
  const missing = await buildSiteForThisMachine();
  const { preview } = await import('vite');
  await serveAt(port, () => preview({ root, preview: { port, strictPort: true } }));
  console.log(`\nForward-Forward Lab is at http://localhost:${port}  (Ctrl-C ends it)\n`);
  if (missing.length === 0) return;
  say(`Compiling the core for other browsers at low priority: ${missing.join(', ')}. The page can be used meanwhile.`);
  runInBackground();
  await buildWasm(missing);
  say('All builds of the core are there. The next start serves them.');
});
