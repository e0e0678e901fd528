/** How many threads the core can have in this browser, on this page, and why it is one where it is one. */
import { hasRelaxedSimd, isBuilt } from '../../worker/builds';
import { obstacle } from './isolation';

export interface Threads {
  count: number;
  /** Why there is only one; empty where there are more. */
  why: string;
}

/** Nobody has tried more, and a layer of 500 units has no more pieces that are worth a thread each. */
const MOST = 16;

let failed = false;

/** The threads could not be started: from now on there is one. */
export const threadsFailed = (): void => {
  failed = true;
};

/** The cores the core may have: all of two, and where there are more one is left to the page. */
export const threadsFor = (cores: number): number => (cores <= 2 ? cores : Math.min(cores - 1, MOST));

export function threadsHere(): Threads {
  const why = reason();
  return why ? { count: 1, why } : { count: threadsFor(navigator.hardwareConcurrency), why: '' };
}

function reason(): string {
  if (!isBuilt('threads')) return 'this copy of the page was built without more';
  if (failed) return 'others could not be started';
  if (!globalThis.crossOriginIsolated) return obstacle();
  if (typeof SharedArrayBuffer === 'undefined') return 'this browser shares no memory';
  if (!(navigator.hardwareConcurrency > 1)) return 'this machine shows one core';
  if (!hasRelaxedSimd() || !('waitAsync' in Atomics)) return 'this browser is too old for more';
  return '';
}
