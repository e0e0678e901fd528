/**
 * The query of the page's address, as it arrives. On its way a link is escaped once more, gets the full stop of the sentence it
 * stands in, and parameters that mail programs and social networks count visitors by. What was meant is read all the same.
 */

export interface Query {
  /** The value of a setting, if the address gives one. */
  get: (name: string) => string | null;
  /** Parameters that are no settings of this page, but look like one that is misspelt. */
  misspelt: { name: string; value: string; meant: string }[];
}

/** Where a parameter begins behind another sign than `&`: no setting's value has this in it, apart from `rules`. */
const FURTHER = /[;?]\s*(?=([a-z][\w-]*)=)/gi;
const AMPERSAND = /&(?:(?:amp|#0*38|#x0*26);)*/gi;
const ESCAPED = /%[\da-f]{2}/i;
/** Signs that belong to the text around a link. */
const OPENING = /^[\s<("'“‘«*]+/;
const CLOSING = /[\s\p{Cf}.,:;!?)\]}>"'“”‘’»*_]/u;

/** A name as it counts: `Weight-Cost` is weight_cost, and `amp;seed` what is left of `&amp;seed`. */
const plainName = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/^(?:amp;)+/, '')
    .replaceAll('-', '_');

/** A value without the signs around it. One that ends in several points was cut off there, and stays so. */
function bareValue(text: string): string {
  const value = text.replace(/#.*$/s, '').replace(OPENING, '');
  let end = value.length;
  while (end > 0 && CLOSING.test(value[end - 1] ?? '')) end--;
  return value.slice(end).includes('..') ? value : value.slice(0, end);
}

/** Unescapes as often as somebody has escaped: no setting's value has a percent sign before digits. */
function unescaped(text: string): string {
  let plain = text.replaceAll('+', ' ');
  for (let times = 0; times < 4 && ESCAPED.test(plain); times++)
    plain = plain.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
      try {
        return decodeURIComponent(escapes);
      } catch {
        return '\ufffd';
      }
    });
  return plain;
}

/** The parameters of a query in their order, those of `known` names unescaped and without the signs around them. */
function* parameters(
  query: string,
  known: ReadonlySet<string>,
  inRules: readonly string[],
  depth = 0,
): Generator<[name: string, value: string]> {
  for (const piece of query.split(AMPERSAND).flatMap((part) => further(part, inRules))) {
    const equals = piece.indexOf('=');
    // Somebody escaped the whole of it.
    if (equals < 0 && ESCAPED.test(piece) && depth < 4) yield* parameters(unescaped(piece), known, inRules, depth + 1);
    if (equals < 0) continue;
    const name = plainName(unescaped(piece.slice(0, equals)));
    const value = unescaped(piece.slice(equals + 1));
    const [own = '', ...others] = known.has(name)
      ? `${name}=${value}`.split(AMPERSAND).flatMap((part) => further(part, inRules))
      : [''];
    if (!known.has(name)) yield [name, value];
    else yield [name, bareValue(own.slice(name.length + 1))];
    if (depth < 4) for (const other of others) yield* parameters(other, known, inRules, depth + 1);
  }
}

/** Cuts where another sign than `&` separates parameters; in `rules` it may separate layers. */
function further(piece: string, inRules: readonly string[]): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { 0: sign, 1: name = '', index } of piece.matchAll(FURTHER)) {
    if (/^\s*rules=/i.test(piece.slice(from)) && inRules.includes(plainName(name))) continue;
    parts.push(piece.slice(from, index));
    from = index + sign.length;
  }
  return [...parts, piece.slice(from)];
}

/** How many letters must be changed, left out, added or swapped with the next to make one word of another. */
export function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (rows[i - 1]?.[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          changed,
          (rows[i - 1]?.[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          swapped ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** The setting that a name may be a misspelling of: of a long one two letters may be wrong, but not the first. */
export function misspelling(name: string, settings: Iterable<string>): string | undefined {
  const bare = (word: string): string => word.replaceAll('_', '').slice(0, 40);
  const given = bare(name);
  // One letter, or two, are a counter's: no setting's name is so short.
  if (given.length < 3) return undefined;
  let meant: string | undefined;
  let least = 3;
  for (const setting of settings) {
    const wrong = distance(given, bare(setting));
    if (wrong >= least || (wrong === 2 && (given.length < 6 || given[0] !== setting[0]))) continue;
    [meant, least] = [setting, wrong];
  }
  return meant;
}

/**
 * Reads a query (`location.search`) of which `settings` are the names that mean something here, and `inRules` those that a rule of
 * a layer sets with an equals sign. Never throws.
 */
export function readQuery(query: string, settings: Iterable<string>, inRules: readonly string[] = []): Query {
  const known = new Set(settings);
  const given = new Map<string, string>();
  const misspelt = new Map<string, Query['misspelt'][number]>();
  for (const [name, value] of parameters(query.replace(/^\?+/, ''), known, inRules)) {
    if (known.has(name)) {
      if (!given.has(name)) given.set(name, value);
      continue;
    }
    const meant = misspelling(name, known);
    if (meant !== undefined) misspelt.set(name, { name, value, meant });
  }
  return { get: (name) => given.get(name) ?? null, misspelt: [...misspelt.values()] };
}
