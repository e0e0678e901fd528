// The port of `npm start` and `npm run dev`, and the folder they may serve MNIST from.

import { existsSync, statSync } from 'node:fs';
import { Plain } from './run.mjs';

/** PORT from the environment, 8080 by default. */
export function chosenPort() {
  const text = process.env.PORT ?? '8080';
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw new Plain(`PORT is \`${text}\`, and a port is a whole number from 1 to 65535.`);
}

/** FF_MNIST_DIR, if set, must be a folder: it is served at /mnist/ by vite.config.ts. */
export function checkMnistFolder() {
  const folder = process.env.FF_MNIST_DIR;
  if (!folder || (existsSync(folder) && statSync(folder).isDirectory())) return;
  throw new Plain(`FF_MNIST_DIR names ${folder}, which is not a folder.`);
}

/** Starts a Vite server by `start`, turning a taken port into a sentence. */
export async function serveAt(port, start) {
  try {
    return await start();
  } catch (error) {
    if (error.code !== 'EADDRINUSE' && !/already in use/.test(error.message)) throw error;
    throw new Plain(`Port ${port} is taken by another program. Choose another one, for example \`PORT=${port + 1}\`.`);
  }
}
