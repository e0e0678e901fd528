/** Each kept run lies in a slot of its own. Whoever writes there holds the slot's lock, so that two tabs never share one. */
const lockOf = (slot: string): string => `forward-forward-lab.${slot}`;

/** A name that nobody else has. */
export const freshName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Takes a slot, until this page goes or calls what it gets; `undefined` if another tab has it. */
export async function claim(slot: string): Promise<(() => void) | undefined> {
  const alone = (): void => undefined;
  // Without a secure origin there are no locks, and no way to know of other tabs; a fresh name is safe all the same.
  if (!('locks' in navigator)) return alone;
  return new Promise((resolve) => {
    navigator.locks
      .request(lockOf(slot), { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((release) => resolve(release));
      })
      // Nor are there any where a browser lets the page have nothing of its own.
      .catch(() => resolve(alone));
  });
}

/** Which of these slots some tab writes to right now. */
export async function taken(slots: readonly string[]): Promise<ReadonlySet<string>> {
  if (!('locks' in navigator)) return new Set();
  const held = await navigator.locks.query().then(
    (locks) => locks.held,
    () => [],
  );
  const names = new Set(held?.map((lock) => lock.name));
  return new Set(slots.filter((slot) => names.has(lockOf(slot))));
}
