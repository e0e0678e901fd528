/** Where one is on the tour: in the address as `#tour-3`, and remembered between visits. */

/** How many stops it has (tourStops.ts). */
export const STOPS = 8;

const KEY = 'forward-forward-lab.tour';

/** The stop an address names, if it does; behind it may stand the end of the sentence that the link stood in. */
export function stopOf(hash: string): number | undefined {
  const stop = Number(/^#tour-(\d{1,2})(?![\w-])/i.exec(hash)?.[1]);
  return stop >= 1 && stop <= STOPS ? stop : undefined;
}

/** Where the tour was left; from its beginning where nobody knows. */
export function recallStop(): number {
  try {
    return stopOf(`#tour-${localStorage.getItem(KEY) ?? ''}`) ?? 1;
  } catch {
    return 1;
  }
}

export function rememberStop(stop: number): void {
  try {
    localStorage.setItem(KEY, String(stop));
  } catch {
    // A browser that keeps nothing begins the tour anew.
  }
}
