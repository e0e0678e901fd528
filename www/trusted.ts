/**
 * What may become a script: files of this page's own host. Where browsers know Trusted Types, the page's policy has every
 * worker's address pass here, and text of any origin that would become HTML is refused, because nothing here lets it through.
 */
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown;
}

const { trustedTypes } = globalThis as { trustedTypes?: Factory };

trustedTypes?.createPolicy('default', {
  createScriptURL(address) {
    if (new URL(address, document.baseURI).origin === location.origin) return address;
    throw new TypeError(`${address} is not a script of this page.`);
  },
});
