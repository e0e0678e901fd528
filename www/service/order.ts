import type { Build } from '../worker/builds';

/** What the page may tell its service worker: to keep the files of a visit with this build of the core, or to take over from its predecessor. */
export type Order = { keep: Build } | 'take over';
