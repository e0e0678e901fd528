import { expect, test } from 'vitest';
import { threadsFor, threadsHere } from './threads';

test('where there are more than two cores, one is left to the page', () => {
  expect([1, 2, 3, 4, 8, 16, 17].map(threadsFor)).toEqual([1, 2, 2, 3, 7, 15, 16]);
  expect(threadsFor(128)).toBe(16);
});

test('a page that is not isolated has one thread, and a reason', () => {
  expect(threadsHere().count).toBe(1);
  expect(threadsHere().why).not.toBe('');
});
