//! Each primitive on made-up operands of any shape, on any engine: what it leaves.

use super::compare::Outcome;
use forward_forward::dataset::{Images, LABELS, Shape};
use forward_forward::engine::{
    Activity, Blocks, Engine, HeadPart, Input, Layer, NEUTRAL, Objective, Pick, Pictures, Rates, Verdict, metric,
    random,
};

const RATES: Rates = Rates { rate: 0.3, momentum: 0.7, weight_cost: 0.01 };

/// Values from −1 to 1 that depend on `seed` and place only.
fn noise(seed: u32, count: usize) -> Vec<f32> {
    (0..count as u32).map(|i| 2.0 * random::uniform(seed, i, 0) - 1.0).collect()
}

fn matrix<E: Engine>(engine: &E, rows: usize, columns: usize, values: &[f32]) -> E::Matrix {
    let mut matrix = engine.matrix(rows, columns).expect("room");
    engine.write(&mut matrix, values);
    matrix
}

fn noisy<E: Engine>(engine: &E, seed: u32, rows: usize, columns: usize, scale: f32) -> E::Matrix {
    matrix(engine, rows, columns, &noise(seed, rows * columns).iter().map(|v| scale * v).collect::<Vec<_>>())
}

/// Activities as a layer leaves them: none negative, goodness their sum of squares.
fn activity<E: Engine>(engine: &E, seed: u32, rows: usize, columns: usize) -> Activity<E> {
    let values: Vec<f32> = noise(seed, rows * columns).iter().map(|v| 2.0 * v.max(0.0)).collect();
    let goodness: Vec<f32> = values.chunks(columns).map(|row| row.iter().map(|h| h * h).sum()).collect();
    Activity { values: matrix(engine, rows, columns, &values), goodness: matrix(engine, rows, 1, &goodness) }
}

fn layer<E: Engine>(engine: &E, inner: usize, columns: usize) -> Layer<E> {
    let mean: Vec<f32> = noise(5, columns).iter().map(|v| 0.5 + 0.4 * v).collect();
    Layer {
        weight: noisy(engine, 1, inner, columns, 1.0 / (inner as f32).sqrt()),
        bias: noisy(engine, 2, 1, columns, 0.3),
        weight_velocity: noisy(engine, 3, inner, columns, 0.05),
        bias_velocity: noisy(engine, 4, 1, columns, 0.05),
        mean_activity: matrix(engine, 1, columns, &mean),
    }
}

fn pictures<E: Engine>(engine: &E, count: usize, pixels: usize, columns: usize) -> Pictures<E> {
    let mut values: Vec<f32> = noise(6, count * pixels).iter().map(|v| v.max(0.0)).collect();
    values.chunks_mut(pixels).for_each(|row| row[..LABELS].fill(0.0));
    let squares: Vec<f32> = values.chunks(pixels).map(|row| row.iter().map(|v| v * v).sum()).collect();
    Pictures {
        values: matrix(engine, count, pixels, &values),
        squares: matrix(engine, count, 1, &squares),
        product: noisy(engine, 7, count, columns, 1.0),
    }
}

/// Blocks of `rows` after as many neutral rows, as a trainer lays them out.
fn blocks(rows: usize) -> Blocks {
    Blocks { positive: rows..2 * rows, negative: 2 * rows..3 * rows }
}

/// Codes of three blocks: neutral, then digits.
fn labels<E: Engine>(engine: &E, rows: usize) -> E::Labels {
    let mut labels = engine.labels(3 * rows).expect("room");
    let code = |row: usize| if row < rows { NEUTRAL } else { (random::uniform(8, row as u32, 0) * 10.0) as u8 };
    engine.write_labels(&mut labels, 0, &(0..3 * rows).map(code).collect::<Vec<_>>());
    labels
}

fn verdict<E: Engine>(engine: &E, rows: usize, columns: usize) -> Verdict<E> {
    Verdict {
        coefficients: noisy(engine, 9, rows, 1, 1.0),
        peer: noisy(engine, 10, 1, columns, 0.02),
        metrics: noisy(engine, 11, 1, metric::COUNT, 1.0),
    }
}

async fn read<E: Engine, const N: usize>(engine: &E, matrices: [(&'static str, &E::Matrix); N]) -> Vec<Outcome> {
    let values = engine.read_all(&matrices.map(|(_, matrix)| matrix)).await.expect("an engine that works");
    matrices.into_iter().zip(values).map(|((name, _), values)| (name, values)).collect()
}

async fn read_layer<E: Engine>(engine: &E, layer: &Layer<E>) -> Vec<Outcome> {
    let Layer { weight, bias, weight_velocity, bias_velocity, .. } = layer;
    let matrices =
        [("weight", weight), ("bias", bias), ("weight_velocity", weight_velocity), ("bias_velocity", bias_velocity)];
    read(engine, matrices).await
}

pub async fn gather<E: Engine>(engine: &E, shape: Shape, count: usize) -> Vec<Outcome> {
    let stored = 40;
    let bytes = (0..stored * shape.pixels() as u32).map(|i| (random::hash(12, i, 0)[0] >> 24) as u8).collect();
    let dataset = engine.dataset(&Images::new(shape, bytes).expect("whole images")).expect("room");
    let picks: Vec<Pick> = (0..count as u32)
        .map(|i| {
            let [index, dx, dy] = random::hash(13, i, 0);
            Pick { index: index % stored, dx: (dx % 9) as i8 - 4, dy: (dy % 9) as i8 - 4 }
        })
        .collect();
    let first = 3;
    let mut pictures = Pictures {
        values: engine.matrix(first + count, shape.pixels()).expect("room"),
        squares: engine.matrix(first + count, 1).expect("room"),
        product: engine.matrix(1, 1).expect("room"),
    };
    engine.gather(&dataset, &picks, first, &mut pictures);
    read(engine, [("values", &pictures.values), ("squares", &pictures.squares)]).await
}

pub async fn forward<E: Engine>(engine: &E, rows: usize, inner: usize, columns: usize) -> Vec<Outcome> {
    let below = activity(engine, 14, rows + 5, inner);
    let layer = layer(engine, inner, columns);
    let mut above = activity(engine, 15, rows + 5, columns);
    engine.forward(&Input::Layer(&below), &layer, 2..rows + 2, &mut above);
    read(engine, [("values", &above.values), ("goodness", &above.goodness)]).await
}

pub async fn forward_pictures<E: Engine>(engine: &E, rows: usize, pixels: usize, columns: usize) -> Vec<Outcome> {
    // The first ten are blank, so there must be more for a product to be seen.
    let pixels = pixels.max(LABELS + 1);
    let mut pictures = pictures(engine, rows, pixels, columns);
    let layer = layer(engine, pixels, columns);
    let labels = labels(engine, rows);
    let mut above = activity(engine, 15, 3 * rows, columns);
    engine.project(&mut pictures, rows, &layer);
    let input = Input::Pictures { pictures: &pictures, labels: &labels, first_picture: 0, count: rows };
    engine.forward(&input, &layer, 0..3 * rows, &mut above);
    let matrices = [("product", &pictures.product), ("values", &above.values), ("goodness", &above.goodness)];
    read(engine, matrices).await
}

pub async fn judge<E: Engine>(engine: &E, rows: usize, columns: usize) -> Vec<Outcome> {
    let activity = activity(engine, 16, 3 * rows, columns);
    let mut layer = layer(engine, 10, columns);
    let mut verdict = verdict(engine, 3 * rows, columns);
    let objective = Objective { threshold: 0.65 * columns as f32, temperature: 0.2 * columns as f32, peer: 0.03 };
    engine.judge(&activity, &blocks(rows), &objective, &mut layer, &mut verdict);
    let Verdict { coefficients, peer, metrics } = &verdict;
    // With one unit, mean(m) − m is zero.
    let peer = if columns == 1 { coefficients } else { peer };
    let matrices =
        [("coefficients", coefficients), ("peer", peer), ("metrics", metrics), ("mean", &layer.mean_activity)];
    read(engine, matrices).await
}

pub async fn update<E: Engine>(engine: &E, rows: usize, inner: usize, columns: usize) -> Vec<Outcome> {
    let below = activity(engine, 17, 3 * rows, inner);
    let above = activity(engine, 18, 3 * rows, columns);
    let mut layer = layer(engine, inner, columns);
    let verdict = verdict(engine, 3 * rows, columns);
    engine.update(&Input::Layer(&below), &above, &blocks(rows), &verdict, &RATES, &mut layer);
    read_layer(engine, &layer).await
}

pub async fn update_pictures<E: Engine>(engine: &E, rows: usize, pixels: usize, columns: usize) -> Vec<Outcome> {
    let pictures = pictures(engine, rows, pixels, columns);
    let above = activity(engine, 18, 3 * rows, columns);
    let mut layer = layer(engine, pixels, columns);
    let verdict = verdict(engine, 3 * rows, columns);
    let labels = labels(engine, rows);
    let input = Input::Pictures { pictures: &pictures, labels: &labels, first_picture: 0, count: rows };
    engine.update(&input, &above, &blocks(rows), &verdict, &RATES, &mut layer);
    read_layer(engine, &layer).await
}

fn head<E: Engine>(engine: &E, seed: u32, columns: usize) -> HeadPart<E> {
    HeadPart {
        weight: noisy(engine, seed, columns, LABELS, 0.2),
        velocity: noisy(engine, seed + 1, columns, LABELS, 0.1),
    }
}

pub async fn classify<E: Engine>(engine: &E, rows: usize, columns: usize) -> Vec<Outcome> {
    let layers = [activity(engine, 19, rows, columns), activity(engine, 20, rows, columns + 3)];
    let head = [head(engine, 21, columns), head(engine, 23, columns + 3)];
    let mut logits = noisy(engine, 25, rows, LABELS, 9.0);
    engine.classify(&[&layers[0], &layers[1]], &head, rows, &mut logits);
    read(engine, [("logits", &logits)]).await
}

pub async fn learn_head<E: Engine>(engine: &E, rows: usize, columns: usize) -> Vec<Outcome> {
    let layers = [activity(engine, 19, rows, columns), activity(engine, 20, rows, columns + 3)];
    let mut head = [head(engine, 21, columns), head(engine, 23, columns + 3)];
    let logits = noisy(engine, 25, rows, LABELS, 3.0);
    let labels = labels(engine, rows);
    engine.learn_head(&[&layers[0], &layers[1]], &logits, &labels, blocks(rows).positive, &RATES, &mut head);
    let [a, b] = &head;
    let matrices = [("first weight", &a.weight), ("first velocity", &a.velocity), ("weight", &b.weight)];
    read(engine, matrices).await
}

pub async fn tally<E: Engine>(engine: &E, rows: usize) -> Vec<Outcome> {
    let layers = [activity(engine, 26, 11 * rows, 10), activity(engine, 27, 11 * rows, 13)];
    let mut scores = noisy(engine, 28, rows, LABELS, 9.0);
    engine.tally(&[&layers[0], &layers[1]], rows, rows, &mut scores);
    read(engine, [("scores", &scores)]).await
}

pub async fn propose<E: Engine>(engine: &E, rows: usize) -> Vec<Outcome> {
    let scores = noisy(engine, 29, rows, LABELS, 4.0);
    let mut labels = labels(engine, rows);
    engine.propose(&scores, &blocks(rows), 77, 5, &mut labels);
    let codes = engine.read_labels(&labels).await.expect("an engine that works");
    vec![("labels", codes.into_iter().map(|code| f32::from(code) + 1.0).collect())]
}
