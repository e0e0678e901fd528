//! Each primitive on made-up operands of any shape, on any engine: what it leaves.

use super::compare::Outcome;
use forward_forward::dataset::{Images, Shape};
use forward_forward::engine::{
    Activation, Activity, Blocks, Connection, Delta, Engine, Goodness, ImageBytes, Input, Labels, Layer, Local,
    MaskKey, Matrix, NEUTRAL, Objective, Obstacle, Pick, Pictures, Previous, Rates, Rule, Sign, Verdict, Wiring,
    metric, random,
};

const RATES: Rates = Rates { rate: 0.3, momentum: 0.7, weight_cost: 0.01 };

/// Values from −1 to 1 that depend on `seed` and place only.
fn noise(seed: u32, count: usize) -> Vec<f32> {
    (0..count as u32).map(|i| 2.0 * random::uniform(seed, i, 0) - 1.0).collect()
}

fn matrix(engine: &dyn Engine, rows: usize, columns: usize, values: &[f32]) -> Matrix {
    let mut matrix = engine.matrix(rows, columns).expect("room");
    engine.write(&mut matrix, values);
    matrix
}

/// As `matrix`, of activities or pixels.
fn values(engine: &dyn Engine, rows: usize, columns: usize, values: &[f32]) -> Matrix {
    let mut matrix = engine.values(rows, columns).expect("room");
    engine.write(&mut matrix, values);
    matrix
}

fn noisy(engine: &dyn Engine, seed: u32, rows: usize, columns: usize, scale: f32) -> Matrix {
    matrix(engine, rows, columns, &noise(seed, rows * columns).iter().map(|v| scale * v).collect::<Vec<_>>())
}

/// Activities as a layer leaves them: none negative, and their sums of squares.
fn activity(engine: &dyn Engine, seed: u32, rows: usize, columns: usize) -> Activity {
    let hs: Vec<f32> = noise(seed, rows * columns).iter().map(|v| 2.0 * v.max(0.0)).collect();
    let squares: Vec<f32> = hs.chunks(columns).map(|row| row.iter().map(|h| h * h).sum()).collect();
    let mut sums = engine.sums(rows, columns).expect("room");
    engine.write(&mut sums, &squares);
    Activity { values: values(engine, rows, columns, &hs), squares: sums, goodness: None }
}

/// Rules other than the standard one; `blocks` only where whole vectors of units make one.
pub fn rules(columns: usize) -> Vec<Rule> {
    let standard = Rule::default();
    let (tanh, sum) = (Activation::Tanh, Goodness::Sum);
    let mut rules = vec![
        Rule { sign: Sign::Minimise, ..standard },
        Rule { goodness: sum, ..standard },
        Rule { activation: tanh, ..standard },
        Rule { activation: tanh, goodness: sum, sign: Sign::Minimise, ..standard },
    ];
    if columns.is_multiple_of(20) {
        rules.push(Rule { blocks: 5, goodness: sum, ..standard });
    }
    rules
}

fn connection(engine: &dyn Engine, seed: u32, inner: usize, columns: usize) -> Connection {
    Connection::dense(
        noisy(engine, seed, inner, columns, 1.0 / (inner as f32).sqrt()),
        noisy(engine, seed + 2, inner, columns, 0.05),
    )
}

fn layer(engine: &dyn Engine, inner: usize, columns: usize) -> Layer {
    let mean: Vec<f32> = noise(5, columns).iter().map(|v| 0.5 + 0.4 * v).collect();
    Layer {
        rule: Rule::default(),
        below: connection(engine, 1, inner, columns),
        above: None,
        bias: noisy(engine, 2, 1, columns, 0.3),
        bias_velocity: noisy(engine, 4, 1, columns, 0.05),
        mean_activity: matrix(engine, 1, columns, &mean),
    }
}

fn pictures(engine: &dyn Engine, count: usize, pixels: usize, columns: usize, classes: usize) -> Pictures {
    let mut inks: Vec<f32> = noise(6, count * pixels).iter().map(|v| v.max(0.0)).collect();
    inks.chunks_mut(pixels).for_each(|row| row[..classes].fill(0.0));
    let squares: Vec<f32> = inks.chunks(pixels).map(|row| row.iter().map(|v| v * v).sum()).collect();
    Pictures {
        rows: Activity {
            values: values(engine, count, pixels, &inks),
            squares: matrix(engine, count, 1, &squares),
            goodness: None,
        },
        product: noisy(engine, 7, count, columns, 1.0),
        label_pixels: classes,
    }
}

/// Blocks of `rows` after as many neutral rows, as a trainer lays them out.
fn blocks(rows: usize) -> Blocks {
    Blocks { positive: rows..2 * rows, negative: 2 * rows..3 * rows }
}

/// Codes of three blocks: neutral, then labels.
fn labels(engine: &dyn Engine, rows: usize, classes: usize) -> Labels {
    let mut labels = engine.labels(3 * rows).expect("room");
    let code =
        |row: usize| if row < rows { NEUTRAL } else { (random::uniform(8, row as u32, 0) * classes as f32) as u8 };
    engine.write_labels(&mut labels, 0, &(0..3 * rows).map(code).collect::<Vec<_>>());
    labels
}

fn verdict(engine: &dyn Engine, rows: usize, columns: usize) -> Verdict {
    Verdict {
        coefficients: noisy(engine, 9, rows, 1, 1.0),
        peer: noisy(engine, 10, 1, columns, 0.02),
        metrics: noisy(engine, 11, 1, metric::COUNT, 1.0),
    }
}

async fn read<const N: usize>(engine: &dyn Engine, matrices: [(&'static str, &Matrix); N]) -> Vec<Outcome> {
    let values = engine.read_all(&matrices.map(|(_, matrix)| matrix)).await.expect("an engine that works");
    matrices.into_iter().zip(values).map(|((name, _), values)| (name, values)).collect()
}

async fn read_layer(engine: &dyn Engine, layer: &Layer) -> Vec<Outcome> {
    let Layer { below: Connection { weight, velocity, .. }, bias, bias_velocity, .. } = layer;
    read(engine, [("weight", weight), ("bias", bias), ("velocity", velocity), ("bias_velocity", bias_velocity)]).await
}

/// Images of a made-up data set.
const STORED: u32 = 40;

fn dataset(engine: &dyn Engine, shape: Shape) -> ImageBytes {
    let bytes = (0..STORED * shape.pixels() as u32).map(|i| (random::hash(12, i, 0)[0] >> 24) as u8).collect();
    engine.dataset(&Images::new(shape, bytes).expect("whole images")).expect("room")
}

fn picks(seed: u32, count: usize) -> Vec<Pick> {
    (0..count as u32)
        .map(|i| {
            let [index, dx, dy] = random::hash(seed, i, 0);
            Pick { index: index % STORED, dx: (dx % 9) as i8 - 4, dy: (dy % 9) as i8 - 4 }
        })
        .collect()
}

/// Room for `rows` rows of what comes in, in which nothing is written yet.
fn empty(engine: &dyn Engine, rows: usize, columns: usize) -> Activity {
    let (values, squares) = (engine.values(rows, columns), engine.matrix(rows, 1));
    Activity { values: values.expect("room"), squares: squares.expect("room"), goodness: None }
}

/// Room for `rows` rows of a layer's activities.
fn vacant(engine: &dyn Engine, rows: usize, columns: usize) -> Activity {
    Activity { squares: engine.sums(rows, columns).expect("room"), ..empty(engine, rows, columns) }
}

/// With `front` the label has inputs of its own before the picture.
pub async fn gather(engine: &dyn Engine, shape: Shape, count: usize, label_pixels: usize, front: bool) -> Vec<Outcome> {
    let first = 3;
    let mut rows = empty(engine, first + count, shape.pixels() + if front { label_pixels } else { 0 });
    engine.gather(&dataset(engine, shape), &picks(13, count), first, label_pixels, &mut rows);
    read(engine, [("values", &rows.values), ("squares", &rows.squares)]).await
}

pub async fn mix(engine: &dyn Engine, shape: Shape, count: usize) -> Vec<Outcome> {
    let first = 3;
    let mut rows = empty(engine, first + count, shape.pixels());
    let pairs: Vec<[Pick; 2]> = picks(14, count).into_iter().zip(picks(15, count)).map(|(a, b)| [a, b]).collect();
    let key = MaskKey { seed: 16, step: 17, blurs: 6 };
    engine.mix(&dataset(engine, shape), &pairs, first, &key, &mut rows);
    read(engine, [("values", &rows.values), ("squares", &rows.squares)]).await
}

pub async fn connect(engine: &dyn Engine, rows: usize, inner: usize, columns: usize) -> Vec<Outcome> {
    let below = activity(engine, 14, rows + 5, inner);
    let above = activity(engine, 30, rows + 5, columns);
    let mut sum = noisy(engine, 31, rows + 5, columns, 9.0);
    let [from_below, from_above] = [inner, columns].map(|inner| connection(engine, 32, inner, columns));
    engine.connect(&Input::layer(&below), &from_below, 2..rows + 2, false, &mut sum);
    let raw = Input::Layer { rows: &above, normalised: false };
    engine.connect(&raw, &from_above, 1..rows + 1, true, &mut sum);
    read(engine, [("sum", &sum)]).await
}

pub async fn connect_pictures(engine: &dyn Engine, rows: usize, pixels: usize, columns: usize) -> Vec<Outcome> {
    let pixels = pixels.max(10 + 1);
    let mut pictures = Pictures { label_pixels: 0, ..pictures(engine, rows, pixels, columns, 10) };
    let connection = connection(engine, 1, pixels, columns);
    let mut sum = noisy(engine, 31, 2 * rows, columns, 9.0);
    engine.project(&mut pictures, rows, &connection);
    let labels = engine.labels(2 * rows).expect("room");
    let input = Input::Pictures { pictures: &pictures, labels: &labels, first_picture: 0, count: rows };
    engine.connect(&input, &connection, 0..2 * rows, true, &mut sum);
    read(engine, [("product", &pictures.product), ("sum", &sum)]).await
}

pub async fn settle(engine: &dyn Engine, rows: usize, columns: usize) -> Vec<Outcome> {
    let layer = layer(engine, 10, columns);
    let sum = noisy(engine, 33, rows + 3, columns, 1.0);
    let before = activity(engine, 34, rows + 3, columns);
    let (mut raw, mut turned) = (vacant(engine, rows + 3, columns), vacant(engine, rows + 3, columns));
    let mut gated = values(engine, rows + 3, columns, &noise(35, (rows + 3) * columns));
    for (normalised, output) in [(false, &mut raw), (true, &mut turned)] {
        let previous = Previous { activity: &before, damping: 0.3, normalised };
        engine.settle(&sum, &layer, &previous, 2..rows + 2, output, &mut gated);
    }
    let matrices =
        [("values", &raw.values), ("squares", &raw.squares), ("normalised values", &turned.values), ("gated", &gated)];
    read(engine, matrices).await
}

pub async fn express(engine: &dyn Engine, rows: usize, classes: usize) -> Vec<Outcome> {
    let labels = labels(engine, rows, classes);
    let mut top = activity(engine, 36, 3 * rows, classes);
    engine.express(&labels, rows - 1..3 * rows, 3.0, &mut top);
    read(engine, [("values", &top.values), ("squares", &top.squares)]).await
}

/// The table and the median step at numbers that rounding may pass, so operands keep away from both.
pub async fn transform(engine: &dyn Engine, obstacle: Obstacle, rows: usize, columns: usize) -> Vec<Outcome> {
    let steps: Vec<f32> = noise(37, rows * columns).iter().map(|v| (v.max(0.0) * 20.0).floor() / 8.0).collect();
    // All rows have the scale 1: x is the activity itself, in the middle between the table's steps.
    let hs: Vec<f32> = steps.iter().map(|v| if *v > 0.0 { v + 1.0 / 32.0 } else { 0.0 }).collect();
    let mut output = empty(engine, rows + 2, columns);
    let mut padded = vec![1.0; (rows + 2) * columns];
    padded[columns..(rows + 1) * columns].copy_from_slice(&hs);
    let input = Activity {
        values: values(engine, rows + 2, columns, &padded),
        squares: matrix(engine, rows + 2, 1, &vec![columns as f32; rows + 2]),
        goodness: None,
    };
    engine.transform(obstacle, 5, &input, 1..rows + 1, &mut output);
    read(engine, [("values", &output.values), ("squares", &output.squares)]).await
}

pub async fn backward(engine: &dyn Engine, rows: usize, inner: usize, columns: usize) -> Vec<Outcome> {
    let delta = noisy(engine, 38, rows + 2, columns, 1.0);
    let connection = connection(engine, 1, inner, columns);
    let below = activity(engine, 39, rows + 2, inner);
    let hs: Vec<f32> = noise(41, (rows + 2) * inner).iter().map(|v| 0.9 * v).collect();
    let tanh = Activity { values: values(engine, rows + 2, inner, &hs), ..empty(engine, rows + 2, inner) };
    let [mut relu_delta, mut tanh_delta] = [40, 42].map(|seed| noisy(engine, seed, rows + 2, inner, 1.0));
    engine.backward(&delta, &connection, &below, Activation::Relu, 1..rows + 1, &mut relu_delta);
    engine.backward(&delta, &connection, &tanh, Activation::Tanh, 1..rows + 1, &mut tanh_delta);
    read(engine, [("relu", &relu_delta), ("tanh", &tanh_delta)]).await
}

pub async fn given(engine: &dyn Engine, rows: usize, inner: usize, columns: usize) -> Vec<Outcome> {
    let below = activity(engine, 17, rows, inner);
    let delta = noisy(engine, 43, rows, columns, 1.0);
    let mut layer = layer(engine, inner, columns);
    let delta = Delta::Given { delta: &delta, rows: 0..rows };
    let input = Input::Layer { rows: &below, normalised: false };
    engine.update(&input, &delta, &RATES, &mut layer.below);
    engine.update_bias(&delta, &RATES, &mut layer);
    read_layer(engine, &layer).await
}

pub async fn mask(engine: &dyn Engine, inner: usize, columns: usize) -> Vec<Outcome> {
    let ones: Vec<f32> = noise(44, inner * columns).iter().map(|v| f32::from(u8::from(*v > 0.0))).collect();
    let mut connection = connection(engine, 1, inner, columns);
    engine.mask(&matrix(engine, inner, columns, &ones), &mut connection);
    read(engine, [("weight", &connection.weight), ("velocity", &connection.velocity)]).await
}

/// One layer under a rule other than the standard one, from its input to its new weights.
pub async fn rule(engine: &dyn Engine, rule: Rule, rows: usize, inner: usize, columns: usize) -> Vec<Outcome> {
    let inner = inner.max(10 + 1);
    let mut pictures = pictures(engine, rows, inner, columns, 10);
    let below = activity(engine, 17, 3 * rows, inner);
    let labels = labels(engine, rows, 10);
    let of_pictures = |pictures| Input::Pictures { pictures, labels: &labels, first_picture: 0, count: rows };
    let [mut first, mut second] = [(); 2].map(|()| Layer { rule, ..layer(engine, inner, columns) });
    let goodness = || (!rule.is_plain()).then(|| noisy(engine, 45, 3 * rows, rule.blocks, 9.0));
    let [mut low, mut high] = [(); 2].map(|()| Activity { goodness: goodness(), ..vacant(engine, 3 * rows, columns) });
    engine.project(&mut pictures, rows, &first.below);
    engine.forward(&of_pictures(&pictures), &first, 0..3 * rows, &mut low);
    engine.forward(&Input::layer(&below), &second, 0..3 * rows, &mut high);
    let [mut low_verdict, mut high_verdict] = [(); 2].map(|()| Verdict {
        coefficients: noisy(engine, 9, 3 * rows, rule.blocks, 1.0),
        ..verdict(engine, 3 * rows, columns)
    });
    let objective = Objective { threshold: 0.4 * columns as f32, temperature: 0.2 * columns as f32, peer: 0.03 };
    let blocks = blocks(rows);
    for (activity, layer, verdict) in
        [(&mut low, &mut first, &mut low_verdict), (&mut high, &mut second, &mut high_verdict)]
    {
        engine.measure(rule, 0..3 * rows, activity);
        engine.judge(activity, &blocks, &objective, layer, verdict);
    }
    for (input, activity, layer, verdict) in [
        (of_pictures(&pictures), &low, &mut first, &low_verdict),
        (Input::layer(&below), &high, &mut second, &high_verdict),
    ] {
        let delta = Delta::Local { values: &activity.values, verdict, blocks: &blocks, rule };
        engine.update(&input, &delta, &RATES, &mut layer.below);
        engine.update_bias(&delta, &RATES, layer);
    }
    let mut outcomes = read_layer(engine, &first).await;
    outcomes.extend(read_layer(engine, &second).await);
    let matrices = [
        ("first values", &low.values),
        ("values", &high.values),
        ("goodness", high.goodness()),
        ("coefficients", &high_verdict.coefficients),
        ("metrics", &high_verdict.metrics),
    ];
    outcomes.extend(read(engine, matrices).await);
    outcomes
}

pub async fn forward(engine: &dyn Engine, rows: usize, inner: usize, columns: usize) -> Vec<Outcome> {
    let below = activity(engine, 14, rows + 5, inner);
    let layer = layer(engine, inner, columns);
    let mut above = activity(engine, 15, rows + 5, columns);
    engine.forward(&Input::layer(&below), &layer, 2..rows + 2, &mut above);
    let mut raw = activity(engine, 15, rows + 5, columns);
    engine.forward(&Input::Layer { rows: &below, normalised: false }, &layer, 2..rows + 2, &mut raw);
    read(engine, [("values", &above.values), ("squares", &above.squares), ("raw values", &raw.values)]).await
}

pub async fn forward_pictures(
    engine: &dyn Engine,
    rows: usize,
    pixels: usize,
    columns: usize,
    classes: usize,
) -> Vec<Outcome> {
    // The first are blank, so there must be more for a product to be seen.
    let pixels = pixels.max(classes + 1);
    let mut pictures = pictures(engine, rows, pixels, columns, classes);
    let layer = layer(engine, pixels, columns);
    let labels = labels(engine, rows, classes);
    let mut above = activity(engine, 15, 3 * rows, columns);
    engine.project(&mut pictures, rows, &layer.below);
    let input = Input::Pictures { pictures: &pictures, labels: &labels, first_picture: 0, count: rows };
    engine.forward(&input, &layer, 0..3 * rows, &mut above);
    let matrices = [("product", &pictures.product), ("values", &above.values), ("squares", &above.squares)];
    read(engine, matrices).await
}

pub async fn judge(engine: &dyn Engine, rows: usize, columns: usize) -> Vec<Outcome> {
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

pub async fn update(engine: &dyn Engine, rows: usize, inner: usize, columns: usize) -> Vec<Outcome> {
    let below = activity(engine, 17, 3 * rows, inner);
    let above = activity(engine, 18, 3 * rows, columns);
    let mut layer = layer(engine, inner, columns);
    let verdict = verdict(engine, 3 * rows, columns);
    let blocks = blocks(rows);
    let delta = Delta::Local { values: &above.values, verdict: &verdict, blocks: &blocks, rule: layer.rule };
    engine.update(&Input::layer(&below), &delta, &RATES, &mut layer.below);
    engine.update_bias(&delta, &RATES, &mut layer);
    read_layer(engine, &layer).await
}

pub async fn update_pictures(
    engine: &dyn Engine,
    rows: usize,
    pixels: usize,
    columns: usize,
    classes: usize,
) -> Vec<Outcome> {
    let pixels = pixels.max(classes);
    let pictures = pictures(engine, rows, pixels, columns, classes);
    let above = activity(engine, 18, 3 * rows, columns);
    let mut layer = layer(engine, pixels, columns);
    let verdict = verdict(engine, 3 * rows, columns);
    let labels = labels(engine, rows, classes);
    let input = Input::Pictures { pictures: &pictures, labels: &labels, first_picture: 0, count: rows };
    let blocks = blocks(rows);
    let delta = Delta::Local { values: &above.values, verdict: &verdict, blocks: &blocks, rule: layer.rule };
    engine.update(&input, &delta, &RATES, &mut layer.below);
    engine.update_bias(&delta, &RATES, &mut layer);
    read_layer(engine, &layer).await
}

fn head(engine: &dyn Engine, seed: u32, columns: usize, classes: usize) -> Connection {
    Connection::dense(noisy(engine, seed, columns, classes, 0.2), noisy(engine, seed + 1, columns, classes, 0.1))
}

pub async fn classify(engine: &dyn Engine, rows: usize, columns: usize, classes: usize) -> Vec<Outcome> {
    let layers = [activity(engine, 19, rows, columns), activity(engine, 20, rows, columns + 3)];
    let head = [head(engine, 21, columns, classes), head(engine, 23, columns + 3, classes)];
    let mut logits = noisy(engine, 25, rows, classes, 9.0);
    let mut raw = noisy(engine, 25, rows, classes, 9.0);
    engine.classify(&[&layers[0], &layers[1]], &head, true, rows, &mut logits);
    engine.classify(&[&layers[0], &layers[1]], &head, false, rows, &mut raw);
    read(engine, [("logits", &logits), ("raw logits", &raw)]).await
}

pub async fn learn_head(engine: &dyn Engine, rows: usize, columns: usize, classes: usize) -> Vec<Outcome> {
    let layers = [activity(engine, 19, rows, columns), activity(engine, 20, rows, columns + 3)];
    let mut head = [head(engine, 21, columns, classes), head(engine, 23, columns + 3, classes)];
    let logits = noisy(engine, 25, rows, classes, 3.0);
    let labels = labels(engine, rows, classes);
    let mut error = noisy(engine, 26, rows, classes, 3.0);
    engine.blame(&logits, &labels, blocks(rows).positive, &mut error);
    engine.learn_head(&[&layers[0], &layers[1]], &error, true, rows, &RATES, &mut head);
    engine.learn_head(&[&layers[1]], &error, false, rows, &RATES, &mut head[1..]);
    let [a, b] = &head;
    let matrices =
        [("error", &error), ("first weight", &a.weight), ("first velocity", &a.velocity), ("weight", &b.weight)];
    read(engine, matrices).await
}

pub async fn tally(engine: &dyn Engine, rows: usize, classes: usize) -> Vec<Outcome> {
    let goodness = Some(noisy(engine, 46, (classes + 1) * rows, 5, 9.0));
    let layers = [
        activity(engine, 26, (classes + 1) * rows, 13),
        Activity { goodness, ..activity(engine, 27, (classes + 1) * rows, 10) },
    ];
    let mut scores = noisy(engine, 28, rows, classes, 9.0);
    let votes = [(&layers[0], Sign::Maximise), (&layers[1], Sign::Minimise)];
    engine.tally(&votes, rows, rows, &mut scores);
    read(engine, [("scores", &scores)]).await
}

pub async fn propose(engine: &dyn Engine, rows: usize, classes: usize) -> Vec<Outcome> {
    let scores = noisy(engine, 29, rows, classes, 4.0);
    let mut labels = labels(engine, rows, classes);
    engine.propose(&scores, &blocks(rows), 77, 5, &mut labels);
    let codes = engine.read_labels(&labels).await.expect("an engine that works");
    vec![("labels", codes.into_iter().map(|code| f32::from(code) + 1.0).collect())]
}

/// A connection through windows, without weights beyond the edges, and one that hears all by the same weights.
fn windows(engine: &dyn Engine, seed: u32, local: Local) -> [Connection; 2] {
    let ([inputs, units], places) = (local.sides(), local.places());
    let spread = 1.0 / (places as f32).sqrt();
    let [mut weight, mut velocity] =
        [(seed, spread), (seed + 2, 0.05)].map(|(seed, scale)| scaled(seed, units * places, scale));
    let [mut dense, mut momentum] = [(); 2].map(|()| vec![0.0; inputs * units]);
    for unit in 0..units {
        for place in 0..places {
            let from = unit * places + place;
            if let Some(seen) = local.seen(unit, place) {
                dense[seen * units + unit] = weight[from];
                momentum[seen * units + unit] = velocity[from];
            } else {
                (weight[from], velocity[from]) = (0.0, 0.0);
            }
        }
    }
    let whole = |values: &[f32]| matrix(engine, inputs, units, values);
    [
        Connection {
            weight: matrix(engine, units, places, &weight),
            velocity: matrix(engine, units, places, &velocity),
            wiring: Wiring::Local(local),
        },
        Connection::dense(whole(&dense), whole(&momentum)),
    ]
}

fn scaled(seed: u32, count: usize, scale: f32) -> Vec<f32> {
    noise(seed, count).iter().map(|v| scale * v).collect()
}

/// A dense connection's values where a local one has some, and zeros beyond the edges, `[N, F]`.
fn in_windows(local: Local, dense: &[f32]) -> Vec<f32> {
    let [_, units] = local.sides();
    let value = |i: usize| {
        let (unit, place) = (i / local.places(), i % local.places());
        local.seen(unit, place).map_or(0.0, |seen| dense[seen * units + unit])
    };
    (0..units * local.places()).map(value).collect()
}

/// Everything a layer does through `connection`: from pictures and from a layer, up, both steps of an update, and down.
async fn through(
    engine: &dyn Engine,
    connection: Connection,
    [inputs, units]: [usize; 2],
    rows: usize,
) -> Vec<Outcome> {
    let mut layer = Layer { below: connection, ..layer(engine, 1, units) };
    let mut pictures = Pictures { label_pixels: 0, ..pictures(engine, rows, inputs.max(10), units, 10) };
    let below = activity(engine, 50, 2 * rows + 3, inputs);
    let (labels, mut sum) = (labels(engine, rows, 10), noisy(engine, 51, 2 * rows + 3, units, 1.0));
    let mut above = activity(engine, 52, 2 * rows + 3, units);
    let raw = Input::Layer { rows: &below, normalised: false };
    engine.project(&mut pictures, rows, &layer.below);
    engine.connect(&Input::layer(&below), &layer.below, 2..2 * rows + 2, false, &mut sum);
    engine.connect(&raw, &layer.below, 1..rows + 1, true, &mut sum);
    engine.forward(&Input::layer(&below), &layer, 1..2 * rows + 1, &mut above);
    let mut outcomes = read(engine, [("product", &pictures.product), ("sum", &sum)]).await;
    outcomes.extend(read(engine, [("values", &above.values), ("squares", &above.squares)]).await);
    let of_pictures = Input::Pictures { pictures: &pictures, labels: &labels, first_picture: 0, count: rows };
    engine.forward(&of_pictures, &layer, 0..2 * rows, &mut above);
    outcomes.extend(read(engine, [("values of pictures", &above.values)]).await);
    let mut down = noisy(engine, 53, 2 * rows + 3, inputs, 1.0);
    let delta = noisy(engine, 55, 2 * rows + 3, units, 1.0);
    engine.backward(&delta, &layer.below, &below, Activation::Relu, 1..rows + 1, &mut down);
    outcomes.extend(read(engine, [("down", &down)]).await);
    let verdict = verdict(engine, 2 * rows, units);
    let blocks = Blocks { positive: 0..rows, negative: rows..2 * rows };
    let delta = Delta::Local { values: &above.values, verdict: &verdict, blocks: &blocks, rule: layer.rule };
    engine.update(&Input::layer(&below), &delta, &RATES, &mut layer.below);
    engine.update(&of_pictures, &delta, &RATES, &mut layer.below);
    outcomes.extend(read(engine, [("weight", &layer.below.weight), ("velocity", &layer.below.velocity)]).await);
    outcomes
}

/// A layer whose units see windows.
pub async fn local(engine: &dyn Engine, local: Local, rows: usize) -> Vec<Outcome> {
    let [connection, _] = windows(engine, 54, local);
    through(engine, connection, local.sides(), rows).await
}

/// The same layer with all the weights that a dense one has, of which those between the windows are zero: what they learn is
/// left out.
pub async fn masked(engine: &dyn Engine, local: Local, rows: usize) -> Vec<Outcome> {
    let [_, connection] = windows(engine, 54, local);
    let mut outcomes = through(engine, connection, local.sides(), rows).await;
    for (name, values) in &mut outcomes {
        if ["weight", "velocity"].contains(name) {
            *values = in_windows(local, values);
        }
    }
    outcomes
}
