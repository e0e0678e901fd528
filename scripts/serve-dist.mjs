// Serves dist/ in a folder of a plain static host, as the end-to-end tests want it: `node scripts/serve-dist.mjs 4180 /a/folder/`.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { main, Plain, root } from './setup/run.mjs';
import { serveFolders } from './setup/static.mjs';

await main(async () => {
  const [port, folder] = process.argv.slice(2);
  if (!port || !folder) throw new Plain('Usage: node scripts/serve-dist.mjs PORT /FOLDER/');
  if (!existsSync(path.join(root, 'dist', 'index.html')))
    throw new Plain('dist/ is not built: `npm run build` does it.');
  await serveFolders({ [folder]: path.join(root, 'dist') }, Number(port));
  console.log(`dist/ is at http://127.0.0.1:${port}${folder}`);
});
