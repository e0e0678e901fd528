/** Which of the core's builds a browser can run: only that one is downloaded. */

export type Build = 'forward_forward' | 'relaxed' | 'threads';

/** The builds that were there when the page was built (vite.config.ts): `npm run build` makes all, `npm run dev` takes what is there. */
declare const __BUILDS__: readonly string[];

export const isBuilt = (build: Build): boolean => __BUILDS__.includes(build);

/** A module with nothing but an instruction of relaxed SIMD in it. */
const RELAXED = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0],
  ...[65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
);

/** Whether multiply-adds that are rounded once can be had. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(RELAXED);

/** The build for a page that may use so many threads. */
export const buildFor = (threads: number): Build =>
  threads > 1 ? 'threads' : isBuilt('relaxed') && hasRelaxedSimd() ? 'relaxed' : 'forward_forward';
