import { describe, expect, it } from 'vitest';
import { TaskQueue, breath } from './taskQueue';

describe('the task queue', () => {
  it('lets one work at a time, in order, and goes on after a failure', async () => {
    const queue = new TaskQueue();
    const log: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      log.push(`${name} begins`);
      await breath();
      log.push(`${name} ends`);
      if (name === 'b') throw new Error('b failed');
      return name;
    };
    const all = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.run(work(name))));
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(all.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
