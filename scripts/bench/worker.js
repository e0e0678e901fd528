// Trains on built-in strokes for a while and reports how fast it went.

const budget = 30; // milliseconds a call, as the page's worker gives

/** Trains for at least `seconds`: images trained, and the seconds it really took. */
async function train(session, seconds) {
  const began = performance.now();
  let samples = 0;
  while (performance.now() - began < seconds * 1000) {
    const progress = await session.train(budget);
    if (progress.finished) throw new Error('The run ended before the measurement did.');
    samples += progress.samples;
  }
  // A GPU may be some batches behind: a single step waits for all of them.
  samples += (await session.step()).samples;
  return { samples, seconds: (performance.now() - began) / 1000 };
}

/** A build of the core, on as many threads as there are `ports` and one more. */
async function load(folder, build, ports) {
  const core = await import(`${folder}${build}.js`);
  const module = await WebAssembly.compileStreaming(fetch(`${folder}${build}_bg.wasm`));
  const { memory } = await core.default({ module_or_path: module });
  if (!ports.length) return { core, memory };
  const ready = (port) =>
    new Promise((resolve) => {
      port.onmessage = resolve;
      port.postMessage({ module, memory });
    });
  await Promise.all(ports.map(ready));
  core.use_threads(ports.length + 1);
  return { core, memory };
}

/** Reads all test images under every label: how many, and the seconds that took. */
async function evaluate(session) {
  const began = performance.now();
  session.evaluate_start(session.data().test);
  while (true) {
    const { done, images } = await session.evaluate(budget);
    if (done) return { samples: images, seconds: (performance.now() - began) / 1000 };
  }
}

onmessage = async ({ data }) => {
  const { folder = '/pkg/', build, ports, engine, layers, batch, images, test = batch, warmUp, seconds } = data;
  try {
    const { core, memory } = await load(folder, build, ports);
    const session = new core.Session({ jitter: 0, layers, batch, epochs: 1000, seed: 1 });
    // A core from before the registry of data has the first.
    if (session.use_strokes) session.use_strokes(images, test, 1);
    else session.use_data(core.Data.named('strokes', images, test, 1));
    while (session.prepare(200) < 1);
    const search = new core.EngineSearch(engine);
    while ((await search.advance()) < 1);
    await session.use_engine(search);
    await train(session, warmUp);
    const measured = test > batch ? await evaluate(session) : await train(session, seconds);
    postMessage({ engine: session.engine(), megabytes: memory.buffer.byteLength / 1e6, ...measured });
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
};
