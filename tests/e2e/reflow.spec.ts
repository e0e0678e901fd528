// Small windows: everything is on the page, and nothing has to be scrolled sideways, is cut off or lies on something else.

import { test } from './lab';
import { fits, recipes } from './reflow';

// The smallest telephone, and 1280×1024 at 400 %.
const sizes = [
  [320, 568],
  [320, 256],
] as const;
test.use({ viewport: { width: 320, height: 568 } });

for (const recipe of Object.keys(recipes))
  test(`${recipe}: everything fits into 320 pixels`, ({ lab, page }) => fits(lab, page, recipe, sizes));
