// Runs a peer's version of the step for a while and reports how fast it went.

onmessage = async ({ data: { peer, inputs, layers, batch, warmUp, seconds } }) => {
  try {
    const { peers } = await import('/peers/peers.js');
    const { step, threads } = await peers[peer]({ inputs, layers, batch });
    const run = async (limit) => {
      const began = performance.now();
      let samples = 0;
      while (performance.now() - began < limit * 1000) {
        await step();
        samples += batch;
      }
      return { samples, seconds: (performance.now() - began) / 1000 };
    };
    await run(warmUp);
    postMessage({ threads: threads(), ...(await run(seconds)) });
  } catch (error) {
    postMessage({ error: `${peer}: ${error?.stack ?? error}` });
  }
};
