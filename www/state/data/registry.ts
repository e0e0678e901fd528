/** The core's list of data, as src/dataset/source.rs has it, with what the page has learned of the person's own. */
import type { SourceRow } from '../../types';
import { SOURCES } from '../settings/tables';

const byName = new Map(SOURCES.map((source) => [source.name, source]));

/** Names of data, as in the address. */
export const NAMES: readonly string[] = SOURCES.map(({ name }) => name);

const builtIn = (colour: boolean): string =>
  (SOURCES.find((source) => source.built_in && source.colour === colour) as SourceRow).name;
/** The data that are made here: digits, and pictures in colour. */
export const DEFAULT = builtIn(false);
export const COLOURED = builtIn(true);

/** What the page offers under this name; pen strokes for a name that it does not offer. */
export const sourceOf = (name: string): SourceRow => byName.get(name) ?? (byName.get(DEFAULT) as SourceRow);

/** The name under which the page offers data. */
export const choiceOf = (name: string): string => (byName.has(name) ? name : DEFAULT);

/** The data that are used until the files of these are there. */
export function standIn(name: string): string {
  const { built_in, colour } = sourceOf(name);
  return built_in ? name : builtIn(colour);
}

/** Takes on what the files of data turned out to be. */
export function describe(name: string, { title, colour }: { title: string; colour: boolean }): void {
  const source = byName.get(name);
  if (source?.own) byName.set(name, { ...source, title, colour });
}
