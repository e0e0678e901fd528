// What the peers' steps have in common with ours: constants, and how long they are measured.

export const rate = 0.02;
export const temperature = 20;
export const momentum = 0.9;
export const cost = 0.001;

/** Takes steps for at least `seconds`, after `warmUp` of them: samples learned from, and the seconds it really took. */
export async function repeat(step, batch, warmUp, seconds) {
  const during = async (limit) => {
    const began = performance.now();
    let samples = 0;
    do {
      await step();
      samples += batch;
    } while (performance.now() - began < limit * 1000);
    return { samples, seconds: (performance.now() - began) / 1000 };
  };
  await during(warmUp);
  return during(seconds);
}
