/** Compiling that takes no longer, in milliseconds, is not worth a word. */
const SOON = 200;

interface Devices {
  GPUDevice?: { prototype: { createComputePipelineAsync(descriptor: object): Promise<object> } };
}

/** Tells how many kernels the browser is still compiling, whenever that changes: a device is asked for them by whoever uses it. */
export function tellCompiling(tell: (kernels: number) => void): void {
  const { prototype } = (globalThis as Devices).GPUDevice ?? {};
  if (!prototype) return;
  const { createComputePipelineAsync } = prototype;
  let kernels = 0;
  let told = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;
  const change = (by: number): void => {
    kernels += by;
    soon ??= setTimeout(() => {
      soon = undefined;
      if (kernels !== told) tell((told = kernels));
    }, SOON);
  };
  prototype.createComputePipelineAsync = function (descriptor) {
    change(1);
    const compiling = createComputePipelineAsync.call(this, descriptor);
    const done = (): void => change(-1);
    compiling.then(done, done);
    return compiling;
  };
}
