//! Each primitive of [`Engine`] as dispatches; what takes more than one stands in `learning` and `head`. The formulas stand in the
//! shaders' heads.

use super::dispatch::{LINE, dispatch, of_rule, of_windows, over};
use super::head::{AT_ONCE, learn, of_blocks, of_layers};
use super::kernel::Kernel;
use super::learning::batch;
use super::memory::{self, Padded};
use super::parameters::Parameters;
use super::products::{PICKS_AT_ONCE, connect, forward, from_dataset, gather, of_dataset, words};
use super::source::NO_CODE;
use super::{Gpu, Scratch, head, learning};
use crate::dataset::Images;
use crate::engine::cpu::TABLE;
use crate::engine::{
    Activation, Activity, Blocks, Connection, Delta, Engine, Identity, ImageBytes, Input, Labels, Later, Layer,
    MaskKey, Matrix, NEUTRAL, Objective, Obstacle, Pick, Pictures, Previous, Rates, Reading, Rule, Sign, Spent,
    Teaching, Verdict, Wiring,
};
use crate::error::Result;
use std::ops::Range;

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
