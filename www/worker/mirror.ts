/** Where MNIST is fetched from when a person asks for it: the one foreign address that the page's policy lets it talk to. */
export const MIRROR = 'https://cdn.jsdelivr.net/gh/fgnt/mnist/';
