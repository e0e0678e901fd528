//! Writes what the fuzzer starts from: `seeds FOLDER` makes one folder a target in it.
//!
//! Made anew from the program as it is, so that they are always of its newest formats; files of older versions lie in
//! `tests/fixtures`.

use std::error::Error;
use std::fs;
use std::path::Path;

use forward_forward::dataset::cifar;
use forward_forward::dataset::source::DataSource;
use forward_forward::model::{Checkpoint, Ends, Fineness, Parameters, RecipeKind, Settings};
use forward_forward_fuzz::pack;
use forward_forward_fuzz::tar::member;

fn idx(magic: u8, sizes: &[u32], bytes: usize) -> Vec<u8> {
    let mut file = vec![0, 0, 8, magic];
    file.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    file.extend((0..bytes).map(|i| (i % 10) as u8));
    file
}

/// Pictures of CIFAR-10 in its binary version, each with the label that is its place.
fn pictures(count: usize) -> Vec<u8> {
    (0..count * 3073).map(|i| if i % 3073 == 0 { (i / 3073) as u8 } else { (i % 251) as u8 }).collect()
}

/// An archive of these members.
fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [&members.concat()[..], &[0; 1024]].concat()
}

/// The six files of CIFAR-10 as members of its archive, with this content.
fn cifar_members(content: &[u8]) -> Vec<Vec<u8>> {
    cifar::FILES.iter().map(|name| member(b'0', &format!("cifar-10-batches-bin/{name}"), content)).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: seeds FOLDER")?;
    let write = |target: &str, name: &str, bytes: &[u8]| -> std::io::Result<()> {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    for (name, file) in [
        ("images", idx(3, &[2, 28, 28], 2 * 784)),
        ("labels", idx(1, &[5], 5)),
        ("short", idx(3, &[9, 28, 28], 100)),
        ("both", [idx(3, &[2, 28, 28], 2 * 784), idx(1, &[2], 2)].concat()),
    ] {
        write("idx", name, &file)?;
        write("gzip", name, &pack(&file))?;
        write("gzip", &format!("{name}-twice"), &[pack(&file[..8]), pack(&file[8..])].concat())?;
    }
    let six = cifar_members(&pictures(1));
    let long_name = member(b'L', "././@LongLink", b"a/long/way/to/data_batch_1.bin\0");
    let size_aside = member(b'x', "extensions", b"13 size=3073\n32 path=a/way/to/test_batch.bin\n");
    let readme = member(b'0', "cifar-10-batches-bin/readme.html", b"words");
    for (name, file) in [
        ("picture", pictures(1)),
        ("two-pictures", pictures(2)),
        ("six-pictures", pictures(6)),
        ("cut", pictures(1)[..3000].to_vec()),
        ("archive", archive(&six)),
        ("archive-with-more", archive(&[&[readme][..], &six[1..], &[long_name], &six[..1]].concat())),
        ("archive-with-extensions", archive(&[&six[..5], &[size_aside], &six[5..]].concat())),
        ("archive-twice", archive(&[&six[..2], &six[1..]].concat())),
        ("archive-cut", archive(&six)[..9000].to_vec()),
        ("packed", pack(&archive(&cifar_members(&[7; 3073])))),
    ] {
        write("cifar", name, &file)?;
    }
    let kinds = [RecipeKind::Supervised, RecipeKind::Unsupervised, RecipeKind::Recurrent, RecipeKind::Backprop];
    for (i, recipe) in kinds.into_iter().enumerate() {
        let layers = if recipe == RecipeKind::Recurrent { vec![10, 10] } else { vec![10] };
        let settings = Settings { layers, ..Settings::recommended(recipe) }.checked()?;
        let checkpoint = Checkpoint {
            layers: Parameters::random(&settings, Ends { inputs: 3, classes: 10 }),
            step: 17,
            data: Some(DataSource::new("strokes", 60, 10, 3)?),
            frozen: vec![true],
            settings,
        };
        write("checkpoint", &format!("{i}-whole"), &checkpoint.to_bytes())?;
        write("checkpoint", &format!("{i}-weights"), &checkpoint.weights_to_bytes(Fineness::default()))?;
        let text = serde_json::to_string(&Settings::recommended(recipe))?;
        write("settings", &i.to_string(), text.as_bytes())?;
    }
    write(
        "settings",
        "few",
        br#"{"layers":[20,12],"rules":[{"goodness":"sum","blocks":5,"regions":true},{}],"seed":1}"#,
    )?;
    for (i, text) in ["", ";minimise;sum threshold=0.5", "tanh threshold=0.5 temperature=2", "blocks=5+regions;squares"]
        .into_iter()
        .enumerate()
    {
        write("rules", &i.to_string(), text.as_bytes())?;
    }
    let message = |ends: u8, pen: f32, points: &[f32]| -> Vec<u8> {
        [vec![ends], pen.to_le_bytes().to_vec(), points.iter().flat_map(|v| v.to_le_bytes()).collect()].concat()
    };
    write("strokes", "dot", &message(2, 18.0, &[50.0, 60.0, 0.5]))?;
    write("strokes", "line", &message(3, 18.0, &[0.0, 0.0, 0.2, 100.0, 3.0, 0.9, 80.0, 200.0, 0.5, 90.0, 10.0, 1.0]))?;
    write(
        "strokes",
        "wild",
        &message(133, f32::NAN, &[f32::MAX, f32::MIN, 0.5, f32::INFINITY, 1e-38, -1.0, 3.0, 4.0, 5.0]),
    )?;
    Ok(())
}
