"""The recurrent net with local receptive fields, written in JAX, to compare the speed of learning with ours.

    pip install jax numpy && python3 benches/local_jax.py
    ff train --data objects --recipe local-max --batch 100 --rate 0.003 --head-rate 0.02 --train 2000 --test 200 --epochs 4 \
        --evaluate-every 4 --engine cpu

Two hidden layers of 32×32×3 units, windows of 11×11×3 below and above (the last layer: the label), a pass up without a label from
which the softmax head learns and proposes wrong labels, 10 time steps, an update after each, momentum, weight cost, peer term.
Pictures are noise: only time is measured. `tiles` multiplies blocks of 4×4 positions with the windows that they share, `local`
is jax.lax.conv_general_dilated_local; both in float32.
"""

import argparse
import functools
import time

import jax
import jax.numpy as jnp
import numpy as np

SIDE, COLOURS, REACH, TILE, LABELS = 32, 3, 5, 4, 10
UNITS = SIDE * SIDE * COLOURS
WINDOW = 2 * REACH + 1
SEEN = TILE + 2 * REACH  # positions along one side that a tile's windows reach
TILES = SIDE // TILE
STEPS, DAMPING, MOMENTUM, RATE, COST, PEER, TEMPERATURE = 10, 0.3, 0.9, 0.005, 0.001, 0.03, 20.0
MEAN_SHARE = 0.1


def normalised(h):
    return h / jnp.sqrt(jnp.mean(h * h, axis=1, keepdims=True) + 1e-5)


def windows_of_tiles(x):
    """[R, 3072] → [tiles, R, SEEN·SEEN·COLOURS]."""
    image = jnp.pad(x.reshape(-1, SIDE, SIDE, COLOURS), ((0, 0), (REACH, REACH), (REACH, REACH), (0, 0)))
    cut = [image[:, TILE * i : TILE * i + SEEN, TILE * j : TILE * j + SEEN] for i in range(TILES) for j in range(TILES)]
    return jnp.stack(cut).reshape(TILES * TILES, -1, SEEN * SEEN * COLOURS)


def by_tiles(h):
    """[R, 3072] → [tiles, R, TILE·TILE·COLOURS]."""
    t = h.reshape(-1, TILES, TILE, TILES, TILE, COLOURS).transpose(1, 3, 0, 2, 4, 5)
    return t.reshape(TILES * TILES, -1, TILE * TILE * COLOURS)


def by_rows(t):
    """The way back."""
    h = t.reshape(TILES, TILES, -1, TILE, TILE, COLOURS).transpose(2, 0, 3, 1, 4, 5)
    return h.reshape(-1, UNITS)


def tile_mask():
    """[SEEN·SEEN·COLOURS, TILE·TILE·COLOURS]: 1 where a unit of the tile looks."""
    at, unit = np.arange(SEEN), np.arange(TILE)
    along = (at[:, None] >= unit) & (at[:, None] < unit + WINDOW)
    mask = np.einsum("yu,xv->yxuv", along, along)[:, :, None, :, :, None]
    return np.broadcast_to(mask, (SEEN, SEEN, COLOURS, TILE, TILE, COLOURS)).reshape(SEEN * SEEN * COLOURS, -1)


class Tiles:
    mask = jnp.asarray(tile_mask(), jnp.float32)

    @staticmethod
    def weights(key):
        shape = (TILES * TILES, SEEN * SEEN * COLOURS, TILE * TILE * COLOURS)
        return jax.random.normal(key, shape) / np.sqrt(WINDOW * WINDOW * COLOURS) * Tiles.mask

    @staticmethod
    def multiply(x, weight):
        return by_rows(jnp.einsum("trk,tku->tru", windows_of_tiles(x), weight))

    @staticmethod
    def gradient(x, delta):
        return jnp.einsum("trk,tru->tku", windows_of_tiles(x), by_tiles(delta)) * Tiles.mask


class Local:
    @staticmethod
    def weights(key):
        return jax.random.normal(key, (SIDE, SIDE, WINDOW * WINDOW * COLOURS, COLOURS)) / np.sqrt(WINDOW * WINDOW * COLOURS)

    @staticmethod
    def multiply(x, weight):
        image = x.reshape(-1, SIDE, SIDE, COLOURS)
        return jax.lax.conv_general_dilated_local(
            image, weight, (1, 1), [(REACH, REACH)] * 2, (WINDOW, WINDOW), dimension_numbers=("NHWC", "HWIO", "NHWC")
        ).reshape(-1, UNITS)

    @staticmethod
    def gradient(x, delta):
        zero = jnp.zeros((SIDE, SIDE, WINDOW * WINDOW * COLOURS, COLOURS))
        return jax.vjp(lambda w: Local.multiply(x, w), zero)[1](delta)[0]


class Dense:
    """From the label."""

    @staticmethod
    def weights(key):
        return jax.random.normal(key, (LABELS, UNITS)) / np.sqrt(LABELS)

    multiply = staticmethod(lambda x, weight: x @ weight)
    gradient = staticmethod(lambda x, delta: x.T @ delta)


def follow(weight, velocity, gradient, batch):
    velocity = MOMENTUM * velocity + (1 - MOMENTUM) / batch * gradient
    return weight + RATE * (velocity - COST * weight), velocity


def learn(wiring, batch, net, pictures, truth, key):
    """One batch: [B, 3072] and [B] → the network after it."""
    layers, head = net
    kinds = [(wiring, wiring), (wiring, Dense)]
    picture = normalised(jnp.concatenate([pictures, pictures]))
    half = np.float32(np.sqrt(0.5))

    def heard(kind, x, weight):
        return half * kind.multiply(x, weight)

    states, below = [], picture
    for layer in layers:
        h = jax.nn.relu(heard(wiring, below, layer["w"][0]) + layer["b"])
        states.append(h)
        below = normalised(h)

    read = [normalised(h[:batch]) for h in states]
    logits = sum(x @ w for x, (w, _) in zip(read, head))
    error = jax.nn.one_hot(truth, LABELS) - jax.nn.softmax(logits)
    head = [follow(w, v, x.T @ error, batch) for x, (w, v) in zip(read, head)]
    wrong = jax.random.categorical(key, jnp.where(jax.nn.one_hot(truth, LABELS) > 0, -jnp.inf, logits))
    top = jax.nn.one_hot(jnp.concatenate([truth, wrong]), LABELS) * np.sqrt(LABELS)
    sign = jnp.concatenate([jnp.ones(batch), -jnp.ones(batch)])

    def step(_, carry):
        layers, states = carry
        inputs = [(picture, normalised(states[1])), (normalised(states[0]), top)]
        after, taught = [], []
        for layer, kind, x, before in zip(layers, kinds, inputs, states):
            star = jax.nn.relu(sum(heard(k, v, w) for k, v, w in zip(kind, x, layer["w"])) + layer["b"])
            h = (1 - DAMPING) * star + DAMPING * before
            goodness = jnp.sum(h * h, axis=1)
            coefficient = sign * jax.nn.sigmoid(-sign * (goodness - UNITS) / TEMPERATURE)
            mean = (1 - MEAN_SHARE) * layer["mean"] + MEAN_SHARE * jnp.mean(h[:batch], axis=0)
            peer = PEER * (jnp.mean(mean) - mean)
            delta = coefficient[:, None] * jnp.where(star > 0, h, 0) + (sign > 0)[:, None] * peer
            moved = [follow(w, v, half * k.gradient(i, delta), batch) for k, i, w, v in zip(kind, x, layer["w"], layer["v"])]
            bias, bias_velocity = follow(layer["b"], layer["bv"], jnp.sum(delta, axis=0), batch)
            after.append(h)
            taught.append({"w": [w for w, _ in moved], "v": [v for _, v in moved], "b": bias, "bv": bias_velocity, "mean": mean})
        return taught, after

    layers, _ = jax.lax.fori_loop(0, STEPS, step, (layers, states))
    return layers, head


def network(wiring, key):
    keys = jax.random.split(key, 4)
    layers = []
    for i, above in enumerate((wiring, Dense)):
        weights = [wiring.weights(keys[2 * i]), above.weights(keys[2 * i + 1])]
        # Each its own memory, which is given away to the next step.
        bias, velocity = jnp.zeros(UNITS), jnp.zeros(UNITS)
        still = [jnp.zeros_like(w) for w in weights]
        layers.append({"w": weights, "v": still, "b": bias, "bv": velocity, "mean": jnp.full(UNITS, 0.5)})
    return layers, [(jnp.zeros((UNITS, LABELS)), jnp.zeros((UNITS, LABELS))) for _ in range(2)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--batch", type=int, default=100)
    arguments.add_argument("--seconds", type=float, default=20)
    arguments.add_argument("wiring", nargs="*", default=["tiles", "local"])
    arguments = arguments.parse_args()
    batch = arguments.batch
    key = jax.random.key(1)
    pictures = jax.random.normal(key, (batch, UNITS))
    truth = jax.random.randint(key, (batch,), 0, LABELS)
    for name in arguments.wiring:
        wiring = {"tiles": Tiles, "local": Local}[name]
        train = jax.jit(functools.partial(learn, wiring, batch), donate_argnums=0)
        net = jax.block_until_ready(train(network(wiring, key), pictures, truth, key))
        began, batches = time.perf_counter(), 0
        while time.perf_counter() - began < arguments.seconds:
            net = jax.block_until_ready(train(net, pictures, truth, jax.random.fold_in(key, batches)))
            batches += 1
        seconds = time.perf_counter() - began
        finite = bool(jnp.isfinite(net[0][0]["w"][0]).all())
        print(f"jax {jax.__version__}, {name}: {batch * batches / seconds:.1f} pictures a second (finite: {finite})", flush=True)


if __name__ == "__main__":
    main()
