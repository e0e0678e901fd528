import { onDestroy } from 'svelte';
import type { Lab } from '../state/run/lab.svelte';

/**
 * `lab.ask` for as long as the component that begins with this is there. To one that has gone meanwhile no answer ever comes, so
 * that nothing of it is read or done any more.
 */
export function asking(lab: Lab): Lab['ask'] {
  let gone = false;
  onDestroy(() => (gone = true));
  return async (name, about) => {
    const answer = await lab.ask(name, about);
    return gone ? new Promise(() => undefined) : answer;
  };
}
