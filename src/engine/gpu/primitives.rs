//! Each primitive of [`Engine`] as dispatches; what takes more than one stands in `learning` and `head`. The formulas stand in the
//! shaders' heads.

use super::head::{AT_ONCE, learn, of_blocks, of_layers};
use super::kernel::Kernel;
use super::learning::batch;
use super::memory::{self, Allocation, PART, Padded};
use super::parameters::Parameters;
use super::source::NO_CODE;
use super::{Gpu, Scratch, head, learning};
use crate::dataset::Images;
use crate::engine::cpu::TABLE;
use crate::engine::{
    Activation, Activity, Blocks, Connection, Delta, Engine, Goodness, Identity, ImageBytes, Input, Labels, Later,
    Layer, Local, MaskKey, Matrix, NEUTRAL, Objective, Obstacle, Pick, Pictures, Previous, Rates, Reading, Rule, Sign,
    Spent, Teaching, Verdict, Wiring, neutral_strength,
};
use crate::error::Result;
use std::ops::Range;

/// Invocations of a workgroup of the kernels that give each row, unit or column one.
pub(super) const LINE: u32 = 64;
/// Vectors and rows of a workgroup of the kernels that give each vector of each row an invocation.
const AREA: [u32; 2] = [16, 4];
/// Parts of a row's sum of squares, and rows, of a workgroup of `forward_pictures.wgsl`.
const PICTURE_GROUP: u32 = 8;
/// Picks staged at once: more would crowd the arena.
const PICKS_AT_ONCE: usize = 1 << 14;

pub(super) fn dispatch(gpu: &Gpu, kernel: Kernel, p: &Parameters, buffers: &[&Allocation], groups: [u32; 3]) {
    let mut bound = [None; 8];
    for (to, from) in bound.iter_mut().zip(buffers) {
        *to = Some(*from);
    }
    gpu.recorder.borrow_mut().dispatch(kernel, p, &bound[..buffers.len()], groups);
}

/// Label codes that go along with picks, from one row on and from another, and where they go.
type Coded<'a> = (&'a [(usize, &'a [u8])], &'a Labels);

/// `gather`, or with label codes `take_in`.
fn gather(
    gpu: &Gpu,
    dataset: &ImageBytes,
    picks: &[Pick],
    first_row: usize,
    label_pixels: usize,
    coded: Option<Coded>,
    rows: &mut Activity,
) {
    let (codes, labels) = coded.unzip();
    let codes = codes.unwrap_or_default();
    debug_assert!(codes.len() <= 2, "two codes travel beside a pick");
    let first = |k: usize| codes.get(k).map_or(0, |(first, _)| *first);
    let code = |k: usize, i: usize| codes.get(k).map_or(NO_CODE, |(_, codes)| codes[i]);
    let kernel = Kernel::Gather { labelled: labels.is_some() };
    let front = rows.values.columns() - dataset.gpu().shape.pixels();
    for (i, some) in picks.chunks(PICKS_AT_ONCE).enumerate() {
        let done = i * PICKS_AT_ONCE;
        let p = Parameters {
            first_row: (first_row + done) as u32,
            label_pixels: label_pixels.max(front) as u32,
            front: front as u32,
            positive: (first(0) + done) as u32,
            negative: (first(1) + done) as u32,
            ..of_dataset(dataset, rows)
        };
        let coded = some.iter().zip(done..).flat_map(|(pick, i)| words(*pick, [code(0, i), code(1, i)]));
        let words: Vec<u32> = coded.collect();
        from_dataset(gpu, kernel, p, dataset, &words, some.len(), rows, labels);
    }
}

/// What kernels that read a data set are told of it.
fn of_dataset(dataset: &ImageBytes, rows: &Activity) -> Parameters {
    let shape = dataset.gpu().shape;
    Parameters {
        inner: rows.values.pitch(),
        width: shape.pixels() as u32,
        image_width: shape.width as u32,
        image_height: shape.height as u32,
        channels: shape.channels as u32,
        ..Parameters::default()
    }
}

/// A pick as kernels read it: index, then both shifts and two label codes in one word.
fn words(pick: Pick, [a, b]: [u8; 2]) -> [u32; 2] {
    [pick.index, u32::from_le_bytes([pick.dx as u8, pick.dy as u8, a, b])]
}

/// One workgroup a picture of `kernel`, which reads `picks` out of the arena.
#[allow(clippy::too_many_arguments, reason = "what a kernel is given")]
fn from_dataset(
    gpu: &Gpu,
    kernel: Kernel,
    p: Parameters,
    dataset: &ImageBytes,
    picks: &[u32],
    count: usize,
    rows: &mut Activity,
    labels: Option<&Labels>,
) {
    debug_assert_eq!(rows.squares.pitch(), 1, "the sums of squares of what comes in are not kept in parts");
    let mut buffers = vec![Some(&dataset.gpu().memory), None, Some(rows.values.memory()), Some(rows.squares.memory())];
    buffers.extend(labels.map(|labels| Some(labels.memory())));
    let with_picks = |at: u64| Parameters { picks_at: at as u32 / 4, ..p };
    let groups = [count as u32, 1, 1];
    gpu.recorder.borrow_mut().dispatch_with(kernel, bytemuck::cast_slice(picks), with_picks, &buffers, groups);
}

/// `[D, N]` of a connection.
pub(super) fn sides(connection: &Connection) -> [u32; 2] {
    connection.wiring.sides([connection.weight.rows(), connection.weight.columns()]).map(|units| units as u32)
}

/// What kernels of local wiring are told of it.
pub(super) fn of_windows(local: Local, p: Parameters) -> Parameters {
    Parameters {
        image_width: local.width as u32,
        image_height: local.height as u32,
        channels: local.inputs as u32,
        window: local.window as u32,
        ..p
    }
}

/// Rows of an invocation of `connect_local.wgsl`.
const WINDOW_ROWS: u32 = 4;

fn connect(gpu: &Gpu, input: &Input, connection: &Connection, rows: Range<usize>, accumulate: bool, sum: &Allocation) {
    let [width, units] = sides(connection);
    let mut p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        columns: units.div_ceil(4),
        width,
        units,
        accumulate: u32::from(accumulate),
        ..Parameters::default()
    };
    match input {
        Input::Layer { rows: read, normalised } => {
            p.inner = read.values.pitch();
            p.normalised = u32::from(*normalised);
            p.parts = read.squares.pitch();
            let buffers = [read.values.memory(), connection.weight.memory(), sum, read.squares.memory()];
            if let Wiring::Local(local) = connection.wiring {
                let p = of_windows(local, p);
                let groups = [p.units.div_ceil(LINE), p.rows.div_ceil(WINDOW_ROWS), 1];
                return dispatch(gpu, Kernel::ConnectLocal, &p, &buffers, groups);
            }
            let tiling = gpu.tiling(rows.len(), connection.weight.columns());
            dispatch(gpu, Kernel::Connect(tiling), &p, &buffers, tiling.workgroups(p.rows, p.columns));
        }
        Input::Pictures { pictures, first_picture, count, .. } => {
            debug_assert_eq!(pictures.label_pixels, 0, "a layer of several inputs has its label on top");
            p.first_picture = *first_picture as u32;
            p.pictures = *count as u32;
            let buffers = [pictures.product.memory(), pictures.rows.squares.memory(), sum];
            dispatch(gpu, Kernel::ConnectPictures, &p, &buffers, over(&p));
        }
    }
}

/// What kernels are told of a layer's rule.
pub(super) fn of_rule(rule: Rule) -> Parameters {
    Parameters {
        blocks: rule.blocks as u32,
        sign: rule.sign.factor(),
        tanh: u32::from(rule.activation == Activation::Tanh),
        sums: u32::from(rule.goodness == Goodness::Sum),
        ..Parameters::default()
    }
}

/// Workgroups of the kernels that give each vector of each row an invocation.
pub(super) fn over(p: &Parameters) -> [u32; 3] {
    [p.columns.div_ceil(AREA[0]), p.rows.div_ceil(AREA[1]), 1]
}

fn forward(gpu: &Gpu, input: &Input, layer: &Layer, rows: Range<usize>, output: &mut Activity) {
    let [width, units] = sides(&layer.below);
    debug_assert_eq!(output.values.columns(), units as usize);
    debug_assert_eq!(output.squares.pitch(), units.div_ceil(4 * PART as u32), "`Engine::sums` makes their room");
    let mut p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        columns: output.values.pitch(),
        width,
        groups: output.squares.pitch(),
        ..of_rule(layer.rule)
    };
    if let (Input::Layer { .. }, Wiring::Local(_)) = (input, layer.below.wiring) {
        let sum = gpu.scratch(Scratch::Rows, Padded::new(rows.end, units as usize).bytes());
        connect(gpu, input, &layer.below, rows, false, &sum);
        let buffers = [&*sum, layer.bias.memory(), output.values.memory(), output.squares.memory()];
        return dispatch(gpu, Kernel::Settle { previous: false }, &p, &buffers, [p.rows, 1, 1]);
    }
    match input {
        Input::Layer { rows: below, normalised } => {
            p.inner = below.values.pitch();
            p.normalised = u32::from(*normalised);
            p.parts = below.squares.pitch();
            let buffers = [
                below.values.memory(),
                layer.below.weight.memory(),
                output.values.memory(),
                below.squares.memory(),
                layer.bias.memory(),
                output.squares.memory(),
            ];
            let tiling = gpu.tiling(rows.len(), layer.below.weight.columns());
            dispatch(gpu, Kernel::Forward(tiling), &p, &buffers, tiling.workgroups(p.rows, p.columns));
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            p.first_picture = *first_picture as u32;
            p.pictures = *count as u32;
            p.label_pixels = pictures.label_pixels as u32;
            p.neutral = neutral_strength(pictures.label_pixels);
            let buffers = [
                pictures.product.memory(),
                pictures.rows.squares.memory(),
                labels.memory(),
                layer.below.weight.memory(),
                layer.bias.memory(),
                output.values.memory(),
                output.squares.memory(),
            ];
            let groups = [(4 * p.groups).div_ceil(PICTURE_GROUP), p.rows.div_ceil(PICTURE_GROUP), 1];
            dispatch(gpu, Kernel::ForwardPictures, &p, &buffers, groups);
        }
    }
}

impl Engine for Gpu {
    fn identity(&self) -> Identity {
        let half = if self.half() { ", activities in f16" } else { "" };
        Identity { kind: "webgpu", name: format!("{}{half}", self.report.name) }
    }

    fn matrix(&self, rows: usize, columns: usize) -> Result<Matrix> {
        self.padded(Padded::new(rows, columns), [rows, columns])
    }

    fn values(&self, rows: usize, columns: usize) -> Result<Matrix> {
        self.padded(Padded::new(rows, columns).halved(self.half()), [rows, columns])
    }

    fn sums(&self, rows: usize, columns: usize) -> Result<Matrix> {
        self.allocate("sums of squares", Padded::sums(rows, columns), [rows, 1])
    }

    fn write(&self, matrix: &mut Matrix, values: &[f32]) {
        let padded = matrix.shape().pad(values);
        self.recorder.borrow_mut().write(matrix.memory(), 0, bytemuck::cast_slice(&padded));
    }

    fn begin_reading(&self, matrices: &[&Matrix]) -> Result<Reading> {
        let sources: Vec<_> = matrices.iter().map(|m| (m.memory(), m.memory().buffer.size())).collect();
        let words = self.recorder.borrow_mut().read(&sources)?;
        Ok(Reading::Gpu(super::Reading { words, shapes: matrices.iter().map(|m| m.shape()).collect() }))
    }

    fn has_arrived(&self, reading: &Reading) -> bool {
        // Natively callbacks run only inside a poll; in a page this does nothing.
        self.device.poll(wgpu::PollType::Poll).ok();
        reading.gpu().words.mapped.value().is_some()
    }

    fn finish_reading(&self, reading: Reading) -> Later<'_, Vec<Vec<f32>>> {
        Box::pin(async {
            let super::Reading { words, shapes } = reading.into_gpu();
            let words = self.words(words).await?;
            Ok(shapes.iter().zip(words).map(|(shape, words)| shape.unpad(words)).collect())
        })
    }

    fn pace(&self) -> Later<'_, ()> {
        Box::pin(self.paced())
    }

    fn watch(&self) -> Result<bool> {
        self.begin_profile()
    }

    fn spent(&self) -> Later<'_, Vec<Spent>> {
        Box::pin(self.profiled())
    }

    fn dataset(&self, images: &Images) -> Result<ImageBytes> {
        let bytes = images.bytes();
        let what = format!("{} images", images.len());
        let memory = self.allocator.storage(&what, bytes.len().next_multiple_of(4).max(4) as u64)?;
        let (whole, rest) = bytes.split_at(bytes.len() / 4 * 4);
        let mut recorder = self.recorder.borrow_mut();
        if !whole.is_empty() {
            recorder.write(&memory, 0, whole);
        }
        if !rest.is_empty() {
            let mut word = [0; 4];
            word[..rest.len()].copy_from_slice(rest);
            recorder.write(&memory, whole.len() as u64, &word);
        }
        Ok(ImageBytes::Gpu(memory::Bytes { memory, shape: images.shape() }))
    }

    fn labels(&self, rows: usize) -> Result<Labels> {
        let memory = self.allocator.storage("label codes", 4 * rows.max(1) as u64)?;
        let mut labels = Labels::Gpu(memory::Labels { memory, rows });
        self.write_labels(&mut labels, 0, &vec![NEUTRAL; rows]);
        Ok(labels)
    }

    fn write_labels(&self, labels: &mut Labels, first: usize, codes: &[u8]) {
        let words: Vec<u32> = codes.iter().map(|&code| u32::from(code)).collect();
        self.recorder.borrow_mut().write(labels.memory(), 4 * first as u64, bytemuck::cast_slice(&words));
    }

    fn read_labels<'a>(&'a self, labels: &'a Labels) -> Later<'a, Vec<u8>> {
        Box::pin(async {
            let bytes = 4 * labels.gpu().rows as u64;
            let reading = self.recorder.borrow_mut().read(&[(labels.memory(), bytes)])?;
            let words = self.words(reading).await?;
            Ok(words[0].iter().map(|&word| word as u8).collect())
        })
    }

    fn gather(&self, dataset: &ImageBytes, picks: &[Pick], first: usize, label_pixels: usize, rows: &mut Activity) {
        gather(self, dataset, picks, first, label_pixels, None, rows);
    }

    fn take_in(
        &self,
        dataset: &ImageBytes,
        picks: &[Pick],
        label_pixels: usize,
        codes: &[(usize, &[u8])],
        rows: &mut Activity,
        labels: &mut Labels,
    ) {
        gather(self, dataset, picks, 0, label_pixels, Some((codes, &*labels)), rows);
    }

    fn mix(&self, dataset: &ImageBytes, pairs: &[[Pick; 2]], first: usize, key: &MaskKey, rows: &mut Activity) {
        let MaskKey { seed, step, blurs } = *key;
        for (i, pairs) in pairs.chunks(PICKS_AT_ONCE / 2).enumerate() {
            let done = i * (PICKS_AT_ONCE / 2);
            let p = Parameters {
                first_row: (first + done) as u32,
                pictures: done as u32,
                seed,
                step,
                blurs: blurs as u32,
                ..of_dataset(dataset, rows)
            };
            let words: Vec<u32> = pairs.as_flattened().iter().flat_map(|pick| words(*pick, [NO_CODE; 2])).collect();
            from_dataset(self, Kernel::Mix, p, dataset, &words, pairs.len(), rows, None);
        }
    }

    fn project(&self, pictures: &mut Pictures, count: usize, connection: &Connection) {
        let blank = Input::Layer { rows: &pictures.rows, normalised: false };
        connect(self, &blank, connection, 0..count, false, pictures.product.memory());
    }

    fn forward(&self, input: &Input, layer: &Layer, rows: Range<usize>, output: &mut Activity) {
        forward(self, input, layer, rows, output);
    }

    fn connect(&self, input: &Input, connection: &Connection, rows: Range<usize>, accumulate: bool, sum: &mut Matrix) {
        connect(self, input, connection, rows, accumulate, sum.memory());
    }

    fn settle(
        &self,
        sum: &Matrix,
        layer: &Layer,
        previous: &Previous,
        rows: Range<usize>,
        output: &mut Activity,
        gated: &mut Matrix,
    ) {
        let p = Parameters {
            first_row: rows.start as u32,
            columns: sum.pitch(),
            units: sum.columns() as u32,
            damping: previous.damping,
            normalised: u32::from(previous.normalised),
            parts: previous.activity.squares.pitch(),
            groups: output.squares.pitch(),
            ..Parameters::default()
        };
        let Activity { values, squares, .. } = previous.activity;
        let read = [sum, &layer.bias, &output.values, &output.squares, values, squares, &*gated];
        dispatch(self, Kernel::Settle { previous: true }, &p, &read.map(Matrix::memory), [rows.len() as u32, 1, 1]);
    }

    fn express(&self, labels: &Labels, rows: Range<usize>, strength: f32, output: &mut Activity) {
        let p = Parameters {
            rows: rows.len() as u32,
            first_row: rows.start as u32,
            columns: output.values.pitch(),
            strength,
            ..Parameters::default()
        };
        let buffers = [labels.memory(), output.values.memory(), output.squares.memory()];
        dispatch(self, Kernel::Express, &p, &buffers, [p.rows.div_ceil(LINE), 1, 1]);
    }

    fn transform(&self, obstacle: Obstacle, seed: u32, input: &Activity, rows: Range<usize>, output: &mut Activity) {
        let kind = match obstacle {
            Obstacle::None => return debug_assert!(false, "no box, nothing to go through"),
            Obstacle::Median => 1,
            Obstacle::Sine => 2,
            Obstacle::Table => 3,
        };
        let p = Parameters {
            first_row: rows.start as u32,
            columns: input.values.pitch(),
            units: input.values.columns() as u32,
            seed: seed ^ TABLE,
            kind,
            parts: input.squares.pitch(),
            ..Parameters::default()
        };
        let buffers = [&input.values, &input.squares, &output.values, &output.squares].map(Matrix::memory);
        dispatch(self, Kernel::Transform, &p, &buffers, [rows.len() as u32, 1, 1]);
    }

    fn measure(&self, rule: Rule, rows: Range<usize>, activity: &mut Activity) {
        let Some(goodness) = &activity.goodness else { return };
        let p = Parameters {
            rows: rows.len() as u32,
            first_row: rows.start as u32,
            columns: activity.values.pitch(),
            units: activity.values.columns() as u32,
            ..of_rule(rule)
        };
        let groups = [p.rows.div_ceil(LINE), p.blocks, 1];
        dispatch(self, Kernel::Measure, &p, &[activity.values.memory(), goodness.memory()], groups);
    }

    fn assess(
        &self,
        activity: &Activity,
        blocks: &Blocks,
        objective: &Objective,
        rates: Option<&Rates>,
        layer: &mut Layer,
        verdict: &mut Verdict,
    ) {
        let Objective { threshold, temperature, peer } = *objective;
        let mut p = Parameters { threshold, temperature, peer, ..batch(&activity.values, blocks, layer.rule) };
        p.parts = if activity.goodness.is_some() { 0 } else { activity.squares.pitch() };
        let Verdict { coefficients, peer, metrics } = verdict;
        let mut buffers =
            vec![&activity.values, activity.goodness(), &layer.mean_activity, coefficients, peer, metrics];
        if let Some(rates) = rates {
            (p.rate, p.momentum) = (rates.rate, rates.momentum);
            buffers.extend([&layer.bias_velocity, &layer.bias]);
        }
        let buffers: Vec<_> = buffers.into_iter().map(Matrix::memory).collect();
        dispatch(self, Kernel::Judge { bias: rates.is_some() }, &p, &buffers, [1, 1, 1]);
    }

    fn update(&self, input: &Input, delta: &Delta, rates: &Rates, connection: &mut Connection) {
        learning::update(self, input, delta, rates, connection);
    }

    fn update_bias(&self, delta: &Delta, rates: &Rates, layer: &mut Layer) {
        learning::update_bias(self, delta, rates, layer);
    }

    fn mask(&self, mask: &Matrix, connection: &mut Connection) {
        let p = Parameters { rows: mask.rows() as u32, columns: mask.pitch(), ..Parameters::default() };
        let buffers = [mask, &connection.weight, &connection.velocity].map(Matrix::memory);
        dispatch(self, Kernel::Mask, &p, &buffers, over(&p));
    }

    fn backward(
        &self,
        delta: &Matrix,
        connection: &Connection,
        below: &Activity,
        activation: Activation,
        rows: Range<usize>,
        output: &mut Matrix,
    ) {
        let p = Parameters {
            rows: rows.len() as u32,
            first_row: rows.start as u32,
            inner: delta.pitch(),
            columns: output.pitch(),
            units: output.columns() as u32,
            width: delta.columns() as u32,
            tanh: u32::from(activation == Activation::Tanh),
            ..Parameters::default()
        };
        let buffers = [delta, &connection.weight, &below.values, output].map(Matrix::memory);
        if let Wiring::Local(local) = connection.wiring {
            let p = of_windows(local, p);
            return dispatch(self, Kernel::BackwardLocal, &p, &buffers, [p.units.div_ceil(LINE), p.rows, 1]);
        }
        dispatch(self, Kernel::Backward, &p, &buffers, over(&p));
    }

    fn classify(&self, layers: &[&Activity], head: &[Connection], normalised: bool, count: usize, logits: &mut Matrix) {
        let classes = logits.columns() as u32;
        for (i, (some, parts)) in layers.chunks(AT_ONCE).zip(head.chunks(AT_ONCE)).enumerate() {
            let p = Parameters { normalised: u32::from(normalised), ..of_layers(some, i * AT_ONCE, layers.len()) };
            let mut buffers = vec![logits.memory()];
            buffers
                .extend(some.iter().zip(parts).flat_map(|(layer, part)| [layer.values.memory(), part.weight.memory()]));
            let kernel = Kernel::Head { parts: some.len() as u32, classes, teaches: false };
            dispatch(self, kernel, &p, &buffers, [count as u32, 1, 1]);
        }
    }

    fn blame(&self, logits: &Matrix, labels: &Labels, positive: Range<usize>, error: &mut Matrix) {
        let p = Parameters {
            positive: positive.start as u32,
            voters: 1,
            blames: 1,
            accumulate: 1,
            ..Parameters::default()
        };
        let buffers = [logits.memory(), labels.memory(), error.memory()];
        let kernel = Kernel::Head { parts: 0, classes: logits.columns() as u32, teaches: true };
        dispatch(self, kernel, &p, &buffers, [positive.len() as u32, 1, 1]);
    }

    fn learn_head(
        &self,
        layers: &[&Activity],
        error: &Matrix,
        normalised: bool,
        count: usize,
        rates: &Rates,
        head: &mut [Connection],
    ) {
        for (layer, part) in layers.chunks(1).zip(head.chunks_mut(1)) {
            let p = of_layers(layer, 0, 1);
            let p = Parameters { normalised: u32::from(normalised), batch: count as u32, ..p };
            learn(self, layer, error.memory(), true, rates, part, p);
        }
    }

    fn teach(
        &self,
        layers: &[&Activity],
        teaching: &Teaching,
        labels: &mut Labels,
        head: &mut [Connection],
        logits: &mut Matrix,
        _: &mut Matrix,
    ) {
        head::teach(self, layers, teaching, labels, head, logits);
    }

    fn tally(&self, layers: &[(&Activity, Sign)], first: usize, count: usize, scores: &mut Matrix) {
        head::tally(self, layers, first, count, scores);
    }

    fn propose(&self, scores: &Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Labels) {
        let p = of_blocks(blocks, Parameters { seed, step, proposes: 1, accumulate: 1, ..Parameters::default() });
        let errors = self.scratch(Scratch::Errors, 0);
        let buffers = [scores.memory(), labels.memory(), &*errors];
        let kernel = Kernel::Head { parts: 0, classes: scores.columns() as u32, teaches: true };
        dispatch(self, kernel, &p, &buffers, [blocks.positive.len() as u32, 1, 1]);
    }
}
