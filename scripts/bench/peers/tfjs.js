// The same step in TensorFlow.js, on its WebAssembly engine with as many threads as it takes.

import { cost, momentum, rate, repeat, temperature } from './step.js';

const folder = '/peers/@tensorflow/';
// Its files for browsers are no modules: they leave what they hold in `tf`.
const evaluate = async (file) => (0, eval)(await (await fetch(folder + file)).text());

onmessage = async ({ data: { layers, batch, warmUp, seconds, threads } }) => {
  try {
    await evaluate('tfjs-core/dist/tf-core.min.js');
    await evaluate('tfjs-backend-wasm/dist/tf-backend-wasm.min.js');
    const { tf } = globalThis;
    tf.wasm.setWasmPaths(`${folder}tfjs-backend-wasm/dist/`);
    tf.wasm.setThreadsCount(threads);
    await tf.setBackend('wasm');
    await tf.ready();
    const shape = [784, ...layers];
    const parameters = layers.map((units, i) => ({
      weight: tf.variable(tf.randomNormal([shape[i], units], 0, 1 / Math.sqrt(shape[i]))),
      bias: tf.variable(tf.zeros([units])),
      velocity: tf.variable(tf.zeros([shape[i], units])),
      biasVelocity: tf.variable(tf.zeros([units])),
    }));
    const rows = tf.randomUniform([2 * batch, 784]);
    const neutral = tf.randomUniform([batch, 784]);
    const sign = tf.tensor2d(Array.from({ length: 2 * batch }, (_, i) => [i < batch ? 1 : -1]));
    const direction = (u) => tf.div(u, tf.add(tf.sqrt(tf.mean(tf.square(u), 1, true)), 1e-10));
    const follow = (velocity, gradient) =>
      velocity.assign(tf.add(tf.mul(velocity, momentum), tf.mul(gradient, 1 - momentum)));
    const step = () => {
      tf.tidy(() => {
        let [u, n] = [rows, neutral];
        for (const { weight, bias, velocity, biasVelocity } of parameters) {
          const x = direction(u);
          const h = tf.relu(tf.add(tf.matMul(x, weight), bias));
          const settled = tf.relu(tf.add(tf.matMul(direction(n), weight), bias));
          const goodness = tf.sum(tf.square(h), 1, true);
          const right = tf.sigmoid(tf.mul(tf.div(tf.sub(goodness, weight.shape[1]), temperature), sign));
          const delta = tf.mul(h, tf.mul(tf.sub(1, right), sign));
          follow(velocity, tf.div(tf.matMul(x, delta, true), batch));
          follow(biasVelocity, tf.div(tf.sum(delta, 0), batch));
          weight.assign(tf.add(weight, tf.mul(tf.sub(velocity, tf.mul(weight, cost)), rate)));
          bias.assign(tf.add(bias, tf.mul(biasVelocity, rate)));
          [u, n] = [h, settled];
        }
      });
    };
    // Not what was asked for: what it took.
    const engine = { kind: 'TensorFlow.js', name: 'wasm', threads: tf.wasm.getThreadsCount() };
    postMessage({ engine, ...(await repeat(step, batch, warmUp, seconds)) });
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
};
