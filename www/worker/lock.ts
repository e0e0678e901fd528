/** Holds a lock for as long as this worker lives; answers once it has it. */
export const holdLock = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const forever = (): Promise<never> => {
      resolve();
      return new Promise(() => undefined);
    };
    navigator.locks.request(name, forever).catch(reject);
  });
