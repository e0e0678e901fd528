// The same step in other libraries, as one would write it there: for each layer 3·B rows forward, of which the last two thirds,
// positive and negative, give the gradient. scripts/bench.mjs bundles it once the libraries are installed.

import { defaultDevice, init, jit, nn, numpy as np, random } from '@jax-js/jax';
import * as tf from '@tensorflow/tfjs';
import { getThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

const rate = 0.002;

async function jax({ inputs, layers, batch }) {
  await init('wasm');
  defaultDevice('wasm');
  const learn = jit((x, w, v) => {
    const h = nn.relu(np.matmul(x.ref, w.ref));
    const goodness = h.ref.mul(h.ref).sum(1, { keepdims: true });
    const p = nn.sigmoid(goodness.ref.sub(h.shape[1]).mul(0.05));
    const positive = h.ref.slice([batch, 2 * batch]).mul(np.subtract(1, p.ref.slice([batch, 2 * batch])));
    const negative = h.ref.slice([2 * batch, 3 * batch]).mul(p.slice([2 * batch, 3 * batch]).mul(-1));
    const delta = np.concatenate([positive, negative], 0);
    const gradient = np.matmul(x.slice([batch, 3 * batch]).transpose(), delta);
    const velocity = v.mul(0.9).add(gradient.mul(0.1 / batch));
    const weight = w.add(velocity.ref.mul(rate));
    const scale = np.reciprocal(np.sqrt(goodness.mul(1 / h.shape[1]).add(1e-10)));
    return [h.mul(scale), weight, velocity];
  });
  const x = random.uniform(random.key(1), [3 * batch, inputs]);
  const net = layers.map((units, i) => {
    const below = i ? layers[i - 1] : inputs;
    return {
      w: random
        .uniform(random.key(2 + i), [below, units])
        .sub(0.5)
        .mul(0.05),
      v: np.zeros([below, units]),
    };
  });
  const step = async () => {
    let below = x.ref;
    for (const layer of net) [below, layer.w, layer.v] = learn(below, layer.w, layer.v);
    await below.blockUntilReady();
    below.dispose();
    await net
      .at(-1)
      .v.ref.blockUntilReady()
      .then((value) => value.dispose());
  };
  return { step, threads: () => navigator.hardwareConcurrency };
}

async function tensorflow({ inputs, layers, batch }) {
  setWasmPaths('/tfjs/');
  await tf.setBackend('wasm');
  await tf.ready();
  const x = tf.randomUniform([3 * batch, inputs]);
  const net = layers.map((units, i) => {
    const below = i ? layers[i - 1] : inputs;
    return {
      w: tf.variable(tf.randomUniform([below, units], -0.025, 0.025)),
      v: tf.variable(tf.zeros([below, units])),
    };
  });
  const step = async () => {
    const last = tf.tidy(() => {
      let below = x;
      for (const { w, v } of net) {
        const units = w.shape[1];
        const h = tf.relu(tf.matMul(below, w));
        const goodness = tf.sum(tf.square(h), 1, true);
        const p = tf.sigmoid(tf.mul(tf.sub(goodness, units), 0.05));
        const positive = tf.mul(h.slice([batch], [batch]), tf.sub(1, p.slice([batch], [batch])));
        const negative = tf.mul(h.slice([2 * batch], [batch]), tf.neg(p.slice([2 * batch], [batch])));
        const gradient = tf.matMul(below.slice([batch], [2 * batch]), tf.concat([positive, negative], 0), true);
        v.assign(tf.add(tf.mul(v, 0.9), tf.mul(gradient, 0.1 / batch)));
        w.assign(tf.add(w, tf.mul(v, rate)));
        below = tf.div(h, tf.sqrt(tf.add(tf.div(goodness, units), 1e-10)));
      }
      return tf.sum(below);
    });
    await last.data();
    last.dispose();
  };
  return { step, threads: () => getThreadsCount() };
}

export const peers = { 'jax-js': jax, 'tensorflow.js': tensorflow };
