// Trains on built-in strokes for a while and reports how fast it went.

import init, { default_settings, EngineSearch, Session } from '/pkg/forward_forward.js';

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

onmessage = async ({ data: { engine, layers, batch, images, warmUp, seconds } }) => {
  try {
    await init();
    const session = new Session({ ...default_settings(), layers, batch, epochs: 1000, seed: 1 });
    session.use_strokes(images, batch, 1);
    while (session.prepare(200) < 1);
    const search = new EngineSearch(engine);
    while ((await search.advance()) < 1);
    await session.use_engine(search);
    await train(session, warmUp);
    postMessage({ engine: session.engine(), ...(await train(session, seconds)) });
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
};
