/**
 * What a GPU was found to do fastest, kept for the next visit. Storage that is full or forbidden costs a second of timing then,
 * so nobody needs to hear of it.
 */
const NAME = 'forward-forward-lab.tuning';

export function remember(tuning: string): void {
  try {
    localStorage.setItem(NAME, tuning);
  } catch {
    // Timed again next time.
  }
}

export function recall(): string | undefined {
  try {
    return localStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}
