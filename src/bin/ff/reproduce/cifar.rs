//! The paper's section 4: local receptive fields on CIFAR-10, two and three hidden layers of 32×32×3 units.

use super::Row;

const fn row(name: &'static str, title: &'static str, words: &'static str, published: &'static str) -> Row {
    Row { name, title, words, epochs: 20, evaluate_every: 10, published }
}

/// Nothing that is published says for how many epochs.
pub const ROWS: [Row; 6] = [
    row(
        "cifar-backprop-2",
        "CIFAR-10, backprop through 2 local layers",
        "--recipe local-backprop --batch 100 --layers 3072,3072 --jitter 1",
        "37 %",
    ),
    row(
        "cifar-backprop-3",
        "CIFAR-10, backprop through 3 local layers",
        "--recipe local-backprop --batch 100 --layers 3072,3072,3072 --jitter 1",
        "39 %",
    ),
    row(
        "cifar-minimise-2",
        "CIFAR-10, recurrent, 2 local layers that minimise",
        "--recipe local-min --batch 100 --rate 0.003 --head-rate 0.02 --layers 3072,3072 --jitter 1",
        "41 %, softmax 45 %",
    ),
    row(
        "cifar-minimise-3",
        "CIFAR-10, recurrent, 3 local layers that minimise",
        "--recipe local-min --batch 100 --rate 0.003 --head-rate 0.02 --layers 3072,3072,3072 --jitter 1",
        "41 %, softmax 44 %",
    ),
    row(
        "cifar-maximise-2",
        "CIFAR-10, recurrent, 2 local layers that maximise",
        "--recipe local-max --batch 100 --rate 0.003 --head-rate 0.02 --layers 3072,3072 --jitter 1",
        "44 %, softmax 46 %",
    ),
    row(
        "cifar-maximise-3",
        "CIFAR-10, recurrent, 3 local layers that maximise",
        "--recipe local-max --batch 100 --rate 0.003 --head-rate 0.02 --layers 3072,3072,3072 --jitter 1",
        "44 %, softmax 46 %",
    ),
];
