// `npm run build`: the static site in dist/.

import { buildSite } from './setup/build.mjs';
import { main, say } from './setup/run.mjs';

await main(async () => {
  const built = await buildSite();
  say(built ? 'dist/ is the site: copy it to any static host, into any folder.' : 'dist/ is up to date.');
});
