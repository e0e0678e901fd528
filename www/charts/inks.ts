import { MediaQuery } from 'svelte/reactivity';

const dark = new MediaQuery('prefers-color-scheme: dark');

/** Whether the page is dark; whatever reads it is told when that changes. */
export const isDark = (): boolean => dark.current;

/** What canvases are painted with, as used values. */
export interface Inks {
  ink: string;
  quiet: string;
  line: string;
  fontFamily: string;
}

const known = new Map<boolean, Inks>();

/**
 * The page's own colours and letters in the scheme it is in. They are asked for once a scheme: a browser styles the whole page
 * before it answers.
 */
export function inks(): Inks {
  const found = known.get(isDark());
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
  known.set(isDark(), read);
  return read;
}
