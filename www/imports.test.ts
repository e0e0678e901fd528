import { expect, it } from 'vitest';

const sources = import.meta.glob<string>('./**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true });
const IMPORTED = /\b(?:from|import|import\()\s*['"](\.[^'"?]*)/g;

/** The files of www that each imports, for their types or for what they do. */
const imports = new Map(
  Object.entries(sources).map(([file, text]) => {
    const names = [...text.matchAll(IMPORTED)].map(([, name = '']) => new URL(name, `file:///${file}`).pathname);
    return [
      file,
      names.flatMap((name) => [name, `${name}.ts`].map((path) => `.${path}`).filter((path) => path in sources)),
    ];
  }),
);

/** The imports that lead from `file` back to it, or to another file on the way. */
function circles(file: string, way: readonly string[], done: Set<string>): string[] {
  if (way.includes(file)) return [[...way.slice(way.indexOf(file)), file].join(' → ')];
  if (done.has(file)) return [];
  const found = (imports.get(file) ?? []).flatMap((next) => circles(next, [...way, file], done));
  done.add(file);
  return found;
}

it('imports no file in a circle', () => {
  expect(imports.get('./App.svelte')?.length).toBeGreaterThan(10);
  const done = new Set<string>();
  expect([...imports.keys()].flatMap((file) => circles(file, [], done))).toEqual([]);
});
