/** The module worker that owns the WebAssembly instance, the session and the data. */
import { expose } from 'comlink';
import { SessionLaboratory } from './laboratory';

expose(new SessionLaboratory());
