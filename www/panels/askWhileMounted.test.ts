import { expect, it, vi } from 'vitest';
import type { Lab } from '../state/run/lab.svelte';
import { asking } from './askWhileMounted';

const leaving = vi.hoisted(() => [] as (() => void)[]);
vi.mock('svelte', () => ({ onDestroy: (leave: () => void) => leaving.push(leave) }));

it('answers a component that is there, and never one that has gone', async () => {
  const answers: ((answer: unknown) => void)[] = [];
  const ask = asking({ ask: () => new Promise((resolve) => answers.push(resolve)) } as unknown as Lab);
  const told: unknown[] = [];
  const question = () => void ask('sample', { index: 0 }).then((answer) => told.push(answer));
  question();
  answers[0]!('while there');
  await vi.waitFor(() => expect(told).toEqual(['while there']));

  question();
  expect(leaving).toHaveLength(1);
  leaving[0]!();
  answers[1]!('after it has gone');
  await new Promise((resolve) => setTimeout(resolve));
  expect(told).toEqual(['while there']);
});
