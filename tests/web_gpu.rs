//! The GPU engine as the page gets it: WebAssembly and the browser's WebGPU, in a worker.
#![cfg(target_arch = "wasm32")]

#[path = "common/compare.rs"]
mod compare;
#[path = "common/primitives.rs"]
mod primitives;
#[path = "common/replay.rs"]
mod replay;

use compare::assert_same;
use forward_forward::dataset::Shape;
use forward_forward::engine::cpu::Cpu;
use forward_forward::engine::gpu::{Gpu, Preference, Tiling};
use forward_forward::engine::{Blocks, Engine, Local, Obstacle};
use forward_forward::model::{Checkpoint, Settings};
use forward_forward::web::files::Data;
use forward_forward::web::{EngineSearch, Session};
use replay::{Recording, assert_within, replay};
use tsify::Tsify;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

async fn gpu() -> Gpu {
    Gpu::open(Preference::Any).await.unwrap_or_else(|e| panic!("{e}"))
}

fn sentence(error: wasm_bindgen::JsError) -> String {
    JsValue::from(error).unchecked_into::<js_sys::Error>().message().into()
}

/// As the page does it.
async fn use_engine(session: &mut Session, engine: &str) -> JsValue {
    let mut search = EngineSearch::new(engine).unwrap_or_else(|e| panic!("{}", sentence(e)));
    while search.advance().await.unwrap_or_else(|e| panic!("{}", sentence(e))) < 1.0 {}
    session.use_engine(search).await.unwrap_or_else(|e| panic!("{}", sentence(e))).js_value()
}

#[wasm_bindgen_test]
async fn every_primitive_does_what_its_twin_does() {
    let gpu = gpu().await;
    console_log!("{:?}", gpu.adapter());
    macro_rules! same {
        ($primitive:ident $(, $argument:expr)*) => {
            let theirs = primitives::$primitive(&Cpu $(, $argument)*).await;
            let ours = primitives::$primitive(&gpu $(, $argument)*).await;
            assert_same(&ours, &theirs, stringify!($primitive));
        };
    }
    same!(gather, Shape::MNIST, 65, 10, false);
    same!(gather, Shape::MNIST, 7, 47, true);
    same!(mix, Shape::MNIST, 65);
    for obstacle in [Obstacle::Median, Obstacle::Sine, Obstacle::Table] {
        same!(transform, obstacle, 65, 345);
    }
    for ([rows, inner, columns], classes) in [([7, 65, 345], 10), ([65, 345, 7], 47), ([100, 500, 65], 3)] {
        same!(forward, rows, inner, columns);
        same!(forward_pictures, rows, inner, columns, classes);
        same!(judge, rows, columns);
        same!(update, rows, inner, columns);
        same!(update_pictures, rows, inner, columns, classes);
        same!(classify, rows, columns, classes);
        same!(learn_head, rows, columns, classes);
        same!(tally, rows, classes);
        same!(propose, rows, classes);
        same!(connect, rows, inner, columns);
        same!(connect_pictures, rows, inner, columns);
        same!(settle, rows, columns);
        same!(express, rows, classes);
        same!(backward, rows, inner, columns);
        same!(given, rows, inner, columns);
        same!(mask, inner, columns);
    }
    // What cuts products for hardware is compiled by every browser, too.
    for tiling in Tiling::ALL {
        gpu.use_only(tiling);
        for [rows, inner, columns] in [[7, 65, 345], [67, 345, 65]] {
            console_log!("{tiling:?}");
            same!(forward, rows, inner, columns);
            same!(connect, rows, inner, columns);
            same!(given, rows, inner, columns);
            same!(forward_pictures, rows, inner, columns, 10);
            same!(update, rows, inner, columns);
            same!(update_pictures, rows, inner, columns, 10);
        }
    }
    gpu.use_only(Tiling::SOFTWARE);
    let cifar = Shape { height: 32, width: 32, channels: 3 };
    same!(gather, cifar, 7, 0, false);
    same!(mix, cifar, 7);
    let local = Local { height: 12, width: 11, inputs: 3, units: 3, window: 11, tile: 4 };
    let (ours, theirs) = (primitives::local(&gpu, local, 3).await, primitives::masked(&Cpu, local, 3).await);
    assert_same(&ours, &theirs, "windows against a dense layer");
    for rule in primitives::rules(60) {
        same!(rule, rule, 65, 345, 60);
    }
}

#[wasm_bindgen_test]
async fn webgpu_reproduces_the_published_code() {
    let recording = Recording {
        file: "hinton_reference.safetensors".to_owned(),
        bytes: include_bytes!("fixtures/hinton_reference.safetensors").to_vec(),
    };
    assert_within(1e-4, &replay(&gpu().await, &recording).await);
}

fn strokes() -> Data {
    Data::named("strokes", Some(100), Some(40), Some(1)).ok().unwrap()
}

#[wasm_bindgen_test]
async fn a_session_changes_engines_on_its_way() {
    let settings = Settings { layers: vec![30, 20], batch: 20, epochs: 2, ..Settings::default() };
    let begin = || {
        let mut session =
            Session::new(settings.clone().into_ts().unwrap()).unwrap_or_else(|e| panic!("{}", sentence(e)));
        session.use_data(&strokes()).unwrap_or_else(|e| panic!("{}", sentence(e)));
        while session.prepare(5.0).unwrap_or(1.0) < 1.0 {}
        session
    };
    let (mut moving, mut staying) = (begin(), begin());
    for engine in ["webgpu", "cpu", "webgpu"] {
        let change = use_engine(&mut moving, engine).await;
        let kind = js_sys::Reflect::get(&change, &"kind".into()).unwrap().as_string();
        assert_eq!(kind.as_deref(), Some(engine));
        for session in [&mut moving, &mut staying] {
            session.step().await.unwrap_or_else(|e| panic!("{}", sentence(e)));
        }
    }
    let read = |bytes: js_sys::Uint8Array| Checkpoint::from_bytes("run", &bytes.to_vec()).unwrap();
    let (a, b) = (read(moving.save().await.ok().unwrap()), read(staying.save().await.ok().unwrap()));
    assert_eq!(a.step, 3);
    for (a, b) in a.layers.iter().zip(&b.layers) {
        assert!(compare::relative_error(&a.weight, &b.weight) < 1e-3);
    }
    let error = EngineSearch::new("abacus").err().map(sentence);
    assert_eq!(error.as_deref(), Some("engine = abacus is not possible: choose auto, webgpu, webgpu-f16 or cpu"));
}

#[wasm_bindgen_test]
async fn a_lost_gpu_costs_no_more_than_the_work_since_the_last_checkpoint() {
    let settings = Settings { layers: vec![30, 20], batch: 20, epochs: 20, ..Settings::default() };
    let mut session = Session::new(settings.into_ts().unwrap()).unwrap_or_else(|e| panic!("{}", sentence(e)));
    session.use_data(&strokes()).unwrap_or_else(|e| panic!("{}", sentence(e)));
    while session.prepare(5.0).unwrap_or(1.0) < 1.0 {}
    for _ in 0..3 {
        session.step().await.ok().unwrap();
    }
    use_engine(&mut session, "webgpu").await;
    assert_eq!(session.notice(), None);
    // Once a fresh device, as adapters may fail once; soon again, no more adventures.
    for (lost, engine, place) in [(3, "webgpu", "a fresh device"), (3, "cpu", "the CPU engine")] {
        session.lose_gpu().ok().unwrap();
        let progress = session.step().await.unwrap_or_else(|e| panic!("{}", sentence(e))).js_value();
        let step = js_sys::Reflect::get(&progress, &"step".into()).unwrap().as_f64();
        assert_eq!(step, Some(f64::from(lost + 1)), "the three steps were kept");
        let notice = session.notice().expect("said in words");
        let info = session.engine().ok().unwrap().js_value();
        let kind = js_sys::Reflect::get(&info, &"kind".into()).unwrap().as_string();
        assert_eq!(kind.as_deref(), Some(engine), "{notice}");
        // A browser may tell of the loss some time after what comes of it.
        let told = ["was lost", "refused a command", "would not hand back"];
        assert!(told.iter().any(|words| notice.contains(words)), "{notice}");
        assert!(notice.contains(&format!("goes on from batch {lost} on {place}")), "{notice}");
        assert_eq!(session.notice(), None, "said once");
    }
}

/// Notes when the device of this worker that is asked for a kernel next has compiled it, and when it is destroyed; to be called
/// for both in their order.
const WATCH: &str = r"
    const { prototype } = GPUDevice;
    const { createComputePipelineAsync, destroy } = prototype;
    const events = [];
    let watched;
    prototype.createComputePipelineAsync = function (wanted) {
        watched ??= this;
        const compiled = createComputePipelineAsync.call(this, wanted);
        compiled.finally(() => events.push('compiled'));
        return compiled;
    };
    let ended;
    const end = new Promise((resolve) => (ended = resolve));
    prototype.destroy = function () {
        destroy.call(this);
        if (this !== watched) return;
        events.push('destroyed');
        ended();
    };
    return async () => {
        await end;
        Object.assign(prototype, { createComputePipelineAsync, destroy });
        return events.join();
    };
";

/// Told before, a browser would wait on the thread that draws its pages.
#[wasm_bindgen_test]
async fn a_device_is_destroyed_once_it_has_nothing_to_do() {
    let watched = js_sys::Function::new_no_args(WATCH).call0(&JsValue::NULL).unwrap();
    let gpu = gpu().await;
    let scores = gpu.matrix(3, 10).unwrap();
    let mut labels = gpu.labels(3).unwrap();
    gpu.propose(&scores, &Blocks { positive: 0..3, negative: 3..6 }, 1, 1, &mut labels);
    drop((scores, labels));
    drop(gpu);
    let end: js_sys::Promise = watched.unchecked_into::<js_sys::Function>().call0(&JsValue::NULL).unwrap().into();
    let events = wasm_bindgen_futures::JsFuture::from(end).await.unwrap();
    assert_eq!(events.as_string().as_deref(), Some("compiled,destroyed"));
}
