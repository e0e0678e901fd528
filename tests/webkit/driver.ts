// A page in WebKit, by the few commands of the WebDriver protocol that its test needs.

/** What the protocol calls an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

export class WebKit {
  private constructor(private readonly session: string) {}

  /** A window of `browser`, opened by the driver at `address`. */
  static async open(address: string, browser: string): Promise<WebKit> {
    const options = { binary: browser, args: ['--automation', '--ignore-tls-errors'] };
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } };
    const { sessionId } = (await send('POST', `${address}/session`, { capabilities })) as { sessionId: string };
    return new WebKit(`${address}/session/${sessionId}`);
  }

  close(): Promise<unknown> {
    return send('DELETE', this.session);
  }

  goto(url: string): Promise<unknown> {
    return send('POST', `${this.session}/url`, { url });
  }

  /** What the body of a function says in the page, given `args`. */
  evaluate(script: string, ...args: unknown[]): Promise<unknown> {
    return send('POST', `${this.session}/execute/sync`, { script, args });
  }

  /** Waits until `script` says `wanted`. */
  async until(script: string, wanted: unknown, seconds = 120): Promise<void> {
    const end = Date.now() + 1000 * seconds;
    let said: unknown;
    while (Date.now() < end) {
      said = await this.evaluate(script);
      if (said === wanted) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`After ${seconds} s \`${script}\` says ${JSON.stringify(said)}, not ${JSON.stringify(wanted)}.`);
  }

  /** Presses the button of this name. */
  async press(name: string): Promise<void> {
    const xpath = `//button[text()[normalize-space()='${name}']]`;
    const found = (await send('POST', `${this.session}/element`, { using: 'xpath', value: xpath })) as {
      [ELEMENT]: string;
    };
    await send('POST', `${this.session}/element/${found[ELEMENT]}/click`, {});
  }

  /** Draws one stroke with the mouse through places in the window. */
  async stroke(places: readonly (readonly [number, number])[]): Promise<void> {
    const moves = places.map(([x, y]) => ({ type: 'pointerMove', x: Math.round(x), y: Math.round(y), duration: 20 }));
    const [first, ...rest] = moves;
    const actions = [first, { type: 'pointerDown', button: 0 }, ...rest, { type: 'pointerUp', button: 0 }];
    const mouse = { type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions };
    await send('POST', `${this.session}/actions`, { actions: [mouse] });
  }
}

async function send(method: string, url: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const { value } = (await answer.json()) as { value: unknown };
  if (!answer.ok) throw new Error(`WebDriver: ${JSON.stringify(value)}`);
  return value;
}
