// The same step in jax-js, written as its own documentation would have it: one compiled function a layer.

import { blockUntilReady, defaultDevice, init, jit, numpy as np, nn, random } from '/peers/@jax-js/jax/dist/index.js';
import { cost, momentum, rate, repeat, temperature } from './step.js';

// Arrays are counted by reference: `.ref` keeps one for another use.
const direction = (u) => u.ref.div(np.sqrt(np.mean(np.square(u), 1, { keepdims: true })).add(1e-10));

const learn = (parameter, velocity, decay) => {
  const pulled = decay ? velocity.sub(parameter.ref.mul(decay)) : velocity;
  return parameter.add(pulled.mul(rate));
};

const layer = jit((rows, neutral, sign, weight, bias, velocity, biasVelocity) => {
  const units = weight.shape[1];
  const half = rows.shape[0] / 2;
  const x = direction(rows);
  const forward = (input) => nn.relu(np.matmul(input, weight.ref).add(bias.ref));
  const h = forward(x.ref);
  const settled = forward(direction(neutral));
  const goodness = np.sum(np.square(h.ref), 1, { keepdims: true });
  const right = nn.sigmoid(goodness.sub(units).div(temperature).mul(sign.ref));
  const delta = h.ref.mul(right.mul(-1).add(1).mul(sign));
  const gradient = np.matmul(x.transpose(), delta.ref).div(half);
  const biasGradient = np.sum(delta, 0).div(half);
  const v = velocity.mul(momentum).add(gradient.mul(1 - momentum));
  const vb = biasVelocity.mul(momentum).add(biasGradient.mul(1 - momentum));
  return [h, settled, learn(weight, v.ref, cost), learn(bias, vb.ref, 0), v, vb];
});

onmessage = async ({ data: { device, layers, batch, warmUp, seconds } }) => {
  try {
    const devices = await init(device);
    if (!devices.includes(device)) throw new Error(`jax-js has no ${device} here`);
    defaultDevice(device);
    const shape = [784, ...layers];
    let key = random.key(1);
    const next = () => {
      const [a, b] = random.split(key);
      key = a;
      return b;
    };
    const parameters = layers.map((units, i) => [
      random.normal(next(), [shape[i], units]).div(Math.sqrt(shape[i])),
      np.zeros([units]),
      np.zeros([shape[i], units]),
      np.zeros([units]),
    ]);
    const rows = random.uniform(next(), [2 * batch, 784]);
    const neutral = random.uniform(next(), [batch, 784]);
    const sign = np.array(Array.from({ length: 2 * batch }, (_, i) => [i < batch ? 1 : -1]));
    const step = async () => {
      let [u, n] = [rows.ref, neutral.ref];
      for (let i = 0; i < layers.length; i++) {
        const [h, settled, ...learned] = layer(u, n, sign.ref, ...parameters[i]);
        parameters[i] = learned;
        [u, n] = [h, settled];
      }
      u.dispose();
      n.dispose();
      await blockUntilReady(parameters.map(([weight]) => weight));
    };
    postMessage({ engine: { kind: 'jax-js', name: device }, ...(await repeat(step, batch, warmUp, seconds)) });
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
};
