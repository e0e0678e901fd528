/**
 * Where this browser keeps runs: IndexedDB, because one transaction makes a run's weights, curve and settings a single fact,
 * kept whole or not at all whenever the power goes, and because private windows have it too, which files (OPFS) they do not.
 * The page and its worker each have a connection.
 */
const DATABASE = 'forward-forward-lab';
const VERSION = 2;
/** What is known of a kept run, its weights by the same key, and the curves of runs that are over. */
const STORES = ['kept', 'weights', 'runs'] as const;
export type StoreName = (typeof STORES)[number];

let opening: Promise<IDBDatabase> | undefined;

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(refusal(request.error));
  });
}

/** What a browser that refuses its storage means by it, as the rest of a sentence. */
function refusal(failure: unknown): Error {
  const name = failure instanceof Error || failure instanceof DOMException ? failure.name : '';
  const known: Record<string, string> = {
    QuotaExceededError: 'its storage is full',
    VersionError: 'a newer version of this page keeps runs there, which this one leaves alone',
    NotFoundError: 'what lies there under this page’s name is somebody else’s, and is left alone',
    SecurityError: 'it allows this page no storage',
    InvalidStateError: 'it allows this page no storage',
    UnknownError: 'its storage cannot be read',
  };
  const text = known[name] ?? (name || !(failure instanceof Error) ? `its storage failed: ${name}` : failure.message);
  return new Error(text, { cause: failure });
}

async function connect(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    const there = request.result.objectStoreNames;
    for (const name of STORES) if (!there.contains(name)) request.result.createObjectStore(name);
  };
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    request.onblocked = () => reject(new Error('another tab has an older version of this page open'));
    settled(request).then(resolve, reject);
  });
  // Another tab wants to bring the store up to a newer version, or the person clears what this page has stored.
  database.onversionchange = () => {
    database.close();
    opening = undefined;
  };
  database.onclose = () => (opening = undefined);
  return database;
}

function connected(): Promise<IDBDatabase> {
  opening ??= connect().catch((failure: unknown) => {
    opening = undefined;
    throw failure instanceof Error && failure.cause ? failure : refusal(failure);
  });
  return opening;
}

async function begin(names: readonly StoreName[], mode: IDBTransactionMode): Promise<IDBTransaction> {
  const database = await connected();
  try {
    return database.transaction(names, mode, { durability: 'strict' });
  } catch (failure) {
    throw refusal(failure);
  }
}

/**
 * Writes all of it or nothing. The values have been copied once this answers; `committed` is kept when they are on the disk,
 * which is also when a full one shows.
 */
export async function write(
  names: readonly StoreName[],
  work: (store: (name: StoreName) => IDBObjectStore) => void,
): Promise<{ committed: Promise<void> }> {
  const transaction = await begin(names, 'readwrite');
  const committed = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(refusal(transaction.error));
  });
  try {
    work((name) => transaction.objectStore(name));
  } catch (failure) {
    committed.catch(() => undefined);
    transaction.abort();
    throw refusal(failure);
  }
  return { committed };
}

/** Everything in a store, each with its key. */
export async function all(name: StoreName): Promise<[key: string, value: unknown][]> {
  const store = (await begin([name], 'readonly')).objectStore(name);
  const [keys, values] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())]);
  return keys.map((key, i) => [String(key), values[i]]);
}

export async function get(name: StoreName, key: string): Promise<unknown> {
  return settled<unknown>((await begin([name], 'readonly')).objectStore(name).get(key));
}

export async function remove(names: readonly StoreName[], keys: readonly string[]): Promise<void> {
  const { committed } = await write(names, (store) => {
    for (const name of names) for (const key of keys) store(name).delete(key);
  });
  await committed;
}
