/**
 * The page's first script, and the one that says why the others do not run. Any browser runs it at any address: it is a classic
 * script, imports nothing and keeps to old JavaScript. Once the page has started, nothing is left for it to say.
 */

/** The sentence of index.html that is there until the page has started. */
const place = (): HTMLElement | null => document.getElementById('unstarted');

/** Why the page does not start was said: what fails afterwards is a consequence. */
let said = false;

function say(why: string): void {
  const sentence = place();
  if (said || !sentence) return;
  said = true;
  (document.getElementById('page') as HTMLElement).textContent = '';
  sentence.setAttribute('role', 'alert');
  sentence.className = 'now';
  sentence.textContent = `Forward-Forward Lab could not start: ${why}`;
  if (window === window.top) return;
  const link = document.createElement('a');
  const query = location.search.replace(/([?&])embed=[^&]*&?/, '$1').replace(/[?&]$/, '');
  link.href = link.textContent = location.origin + location.pathname + query;
  link.target = '_blank';
  link.rel = 'noopener';
  sentence.append(' The whole page, for a tab of its own: ', link);
}

/** Why the file at an address of this page cannot be used; nothing if it can. */
function obstacle(address: string): Promise<string | undefined> {
  const name = address.replace(new URL('.', location.href).href, '');
  const right = /\.css$/.test(name) ? 'text/css' : 'text/javascript';
  return fetch(address).then(
    (response) => {
      const type = (response.headers.get('content-type') || 'without a type').split(';')[0] as string;
      if (!response.ok)
        return `its file ${name} is not there (the host answers ${response.status}); copy all of dist/ to the host.`;
      if (!/javascript|css/.test(type))
        return `the host sends its file ${name} as ${type}; have the host send such files as ${right}.`;
      return undefined;
    },
    () =>
      self.origin === 'null'
        ? `this frame has no origin of its own, and the host lets no such frame have ${name}; write allow-same-origin into the frame’s sandbox, or have the host send Access-Control-Allow-Origin: *.`
        : `its file ${name} could not be fetched; look whether you are online and nothing blocks it, and reload the page.`,
  );
}

/** Finds out and says why the page does not start; `message` is what the browser has to say of it. */
function explain(message: string): void {
  if (said || !place()) return;
  if (location.protocol === 'file:') {
    say(
      'it was opened from the disk, where browsers run none of its scripts; open it through a web server: npm start, in the project’s folder, starts one and says its address.',
    );
    return;
  }
  const scripts = Array.from(document.scripts).map((script) => script.src);
  const fetched = performance.getEntriesByType('resource').map((entry) => entry.name);
  const files = scripts.concat(fetched).filter((name, i, all) => /\.(js|css)$/.test(name) && all.indexOf(name) === i);
  // A file that is missing says more than what that has led to.
  void Promise.all(files.map(obstacle)).then((obstacles) => {
    const missing = obstacles.filter(Boolean)[0];
    if (missing) say(missing);
    else if (/SyntaxError/.test(message))
      say(
        `this browser does not understand its scripts (${message}); use a current Chrome, Edge, Firefox or Safari, or copy dist/ to the host anew.`,
      );
    else
      say(
        message.replace(/^(Uncaught )?(\(in promise\) )?Error: /, '') || 'one of its scripts failed; reload the page.',
      );
  });
}

addEventListener(
  'error',
  (event) => {
    const { target } = event;
    if (event instanceof ErrorEvent) explain(event.message);
    else if (target instanceof HTMLScriptElement) explain('');
  },
  // A file that cannot be loaded tells its own element, and nobody above that.
  true,
);
addEventListener('unhandledrejection', (event) => explain(String(event.reason)));
if (!('noModule' in HTMLScriptElement.prototype))
  addEventListener('DOMContentLoaded', () =>
    say('this browser is too old; use a current Chrome, Edge, Firefox or Safari.'),
  );

// A file that is dropped before the page can take it must not take the page's place.
for (const kind of ['dragover', 'drop'] as const)
  addEventListener(kind, (event) => {
    if (event.dataTransfer && Array.from(event.dataTransfer.types).includes('Files')) event.preventDefault();
  });
