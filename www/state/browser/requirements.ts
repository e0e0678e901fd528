/** A module with nothing but a vector in it. */
const SIMD = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

const OTHER = 'use a current Chrome, Edge, Firefox or Safari';

/** What the page cannot do without and this browser lacks, as the rest of a sentence. */
export function lacking(): string | undefined {
  if (typeof WebAssembly === 'undefined')
    return `this browser runs no WebAssembly here, in which the network computes. A strict security mode may have switched it off: allow it for this page, or ${OTHER}.`;
  if (!WebAssembly.validate(SIMD)) return `this browser has no SIMD in WebAssembly; ${OTHER}.`;
  const known = {
    Worker: 'Worker' in globalThis,
    DecompressionStream: 'DecompressionStream' in globalThis,
    'Array.with': 'with' in Array.prototype,
  };
  const missing = Object.entries(known).find(([, there]) => !there)?.[0];
  return missing && `this browser is too old (it has no ${missing}); ${OTHER}.`;
}
