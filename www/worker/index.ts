/**
 * The module worker that owns the WebAssembly instance, the session and the data; or, by another name, one of the threads that
 * the core computes on.
 */
import { expose } from 'comlink';
import { lendThread } from './core';
import { SessionLaboratory } from './laboratory';
import { THREAD } from './protocol';

if (self.name === THREAD) lendThread();
else expose(new SessionLaboratory());
