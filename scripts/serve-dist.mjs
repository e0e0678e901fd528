// Serves dist/ in a folder of a plain static host, as the end-to-end tests want it: `node scripts/serve-dist.mjs 4180 /a/folder/`.

import path from 'node:path';
import { main, Plain, root } from './setup/run.mjs';
import { serveFolders } from './setup/static.mjs';

await main(async () => {
  const [port, folder] = process.argv.slice(2);
  if (!port || !folder) throw new Plain('Usage: node scripts/serve-dist.mjs PORT /FOLDER/');
  await serveFolders({ [folder]: path.join(root, 'dist') }, Number(port));
  console.log(`dist/ is at http://127.0.0.1:${port}${folder}`);
});
