//! Kernels that a browser compiles meanwhile. Asked for one at once, it compiles on the thread that all of its pages are drawn by,
//! which stand still until it is done; asked for one some time, it does not. wgpu only knows how to ask at once. So what it asks
//! for is overheard, asked for some time, and handed to it when it asks again. Nor is a device ended there before its kernels are
//! compiled. Natively all of this is done at once.

use super::kernel::{Kernel, Pipeline, Target};

/// What is being compiled.
#[cfg(target_arch = "wasm32")]
pub type Compiling = wasm_bindgen_futures::JsFuture;
/// Nothing ever is.
#[cfg(not(target_arch = "wasm32"))]
pub type Compiling = std::convert::Infallible;

/// `kernel`, and what must be waited for before it is dispatched: only its bindings are real until then.
#[cfg(not(target_arch = "wasm32"))]
pub fn begin(kernel: Kernel, target: Target) -> (Pipeline, Option<Compiling>) {
    (kernel.compile(target), None)
}

/// `kernel`, compiled.
#[cfg(not(target_arch = "wasm32"))]
pub fn finish(_: Kernel, _: Target, compiling: Compiling) -> std::future::Ready<Pipeline> {
    match compiling {}
}

/// Destroys `device`.
#[cfg(not(target_arch = "wasm32"))]
pub fn end(device: wgpu::Device, _: &wgpu::Queue, _: Vec<(Kernel, Compiling)>) {
    device.destroy();
}

#[cfg(target_arch = "wasm32")]
pub use page::{begin, end, finish};

#[cfg(target_arch = "wasm32")]
// As natively.
mod page {
    use super::super::signal::Signal;
    use super::{Compiling, Kernel, Pipeline, Target};
    use js_sys::{Function, Promise, Reflect};
    use std::cell::RefCell;
    use std::rc::Rc;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast, JsValue};

    pub fn begin(kernel: Kernel, target: Target) -> (Pipeline, Option<Compiling>) {
        let asked = Rc::new(RefCell::new(JsValue::UNDEFINED));
        let overheard = Rc::clone(&asked);
        let pipeline = answered(kernel, target, move |descriptor| overheard.replace(descriptor));
        let compiling = browsers(target.0).and_then(|device| {
            let create: Function = Reflect::get(device, &"createComputePipelineAsync".into()).ok()?.dyn_into().ok()?;
            create.call1(device, &asked.take()).ok()?.dyn_into::<Promise>().ok()
        });
        match compiling {
            Some(compiling) => (pipeline, Some(compiling.into())),
            None => (kernel.compile(target), None),
        }
    }

    pub async fn finish(kernel: Kernel, target: Target<'_>, compiling: Compiling) -> Pipeline {
        match compiling.await {
            Ok(compiled) => answered(kernel, target, move |_| compiled.clone()),
            // Asked at once, a browser that refuses says why where `Failure` listens.
            Err(_) => kernel.compile(target),
        }
    }

    /// Destroys `device` once it has nothing to do: the thread that draws would wait for what it still does and compiles.
    pub fn end(device: wgpu::Device, queue: &wgpu::Queue, compiling: Vec<(Kernel, Compiling)>) {
        let done = Signal::new();
        let handle = done.handle();
        queue.on_submitted_work_done(move || handle.send(()));
        wasm_bindgen_futures::spawn_local(async move {
            for (_, compiling) in compiling {
                compiling.await.ok();
            }
            (&done).await;
            device.destroy();
        });
    }

    /// The device as the browser knows it.
    fn browsers(device: &wgpu::Device) -> Option<&JsValue> {
        device.as_webgpu().map(AsRef::as_ref)
    }

    /// `kernel` as wgpu makes it where `answer` takes the descriptor and gives the pipeline, instead of the browser.
    fn answered(kernel: Kernel, target: Target, answer: impl FnMut(JsValue) -> JsValue + 'static) -> Pipeline {
        let Some(browsers) = browsers(target.0) else { return kernel.compile(target) };
        let answer = Closure::<dyn FnMut(JsValue) -> JsValue>::new(answer);
        let name = "createComputePipeline".into();
        Reflect::set(browsers, &name, answer.as_ref()).ok();
        let pipeline = kernel.compile(target);
        Reflect::delete_property(browsers.unchecked_ref::<js_sys::Object>(), &name).ok();
        pipeline
    }
}
