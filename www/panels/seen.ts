import type { Attachment } from 'svelte/attachments';

/** Tells whether the element is on screen: what cannot be seen need not be asked for. */
export const seen =
  (tell: (visible: boolean) => void): Attachment =>
  (element) => {
    const observer = new IntersectionObserver((entries) => tell(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(element);
    return () => observer.disconnect();
  };
