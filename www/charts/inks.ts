import { MediaQuery } from 'svelte/reactivity';

const dark = new MediaQuery('prefers-color-scheme: dark');
const forced = new MediaQuery('forced-colors: active');

/** The look that the page has; whatever reads it is told when that changes. */
export const look = (): string => `${forced.current ? 'forced ' : ''}${dark.current ? 'dark' : 'light'}`;

/** What canvases are painted with, as used values. */
export interface Inks {
  ink: string;
  quiet: string;
  line: string;
  fontFamily: string;
}

const known = new Map<string, Inks>();

/**
 * The page's own colours and letters in the look it has. They are asked for once a look: a browser styles the whole page before it
 * answers.
 */
export function inks(): Inks {
  const found = known.get(look());
  if (found) return found;
  const probe = document.body.appendChild(document.createElement('span'));
  const style = getComputedStyle(probe);
  // `light-dark()` resolves only as a used value.
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return style.color;
  };
  const [ink, quiet, line] = [colour('ink'), colour('quiet'), colour('line')];
  const { fontFamily } = style;
  probe.remove();
  const read = { ink, quiet, line, fontFamily };
  known.set(look(), read);
  return read;
}
