import type { Attachment } from 'svelte/attachments';

/** Tells whether the element is on screen, or within `near` pixels of it: what cannot be seen need not be asked for. */
export const seen =
  (tell: (visible: boolean) => void, near = 0): Attachment =>
  (element) => {
    const observer = new IntersectionObserver((entries) => tell(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: `${near}px`,
    });
    observer.observe(element);
    return () => observer.disconnect();
  };
