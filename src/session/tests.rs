use super::*;
use crate::dataset::Dataset;
use crate::dataset::source::DataSource;
use crate::engine::random;
use crate::model::{Ends, Parameters, RecipeKind};
use crate::negatives::Negatives;
use crate::training::LayerReport;
use pollster::block_on;
use std::cell::Cell;

pub(super) fn small() -> Settings {
    Settings { layers: vec![30, 20], batch: 20, epochs: 4, jitter: 0, ..Settings::default() }
}

pub(super) fn strokes(train: usize, test: usize, seed: u64) -> DataSource {
    DataSource::new("strokes", train, test, seed).unwrap()
}

pub(super) fn session(settings: Settings) -> Session {
    let mut session = Session::new(settings).unwrap();
    session.use_data(strokes(200, 60, 1)).unwrap();
    while session.prepare(0.0, &|| 0.0).unwrap() < 1.0 {}
    session
}

pub(super) fn steps(session: &mut Session, count: usize) -> Progress {
    (0..count).map(|_| block_on(session.step(&|| 0.0)).unwrap()).last().unwrap()
}

pub(super) fn saved(session: &mut Session) -> Checkpoint {
    block_on(session.checkpoint()).unwrap()
}

#[test]
fn same_seed_same_run_and_another_seed_another() {
    for negatives in [Negatives::Random, Negatives::Softmax, Negatives::Goodness] {
        let run = |seed| {
            let mut session = session(Settings { negatives, seed, jitter: 1, ..small() });
            steps(&mut session, 12);
            saved(&mut session)
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1).layers, run(2).layers);
    }
}

#[test]
fn stopped_saved_loaded_and_continued_is_never_stopped() {
    let settings = Settings { negatives: Negatives::Softmax, jitter: 2, ..small() };
    let mut whole = session(settings.clone());
    steps(&mut whole, 27);
    let mut first = session(settings);
    steps(&mut first, 13);
    let bytes = saved(&mut first).to_bytes();
    drop(first);
    let mut second = Session::from_checkpoint(Checkpoint::from_bytes("x", &bytes).unwrap()).unwrap();
    while second.prepare(1e9, &|| 0.0).unwrap() < 1.0 {}
    steps(&mut second, 14);
    assert_eq!(saved(&mut second), saved(&mut whole));
}

#[test]
fn training_parts_goodness_and_reads_better_than_chance() {
    let mut session = session(Settings { layers: vec![100, 60], epochs: 60, ..small() });
    let start = steps(&mut session, 1);
    steps(&mut session, 400);
    let end = block_on(session.train(f64::INFINITY, &|| 0.0)).unwrap();
    assert!(end.finished && end.step == end.total_steps && end.step == 600);
    for (before, after) in start.layers.iter().zip(&end.layers) {
        let gap = |l: &LayerReport| (l.positive_goodness - l.negative_goodness) / l.threshold;
        assert!(gap(after) > gap(before) + 0.1, "{} {}", gap(before), gap(after));
        let counted: f32 = after.positive_histogram.iter().sum();
        assert!((counted - end.samples as f32).abs() < 0.5);
    }
    let measured = block_on(session.evaluate(f64::INFINITY, &|| 0.0)).unwrap();
    assert!(measured.done && measured.images == 60);
    assert!(measured.goodness_error.unwrap() < 50.0 && measured.softmax_error.unwrap() < 50.0, "{measured:?}");
    assert_eq!(measured.confusion.iter().sum::<u32>(), 60);
    // Nothing is learned once the run is over.
    assert_eq!(steps(&mut session, 1).samples, 0);
}

#[test]
fn a_budget_is_kept_to_the_batch() {
    let mut session = session(small());
    let clock = Cell::new(0.0);
    let ten_ms_a_look = || {
        clock.set(clock.get() + 10.0);
        clock.get()
    };
    let progress = block_on(session.train(30.0, &ten_ms_a_look)).unwrap();
    assert_eq!(progress.step, 3);
}

#[test]
fn a_frozen_layer_keeps_its_weights() {
    let mut session = session(small());
    let before = saved(&mut session);
    session.freeze(2, true).unwrap();
    let progress = steps(&mut session, 5);
    let after = saved(&mut session);
    assert!(progress.layers[1].frozen && !progress.layers[0].frozen);
    assert_eq!(before.layers[1].weight, after.layers[1].weight);
    assert_ne!(before.layers[0].weight, after.layers[0].weight);
    assert!(session.freeze(3, true).unwrap_err().to_string().contains("choose 1 to 2"));
    assert!(session.freeze(0, true).is_err());
}

#[test]
fn an_absurd_rate_ends_in_a_sentence_and_the_session_can_still_be_read() {
    let mut session = session(Settings { rate: 1.0, weight_cost: 1.0, momentum: 0.0, peer: 10.0, ..small() });
    let mut checkpoint = saved(&mut session);
    checkpoint.layers[1].weight[7] = 1e30;
    let mut broken = Session::from_checkpoint(checkpoint).unwrap();
    while broken.prepare(1e9, &|| 0.0).unwrap() < 1.0 {}
    let error = (0..40).find_map(|_| block_on(broken.step(&|| 0.0)).err()).expect("1e30 squared is infinite");
    assert!(matches!(error, Error::Diverged { layer: 2, .. }), "{error}");
    assert!(error.to_string().contains("smaller rate"));
    assert!(block_on(broken.read_image(&[0; 784])).is_ok());
    assert_eq!(steps(&mut session, 1).step, 1);
}

#[test]
fn nothing_drawn_is_nothing_read() {
    let mut session = session(small());
    assert_eq!(block_on(session.read_drawing(&[], 10.0)).unwrap(), None);
    let dot = vec![drawing::Point { x: 5.0, y: 5.0, pressure: 0.5 }];
    let reading = block_on(session.read_drawing(&[dot], 10.0)).unwrap().unwrap();
    assert_eq!((reading.goodness.len(), reading.goodness[0].len()), (10, 2));
    // A head that has learned nothing has nothing to say.
    assert!(reading.softmax.is_empty());
    steps(&mut session, 1);
    let reading = block_on(session.read_image(&reading.image)).unwrap();
    assert!((reading.softmax.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    assert!(block_on(session.read_image(&[0; 783])).is_err());
}

#[test]
fn goodness_of_a_reading_is_that_of_each_label_written_in() {
    // Against a plain text-book pass in f64, without the shared first product.
    let mut session = session(small());
    steps(&mut session, 10);
    let layers = saved(&mut session).layers;
    let sample = session.sample(4).unwrap();
    let reading = block_on(session.read_image(&sample.image)).unwrap();
    for label in 0..10 {
        let mut u: Vec<f64> = sample.image.iter().map(|&p| f64::from(p) / 255.0).collect();
        u[..10].fill(0.0);
        u[label] = 1.0;
        for (l, layer) in layers.iter().enumerate() {
            let rms = (u.iter().map(|v| v * v).sum::<f64>() / u.len() as f64).sqrt() + 1e-10;
            let h: Vec<f64> = (0..layer.units)
                .map(|j| {
                    let z: f64 =
                        u.iter().enumerate().map(|(i, u)| u / rms * f64::from(layer.weight[i * layer.units + j])).sum();
                    (z + f64::from(layer.bias[j])).max(0.0)
                })
                .collect();
            let goodness: f64 = h.iter().map(|h| h * h).sum();
            let read = f64::from(reading.goodness[label][l]);
            assert!((read - goodness).abs() < 1e-4 * goodness.max(1.0), "label {label} layer {l}: {read} {goodness}");
            u = h;
        }
    }
}

#[test]
fn negatives_show_the_wrong_label_in_the_picture() {
    let mut session = session(small());
    assert!(block_on(session.negatives(5)).unwrap().is_empty());
    steps(&mut session, 1);
    let negatives = block_on(session.negatives(5)).unwrap();
    assert_eq!(negatives.len(), 5);
    for negative in negatives {
        assert_ne!(negative.label, negative.shown);
        assert_eq!(negative.image[usize::from(negative.shown)], 255);
        assert_eq!(negative.image[usize::from(negative.label)], 0);
        assert_eq!(negative.goodness.len(), 2);
    }
}

#[test]
fn the_local_gradient_is_the_derivative_of_the_local_objective() {
    // One step from rest with momentum 0, no peers and no cost: ΔW = rate·G, and G must be the derivative of
    // mean ln p(real) of positives + mean ln (1 − p) of negatives over weights, halved (the factor 2 of h² is folded
    // into the rate) and times T. Central differences in f64 on single weights of every layer.
    let settings = Settings {
        momentum: 0.0,
        peer: 0.0,
        weight_cost: 0.0,
        rate: 1e-3,
        temperature: 3.0,
        negatives: Negatives::Random,
        ..small()
    };
    let mut session = session(settings.clone());
    let before = saved(&mut session).layers;
    let mut order = crate::training::Order::new(settings.seed, 200);
    let labels: Vec<Label> = session.data.training_set().unwrap().labels.clone();
    let batch = order.batch(0, settings.batch, 0, &labels);
    steps(&mut session, 1);
    let after = saved(&mut session).layers;
    let strokes = crate::dataset::strokes::Strokes::new(1).split(0..200);

    let objective = |layers: &[Parameters], upto: usize| -> f64 {
        let mut total = 0.0;
        for (row, (pick, truth)) in batch.picks.iter().zip(&batch.labels).enumerate() {
            let wrong = crate::negatives::random_wrong(*truth, 10, settings.seed, 0, row as u32);
            for (label, positive) in [(*truth, true), (wrong, false)] {
                let picture = strokes.images.image(pick.index as usize);
                let mut u: Vec<f64> = picture.iter().map(|&p| f64::from(p) / 255.0).collect();
                u[..10].fill(0.0);
                u[usize::from(label.value())] = 1.0;
                for layer in &layers[..=upto] {
                    let rms = (u.iter().map(|v| v * v).sum::<f64>() / u.len() as f64).sqrt() + 1e-10;
                    u = (0..layer.units)
                        .map(|j| {
                            let weight = |i: usize| f64::from(layer.weight[i * layer.units + j]);
                            let z: f64 = u.iter().enumerate().map(|(i, u)| u / rms * weight(i)).sum();
                            (z + f64::from(layer.bias[j])).max(0.0)
                        })
                        .collect();
                }
                let goodness: f64 = u.iter().map(|h| h * h).sum();
                let logit = (goodness - u.len() as f64) / f64::from(settings.temperature);
                let signed = if positive { -logit } else { logit };
                total -= signed.max(0.0) + (-signed.abs()).exp().ln_1p();
            }
        }
        total / settings.batch as f64 * f64::from(settings.temperature) / 2.0
    };
    for layer in 0..2 {
        let units = before[layer].units;
        for trial in 0..12_u32 {
            // Pixels of the middle of the picture and label pixels; every unit may be drawn.
            let input = if layer == 0 && trial < 4 {
                trial as usize
            } else if layer == 0 {
                400 + (random::hash(trial, 1, 0)[0] % 20) as usize
            } else {
                (random::hash(trial, 2, 0)[0] % 30) as usize
            };
            let place = input * units + (random::hash(trial, 3, 0)[0] as usize % units);
            let moved = |by: f32| {
                let mut layers = before.clone();
                layers[layer].weight[place] += by;
                objective(&layers, layer)
            };
            let nudge = 1e-3_f32;
            let numeric = (moved(nudge) - moved(-nudge)) / (2.0 * f64::from(nudge));
            let ours = f64::from(after[layer].weight[place] - before[layer].weight[place]) / f64::from(settings.rate);
            assert!(
                (numeric - ours).abs() < 2e-3 + 0.02 * numeric.abs(),
                "layer {layer}, weight {place}: by differences {numeric}, by the rule {ours}"
            );
        }
    }
}

#[test]
fn other_data_begin_the_run_anew_and_bad_ones_change_nothing() {
    let mut session = session(small());
    steps(&mut session, 3);
    let before = session.data();
    let coloured = DataSource::new("objects", 20, 10, 1).unwrap().made_whole();
    let error = session.use_data(coloured).unwrap_err().to_string();
    assert!(error.contains("this net reads digits; choose one with windows"), "{error}");
    assert_eq!(session.data(), before);
    assert_eq!(steps(&mut session, 1).step, 4);
    assert!(session.use_data(strokes(10, 10, 1)).unwrap_err().to_string().contains("batch"));
    assert_eq!(steps(&mut session, 1).step, 5);

    let weights = saved(&mut session).layers;
    session.use_data(strokes(100, 20, 2)).unwrap();
    assert_eq!(saved(&mut session).step, 0);
    assert_eq!(saved(&mut session).layers, weights);
    let error = block_on(session.step(&|| 0.0)).unwrap_err().to_string();
    assert_eq!(error, "pen strokes: are still being prepared (0 %)");
}

#[test]
fn a_run_over_data_that_are_not_here_waits_for_them() {
    let mut session = session(small());
    steps(&mut session, 3);
    let mut checkpoint = saved(&mut session);
    checkpoint.data = Some(DataSource::new("mnist", 200, 60, 1).unwrap());
    let mut waiting = Session::from_checkpoint(checkpoint).unwrap();
    let error = block_on(waiting.step(&|| 0.0)).unwrap_err().to_string();
    assert_eq!(error, "MNIST: this run learned from these data; give them again to go on");
    assert!(block_on(waiting.read_image(&[9; 784])).is_ok());
}

#[test]
fn what_would_need_a_restart_is_refused_by_name() {
    let mut session = session(small());
    session.apply(Settings { rate: 0.5, ..small() }).unwrap();
    assert_eq!(session.settings().rate.to_bits(), 0.5_f32.to_bits());
    let error = session.apply(Settings { batch: 10, ..small() }).unwrap_err().to_string();
    assert!(error.starts_with("batch"), "{error}");
    assert!(session.apply(Settings { rate: f32::NAN, ..small() }).is_err());
}

#[test]
fn receptive_fields_show_the_weights_of_their_unit() {
    let mut session = session(small());
    let weight = saved(&mut session).layers[0].weight.clone();
    let fields = block_on(session.receptive_fields(1, 0, 3)).unwrap();
    assert_eq!(fields.len(), 3);
    for field in &fields {
        for place in [300, 405, 700] {
            let w = weight[place * 30 + field.unit];
            let shown = i16::from(field.image[place]) - 128;
            assert!(w.abs() < 0.002 || (w > 0.0) == (shown > 0), "{w} {shown}");
        }
    }
    // Page after page of them, each unit once, and any of them by its number.
    let all: Vec<_> = (0..30).step_by(7).flat_map(|at| block_on(session.receptive_fields(1, at, 7)).unwrap()).collect();
    let mut units: Vec<usize> = all.iter().map(|field| field.unit).collect();
    assert!(all.windows(2).all(|pair| pair[0].mean_activity >= pair[1].mean_activity));
    units.sort_unstable();
    assert_eq!(units, (0..30).collect::<Vec<_>>());
    assert_eq!(block_on(session.receptive_field(1, all[9].unit)).unwrap(), all[9]);
    assert_eq!(all[9].label.len(), 10);
    assert!(block_on(session.receptive_field(1, 30)).unwrap_err().to_string().contains("choose 0 to 29"));
    assert_eq!(block_on(session.receptive_fields(2, 0, 500)).unwrap().len(), 20);
}

#[test]
fn jitter_is_shown_as_the_batches_have_it() {
    let mut session = session(Settings { jitter: 3, ..small() });
    assert_eq!(session.shifts(4).unwrap().len(), 4);
    steps(&mut session, 1);
    let shifts = session.shifts(12).unwrap();
    assert!(shifts.iter().all(|s| s.dx.abs() <= 3 && s.dy.abs() <= 3));
    assert!(shifts.iter().any(|s| (s.dx, s.dy) != (shifts[0].dx, shifts[0].dy)), "anew in every epoch");
    // What the batch itself was made of, but for the label's ten pixels.
    let learned = &block_on(session.negatives(1)).unwrap()[0];
    assert_eq!(learned.image[10..], shifts[0].image[10..]);
    assert_eq!(shifts.iter().map(|s| s.epoch).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
}

#[test]
fn mistakes_are_those_of_the_confusion_matrix() {
    let mut session = session(small());
    assert!(session.mistakes(1, 2, 5).unwrap().is_empty());
    let measured = block_on(session.evaluate(f64::INFINITY, &|| 0.0)).unwrap();
    for label in 0..10_u8 {
        for read in 0..10_u8 {
            let found = session.mistakes(label, read, usize::MAX).unwrap();
            assert_eq!(found.len() as u32, measured.confusion[usize::from(label) * 10 + usize::from(read)]);
        }
    }
    assert!(session.mistakes(10, 0, 1).is_err());
}

/// Takes on a made-up MNIST.
fn with_mnist(session: &mut Session) -> Result<()> {
    let split = |count, seed| crate::dataset::strokes::Strokes::new(seed).split(0..count);
    session.use_data(Dataset::new(DataSource::usual("mnist")?, split(100, 5), split(30, 6)))?;
    while session.prepare(1e9, &|| 0.0)? < 1.0 {}
    Ok(())
}

#[test]
fn a_run_on_mnist_goes_on_wherever_it_began() {
    let mut whole = session(small());
    with_mnist(&mut whole).unwrap();
    steps(&mut whole, 6);
    // `ff` wrote the seed of strokes it did not use; it may be anything.
    for seed in [0, 1, 77] {
        let mut first = session(small());
        with_mnist(&mut first).unwrap();
        steps(&mut first, 4);
        let mut checkpoint = saved(&mut first);
        checkpoint.data.as_mut().unwrap().seed = seed;
        let mut second = Session::from_checkpoint(checkpoint).unwrap();
        with_mnist(&mut second).unwrap();
        assert_eq!(steps(&mut second, 2).step, 6, "it goes on, and does not begin anew");
        assert_eq!(saved(&mut second).layers, saved(&mut whole).layers);
    }
}

#[test]
fn runs_on_a_part_of_mnist_or_on_strokes_too_find_their_data_again() {
    for (name, train, seed) in [("mnist", 60, 0), ("mnist+strokes", 160, 3)] {
        let mut checkpoint = saved(&mut session(small()));
        checkpoint.step = 2;
        checkpoint.data = Some(DataSource::new(name, train, 20, seed).unwrap());
        let mut waiting = Session::from_checkpoint(checkpoint).unwrap();
        assert_eq!(waiting.data().name, name);
        assert!(block_on(waiting.step(&|| 0.0)).unwrap_err().to_string().contains("give them again"));
        with_mnist(&mut waiting).unwrap();
        let info = waiting.data();
        assert_eq!((info.name.as_str(), info.train, info.test, info.prepared), (name, train, 20, 1.0));
        assert_eq!(steps(&mut waiting, 1).step, 3);
        // MNIST's pictures come first, the strokes of the named seed after them.
        let mnist = crate::dataset::strokes::Strokes::new(5).split(0..100);
        let [of_mnist, _] = waiting.data.source().shares();
        let picture = |index: usize| waiting.data.training_picture(Pick { index: index as u32, dx: 0, dy: 0 }).unwrap();
        assert_eq!(picture(of_mnist - 1).0, mnist.images.image(of_mnist - 1));
        if train > of_mnist {
            let strokes = crate::dataset::strokes::Strokes::new(seed).split(0..1);
            assert_eq!(picture(of_mnist).0, strokes.images.image(0));
        }
    }
    let mut checkpoint = saved(&mut session(small()));
    (checkpoint.step, checkpoint.data) = (2, Some(DataSource::new("mnist", 5_000, 60, 1).unwrap()));
    let mut too_much = Session::from_checkpoint(checkpoint).unwrap();
    let error = with_mnist(&mut too_much).unwrap_err().to_string();
    assert!(error.contains("has 100 training") && error.contains("learned from 5000"), "{error}");
}

#[test]
fn a_checkpoint_of_absurd_data_or_inputs_is_refused_before_anything_is_made() {
    let mut checkpoint = saved(&mut session(small()));
    checkpoint.data.as_mut().unwrap().train = 1_500_000;
    let error = Session::from_checkpoint(checkpoint.clone()).unwrap_err().to_string();
    assert!(error.contains("choose up to 200000"), "{error}");
    checkpoint.layers = Parameters::random(&checkpoint.settings, Ends { inputs: 100, classes: 10 });
    let error = Session::from_checkpoint(checkpoint).unwrap_err().to_string();
    assert!(error.contains("a first layer of 100 inputs"), "{error}");
}

#[test]
fn frozen_layers_stay_frozen_through_a_file() {
    let mut session = session(small());
    session.freeze(2, true).unwrap();
    let bytes = saved(&mut session).to_bytes();
    let mut again = Session::from_checkpoint(Checkpoint::from_bytes("x", &bytes).unwrap()).unwrap();
    while again.prepare(1e9, &|| 0.0).unwrap() < 1.0 {}
    let progress = steps(&mut again, 2);
    assert!(progress.layers[1].frozen && !progress.layers[0].frozen);
    assert_eq!(saved(&mut again).layers[1].weight, saved(&mut session).layers[1].weight);
}

#[test]
fn a_softmax_that_runs_away_is_noticed_in_every_recipe_that_has_one() {
    for recipe in [RecipeKind::Supervised, RecipeKind::Unsupervised, RecipeKind::Recurrent, RecipeKind::Backprop] {
        let settings = Settings {
            layers: vec![30, 20],
            batch: 20,
            epochs: 100,
            head_rate: 10.0,
            head_weight_cost: 1.0,
            ..Settings::recommended(recipe)
        };
        let mut session = session(settings);
        let error =
            (0..200).find_map(|_| block_on(session.step(&|| 0.0)).err()).expect("ninefold a step is soon infinite");
        assert!(matches!(error, Error::HeadDiverged { .. }), "{recipe:?}: {error}");
    }
}

#[test]
fn hybrids_are_shown_as_they_were_made() {
    let settings =
        Settings { layers: vec![30, 20], batch: 20, rate: 1e-6, ..Settings::recommended(RecipeKind::Unsupervised) };
    let mut session = session(settings);
    assert!(block_on(session.hybrids(5)).unwrap().is_empty());
    steps(&mut session, 3);
    let hybrids = block_on(session.hybrids(5)).unwrap();
    assert_eq!(hybrids.len(), 5);
    for hybrid in &hybrids {
        assert_ne!(hybrid.labels[0], hybrid.labels[1]);
        assert_eq!(hybrid.stages.len(), 7);
        assert!(hybrid.stages[0].iter().all(|&b| b == 0 || b == 255), "random bits first");
        for (place, shown) in hybrid.image.iter().enumerate() {
            let side = if hybrid.mask[place] == 255 { &hybrid.first } else { &hybrid.second };
            assert_eq!(*shown, side[place]);
            assert_eq!(hybrid.mask[place] == 255, hybrid.stages[6][place] >= 128, "cut at one half");
        }
        assert_eq!(hybrid.goodness.len(), 2);
    }
    // The same picture asked for by itself: the weights have hardly moved since.
    let goodness = block_on(session.goodness_of(&hybrids[0].image)).unwrap();
    for (now, then) in goodness.iter().zip(&hybrids[0].goodness) {
        assert!((now / then - 1.0).abs() < 1e-3, "{now} {then}");
    }
}

#[test]
fn exciting_pictures_come_in_the_order_of_the_unit_s_activity() {
    let mut session = session(small());
    let pictures = block_on(session.exciting(2, 7, 5)).unwrap();
    assert_eq!(pictures.len(), 5);
    assert!(pictures.windows(2).all(|pair| pair[0].activity >= pair[1].activity));
    assert!(pictures[0].activity > 0.0);
    assert!(block_on(session.exciting(2, 20, 5)).unwrap_err().to_string().contains("choose 0 to 19"));
    assert!(block_on(session.exciting(3, 0, 5)).is_err());
}

#[test]
fn a_rival_learns_beside_from_the_same_pictures() {
    let mut session = session(small());
    let settings = Settings { layers: vec![30, 20], batch: 20, ..Settings::recommended(RecipeKind::Backprop) };
    let mut rival = session.beside(settings).unwrap();
    assert_eq!(rival.data(), session.data());
    steps(&mut rival, 5);
    assert_eq!((steps(&mut session, 1).step, steps(&mut rival, 1).step), (1, 6));
    let measured = block_on(rival.evaluate(f64::INFINITY, &|| 0.0)).unwrap();
    assert!(measured.goodness_error.is_none() && measured.softmax_error.is_some());
}

#[test]
fn runs_over_other_pictures_are_refused_and_the_run_stays() {
    let mut session = session(small());
    steps(&mut session, 3);
    let settings = Settings { layers: vec![784, 784], window: 3, ..Settings::recommended(RecipeKind::Recurrent) };
    let windows =
        Checkpoint::beginning(settings.clone(), Parameters::random(&settings, Ends { inputs: 784, classes: 10 }));
    let painted = DataSource::new("objects", 100, 10, 1).unwrap();
    let mut coloured = saved(&mut session);
    coloured.data = Some(painted);
    assert!(Session::from_checkpoint(windows.clone()).unwrap_err().to_string().contains("data in colour"));
    assert!(Session::from_checkpoint(coloured.clone()).unwrap_err().to_string().contains("3072 pixels"));
    for (checkpoint, problem) in [(windows, "data in colour"), (coloured, "pictures in colour")] {
        let refused = session.begin_again(checkpoint).unwrap_err().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
    assert!(session.beside(settings).unwrap_err().to_string().contains("data in colour"));
    assert_eq!(steps(&mut session, 1).step, 4);
}
