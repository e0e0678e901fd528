/**
 * What may become a script: files of this page's own host. Where browsers know Trusted Types, the page's policy has every
 * worker's address pass here, and text of any origin that would become HTML is refused, because nothing here lets it through.
 */
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown;
}

const { trustedTypes } = globalThis as { trustedTypes?: Factory };

/** Only a page without an origin of its own has to start workers from blobs (state/workers.ts). */
const blobs = self.origin === 'null';

trustedTypes?.createPolicy('default', {
  createScriptURL(address) {
    const { origin, protocol } = new URL(address, document.baseURI);
    // A blob's origin is that of the page that made it.
    if (protocol === 'blob:' ? blobs : origin === location.origin) return address;
    throw new TypeError(`${address} is not a script of this page.`);
  },
});

if (!blobs) {
  // On top of the page's policy, which cannot tell.
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "worker-src 'self'";
  document.head.append(policy);
}
