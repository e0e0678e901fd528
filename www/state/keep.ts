/** The newest checkpoint, kept in this browser (IndexedDB) so that a closed tab loses nothing. */
import type { Progress } from '../worker/protocol';
import type { Choices } from './settings';

export interface Kept {
  bytes: Uint8Array;
  choices: Choices;
  progress: Progress;
  saved: number;
}

const DATABASE = 'forward-forward-lab';
const STORE = 'checkpoints';
const NEWEST = 'newest';

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The browser refused its storage.'));
  });
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    // A full disk shows when the transaction commits, not when the request succeeds.
    const committed = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('The browser refused its storage.'));
    });
    const [result] = await Promise.all([settled(work(transaction.objectStore(STORE))), committed]);
    return result;
  } finally {
    database.close();
  }
}

export const keepNewest = (kept: Kept): Promise<unknown> => within('readwrite', (store) => store.put(kept, NEWEST));
export const newestKept = (): Promise<Kept | undefined> =>
  within('readonly', (store) => store.get(NEWEST) as IDBRequest<Kept | undefined>);
export const forgetKept = (): Promise<unknown> => within('readwrite', (store) => store.delete(NEWEST));
