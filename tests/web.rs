//! The core as the page gets it: WebAssembly in a browser's worker, through the functions JavaScript calls.
#![cfg(target_arch = "wasm32")]

#[path = "common/replay.rs"]
mod replay;

use forward_forward::engine::cpu::Cpu;
use forward_forward::model::{Checkpoint, Settings};
use forward_forward::web::Session;
use forward_forward::web::files::{Data, FilesReader};
use forward_forward::web::tables::tables;
use replay::{Recording, assert_within, replay};
use tsify::{Ts, Tsify};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn small() -> Ts<Settings> {
    Settings { layers: vec![30, 20], batch: 20, epochs: 2, ..Settings::default() }.into_ts().unwrap()
}

fn session() -> Session {
    let mut session = Session::new(small()).unwrap_or_else(|e| panic!("{}", sentence(e)));
    session.use_data(&strokes()).unwrap_or_else(|e| panic!("{}", sentence(e)));
    while session.prepare(5.0).unwrap_or(1.0) < 1.0 {}
    session
}

fn strokes() -> Data {
    Data::named("strokes", Some(100), Some(40), Some(1)).ok().unwrap()
}

/// The message of what JavaScript would catch.
fn sentence(error: wasm_bindgen::JsError) -> String {
    JsValue::from(error).unchecked_into::<js_sys::Error>().message().into()
}

fn field(value: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(value, &name.into()).unwrap()
}

/// A whole number.
fn number(value: &JsValue, name: &str) -> i64 {
    field(value, name).as_f64().unwrap_or_else(|| panic!("{name} is a number")) as i64
}

#[wasm_bindgen_test]
async fn wasm_reproduces_the_published_code() {
    let recording = Recording {
        file: "hinton_reference.safetensors".to_owned(),
        bytes: include_bytes!("fixtures/hinton_reference.safetensors").to_vec(),
    };
    assert_within(1e-5, &replay(&Cpu, &recording).await);
}

#[wasm_bindgen_test]
async fn a_run_trains_saves_and_goes_on_the_same() {
    let mut whole = session();
    let mut stopped = session();
    for _ in 0..4 {
        whole.step().await.ok().unwrap();
    }
    for _ in 0..2 {
        stopped.step().await.ok().unwrap();
    }
    let bytes = stopped.save().await.ok().unwrap().to_vec();
    let mut resumed = Session::load(&bytes, "run.safetensors").ok().unwrap();
    while resumed.prepare(5.0).unwrap_or(1.0) < 1.0 {}
    for _ in 0..2 {
        resumed.step().await.ok().unwrap();
    }
    let read = |bytes: js_sys::Uint8Array| Checkpoint::from_bytes("run", &bytes.to_vec()).unwrap();
    assert_eq!(read(resumed.save().await.ok().unwrap()), read(whole.save().await.ok().unwrap()));
}

#[wasm_bindgen_test]
async fn progress_is_plain_numbers() {
    let mut session = session();
    let progress = session.train(1e9).await.ok().unwrap().js_value();
    assert_eq!(number(&progress, "step"), 10);
    assert_eq!(number(&progress, "images_seen"), 200);
    assert_eq!(field(&progress, "finished"), JsValue::TRUE);
    let layers: js_sys::Array = field(&progress, "layers").unchecked_into();
    assert_eq!(layers.length(), 2);
    assert_eq!(number(&layers.get(1), "threshold"), 20);
    let measured = session.evaluate(1e9).await.ok().unwrap().js_value();
    assert_eq!(number(&measured, "images"), 40);
}

/// Asks as the page does: with typed arrays, and for the answer under the question's name.
async fn read_drawing(session: &mut Session, points: &[f32], ends: &[u32]) -> JsValue {
    let (points, ends) = (js_sys::Float32Array::from(points), js_sys::Uint32Array::from(ends));
    let about = js_sys::Object::new();
    for (name, value) in [("points", points.into()), ("ends", ends.into()), ("pen", JsValue::from(20))] {
        js_sys::Reflect::set(&about, &name.into(), &value).unwrap();
    }
    let question = js_sys::Object::new();
    js_sys::Reflect::set(&question, &"readDrawing".into(), &about).unwrap();
    let answer = session.ask(Ts::new_unchecked(question.into())).await.ok().unwrap().js_value();
    field(&answer, "readDrawing")
}

#[wasm_bindgen_test]
async fn drawings_are_read_and_nothing_is_nothing() {
    let mut session = session();
    assert!(read_drawing(&mut session, &[], &[]).await.is_undefined());
    let line: Vec<f32> = (0..20_u8).flat_map(|i| [100.0, 40.0 + 8.0 * f32::from(i), 0.5]).collect();
    let reading = read_drawing(&mut session, &line, &[20]).await;
    let image: js_sys::Uint8Array = field(&reading, "image").dyn_into().expect("bytes, not an array of numbers");
    assert_eq!(image.length(), 784);
    assert!(image.to_vec().iter().any(|&p| p > 200));
}

#[wasm_bindgen_test]
fn what_is_wrong_is_a_sentence_and_the_session_stays() {
    let absurd = Settings { batch: 0, ..Settings::default() };
    let error = Session::new(absurd.into_ts().unwrap()).err().map(sentence);
    assert_eq!(error.as_deref(), Some("batch = 0 is not possible: choose 1 to 1000 pictures"));
    let error = Session::load(b"no checkpoint", "notes.txt").err().map(sentence).unwrap();
    assert!(error.starts_with("checkpoint notes.txt: is not a safetensors file"), "{error}");

    let mut session = session();
    let mut reader = FilesReader::new();
    assert!(reader.begin("train-labels-idx1-ubyte", 3.0) && !reader.begin(".DS_Store", 3.0));
    reader.end();
    assert!(reader.begin("train-images-idx3-ubyte", 0.0));
    reader.end();
    let error = reader.finish("files").err().map(sentence).unwrap();
    assert!(error.contains("train-images-idx3-ubyte: is empty"), "{error}");
    assert_eq!(number(&session.data().ok().unwrap().js_value(), "train"), 100);
}

#[wasm_bindgen_test]
fn settings_come_and_go_unchanged() {
    let tables = tables().ok().unwrap().js_value();
    let recipes: js_sys::Array = field(&tables, "recipes").dyn_into().expect("a list");
    assert_eq!(recipes.length(), 7);
    let rate = field(&field(&tables, "hinton"), "rate").as_f64().expect("a number");
    assert!((rate - 0.01).abs() < 1e-9, "{rate}");
    assert_eq!(session().settings().ok().unwrap().to_rust().ok(), small().to_rust().ok());
}
