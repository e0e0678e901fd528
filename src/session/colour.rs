//! Where in a picture the layers of a net with windows find their goodness.

use super::Session;
use crate::dataset::Shape;
use crate::engine::Pick;
use crate::error::Result;
use crate::recipe::Reader;
use serde::Serialize;

/// The goodness of every position of a picture: a layer's is their sum, so this is where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Places {
    /// The label on top.
    pub label: u8,
    /// Goodness of each of 32×32 positions under that label, `[layer][position]`, a mean over the steps that decide.
    pub goodness: Vec<Vec<f32>>,
    /// By how much that is more than the mean under the nine other labels, likewise.
    pub lead: Vec<Vec<f32>>,
}

impl Session {
    /// The shape of the pictures in use.
    pub fn shape(&self) -> Shape {
        self.data.shape()
    }

    /// Where in a picture of 32×32 coloured pixels each layer finds its goodness under `label`. Nothing for nets without
    /// windows, which have no positions, and for the baseline, which has no goodness.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if there is no such label,
    /// [`Error::Shape`](crate::Error::Shape) if the picture is of another size.
    pub async fn places(&mut self, image: &[u8], label: u8) -> Result<Option<Places>> {
        self.label(label)?;
        let dataset = self.one_picture(image)?;
        self.trainer.settle(&*self.engine);
        if self.settings().window == 0 {
            return Ok(None);
        }
        let Shape { height, width, .. } = self.data.shape();
        let Reader::Recurrent(reader) = &mut self.reader else { return Ok(None) };
        let network = self.trainer.network();
        let all = reader.places(&*self.engine, network, &dataset, Pick::default(), height * width).await?;
        let own = usize::from(label);
        let goodness = all[own].clone();
        let lead = goodness.iter().enumerate().map(|(layer, positions)| {
            let lead = |(position, value): (usize, &f32)| {
                let sum: f32 = all.iter().map(|layers| layers[layer][position]).sum();
                value - (sum - value) / (all.len() as f32 - 1.0)
            };
            positions.iter().enumerate().map(lead).collect()
        });
        Ok(Some(Places { label, lead: lead.collect(), goodness }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{saved, steps};
    use super::*;
    use crate::dataset::Dataset;
    use crate::dataset::source::DataSource;
    use crate::model::{Checkpoint, RecipeKind, Settings};
    use pollster::block_on;

    fn settings(recipe: RecipeKind) -> Settings {
        let base = Settings::recommended(recipe);
        Settings { layers: vec![1024, 2048], window: 3, batch: 10, steps: 4, settled: [2, 3], ..base }
    }

    fn objects(train: usize, test: usize) -> DataSource {
        DataSource::new("objects", train, test, 1).unwrap()
    }

    fn session(settings: Settings) -> Session {
        let mut session = Session::over(settings, objects(40, 20)).unwrap();
        while session.prepare(0.0, &|| 0.0).unwrap() < 1.0 {}
        session
    }

    #[test]
    fn every_local_recipe_learns_from_coloured_pictures_and_is_measured() {
        for recipe in [RecipeKind::LocalMax, RecipeKind::LocalMin, RecipeKind::LocalBackprop] {
            let mut session = session(settings(recipe));
            let look = block_on(session.look(3)).unwrap();
            let progress = steps(&mut session, 2);
            assert_eq!(progress.images_seen, 20);
            let image = session.sample(3).unwrap().image;
            let reading = block_on(session.read_image(&image)).unwrap();
            assert!(reading.label.is_some());
            let measured = block_on(session.evaluate(f64::INFINITY, &|| 0.0)).unwrap();
            assert_eq!(measured.images, 20);
            // Negatives look as they were taken in, and not as they are on the engine.
            let negatives = block_on(session.negatives(2)).unwrap();
            let training: Vec<Vec<u8>> = (0..40)
                .map(|i| session.data.training_picture(Pick { index: i, ..Pick::default() }).unwrap().0)
                .collect();
            for negative in look.negatives.iter().chain(&negatives) {
                assert!(training.contains(&negative.image));
                assert_ne!(negative.label, negative.shown);
            }
            assert_eq!(
                (look.negatives.len(), negatives.len()),
                if recipe == RecipeKind::LocalBackprop { (0, 0) } else { (3, 2) }
            );
            // What was saved goes on over the same pictures.
            let bytes = saved(&mut session).to_bytes();
            let mut again = Session::from_checkpoint(Checkpoint::from_bytes("x", &bytes).unwrap()).unwrap();
            while again.prepare(1e9, &|| 0.0).unwrap() < 1.0 {}
            steps(&mut again, 1);
            steps(&mut session, 1);
            assert_eq!(saved(&mut again), saved(&mut session));
        }
    }

    #[test]
    fn cifar_is_awaited_and_goes_on_when_it_is_brought() {
        let source = DataSource::new("cifar10", 30, 10, 0).unwrap();
        let mut session = Session::over(settings(RecipeKind::LocalMax), source).unwrap();
        assert!(session.sample(0).unwrap_err().to_string().contains("give them again"));
        // Pictures of the same shape stand in for it.
        let made = objects(40, 20);
        let brought = Dataset::new(DataSource::usual("cifar10").unwrap(), made.made(0..40), made.made_tests(0..20));
        session.use_data(brought.clone()).unwrap();
        assert_eq!((session.data().train, session.data().test), (30, 10));
        assert_eq!(steps(&mut session, 1).images_seen, 10);
        let few = Dataset { train: made.made(0..20), ..brought.clone() };
        let checkpoint = saved(&mut session);
        let mut again = Session::from_checkpoint(checkpoint).unwrap();
        assert!(again.use_data(few).unwrap_err().to_string().contains("this run learned from 30 and 10"));
        again.use_data(brought.clone()).unwrap();
        assert_eq!(steps(&mut again, 1).step, 2);
        let mut digits = super::super::tests::session(super::super::tests::small());
        assert!(digits.use_data(brought).unwrap_err().to_string().contains("reads digits"));
    }

    #[test]
    fn positions_add_up_to_the_layer_s_goodness() {
        let mut session = session(settings(RecipeKind::LocalMin));
        steps(&mut session, 1);
        let image = session.sample(0).unwrap().image;
        let reading = block_on(session.read_image(&image)).unwrap();
        let all: Vec<Places> = (0..10).map(|l| block_on(session.places(&image, l)).unwrap().unwrap()).collect();
        for (places, layers) in all.iter().zip(&reading.goodness) {
            for (positions, whole) in places.goodness.iter().zip(layers) {
                assert_eq!(positions.len(), 1024);
                let sum: f32 = positions.iter().sum();
                assert!((sum - whole).abs() < 1e-3 * whole, "{sum} {whole}");
            }
        }
        let others: f32 = all.iter().map(|places| places.goodness[1][500]).sum::<f32>() - all[4].goodness[1][500];
        let expected = all[4].goodness[1][500] - others / 9.0;
        assert!((all[4].lead[1][500] - expected).abs() < 1e-4);
        assert!(block_on(session.places(&image, 10)).unwrap_err().to_string().contains("choose 0 to 9"));
        assert!(block_on(session.places(&image[1..], 1)).unwrap_err().to_string().contains("3072"));
    }

    #[test]
    fn a_unit_looks_for_what_lies_in_its_window() {
        let mut session = session(settings(RecipeKind::LocalMax));
        let checkpoint = saved(&mut session);
        // The unit at row 5, column 7: all it sees in the first layer lies in 3×3 positions, in the second in 5×5.
        let outside = |image: &[u8], reach: usize| {
            let away = |i: usize| (i / 96).abs_diff(5) > reach || (i / 3 % 32).abs_diff(7) > reach;
            image.iter().enumerate().filter(|&(i, _)| away(i)).all(|(_, &value)| value == 128)
        };
        let first = block_on(session.receptive_field(1, 5 * 32 + 7)).unwrap();
        assert!(outside(&first.image, 1) && !outside(&first.image, 0));
        let second = block_on(session.receptive_field(2, 2 * (5 * 32 + 7) + 1)).unwrap();
        assert!(outside(&second.image, 2) && !outside(&second.image, 1));
        // By hand: the strongest weight of the first unit is the one furthest from grey.
        let weights = &checkpoint.layers[0].weight[(5 * 32 + 7) * 27..][..27];
        let most = (0..27).max_by(|&a, &b| weights[a].abs().total_cmp(&weights[b].abs())).unwrap();
        let (y, x, channel) = (4 + most / 9, 6 + most / 3 % 3, most % 3);
        assert_eq!(first.image[(y * 32 + x) * 3 + channel], if weights[most] > 0.0 { 255 } else { 1 });
    }

    #[test]
    fn what_does_not_go_together_is_named_and_the_run_stays() {
        let local = settings(RecipeKind::LocalMax);
        let mut session = session(local.clone());
        steps(&mut session, 1);
        let refused = |result: Result<Session>| result.unwrap_err().to_string();
        let dense = Settings { window: 0, ..local.clone() };
        assert!(refused(Session::over(dense.clone(), objects(40, 20))).contains("such as 11"));
        assert!(refused(Session::new(local.clone())).contains("choose 0, or data in colour"));
        let uneven = Settings { layers: vec![1024, 500], ..local };
        assert!(refused(Session::over(uneven, objects(40, 20))).contains("choose a multiple of 1024"));
        assert!(session.from_nothing(dense).unwrap_err().to_string().contains("such as 11"));
        let image = session.sample(0).unwrap().image;
        assert!(block_on(session.evidence(&image, 1)).unwrap_err().to_string().contains("choose digits"));
        assert_eq!(steps(&mut session, 1).step, 2);
    }
}
