/** How a session begins, from what and over which data. */
import type { Data, Session } from '../../pkg/forward_forward.js';
import { core } from './core';
import type { Settings, Start } from './protocol';

/** A session that begins as it is asked to, on the CPU engine. */
export function begin(
  settings: Settings,
  start: Start,
  data: Data | undefined,
  pretrained: Uint8Array | undefined,
): Session {
  if (start.from === 'checkpoint') return core.Session.load(start.bytes, start.name);
  if (!pretrained) {
    return data ? core.Session.over(settings, data) : new core.Session(settings);
  }
  const session = core.Session.load(pretrained, 'pretrained.safetensors');
  try {
    session.apply(settings);
  } catch (failure) {
    session.free();
    throw failure;
  }
  return session;
}

/** Another run in the place of the session's own, over the same data and on the same engine. */
export function beginAgain(session: Session, settings: Settings, pretrained: Uint8Array | undefined): Session {
  if (pretrained) {
    session.load_again(pretrained, 'pretrained.safetensors');
    session.apply(settings);
  } else session.begin_again(settings);
  return session;
}

/** The core counts in 32-bit floats; 0.02 comes out of it as 0.0199999996. */
export function tidy(settings: ReturnType<Session['settings']>): Settings {
  const tidied = (value: unknown): unknown => {
    if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(7));
    if (Array.isArray(value)) return value.map(tidied);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]: [string, unknown]) => [name, tidied(each)]));
  };
  return tidied(settings) as Settings;
}
