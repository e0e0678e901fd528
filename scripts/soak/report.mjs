// What a soak found, as figures and as a picture.

/** What is plotted: its name, its unit, and how many of what is counted make one. */
const shown = {
  heap: ['JavaScript heap of the page, after collection', 'MB', 1e6],
  wasm: ['WebAssembly memory', 'MB', 1e6],
  buffers: ['GPU buffers', '', 1],
  nodes: ['DOM nodes', '', 1],
  elements: ['… elements in the page', '', 1],
  gap: ['longest gap between frames', 'ms', 1],
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The least-squares slope an hour over the second half of the samples, by when every panel and recipe has been seen, and how
 * far it may be off: twice its standard error, widened for neighbouring samples being alike.
 */
export function trend(rows, name) {
  const late = rows.slice(Math.floor(rows.length / 2));
  const x = late.map((row) => row.second / 3600);
  const y = late.map((row) => row[name]);
  const [mx, my] = [mean(x), mean(y)];
  const spread = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  const slope = x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0) / spread;
  const rest = y.map((value, i) => value - my - slope * (x[i] - mx));
  const squares = rest.reduce((sum, value) => sum + value * value, 0);
  const alike = squares ? rest.slice(1).reduce((sum, value, i) => sum + value * rest[i], 0) / squares : 0;
  const widened = Math.sqrt((1 + Math.max(0, alike)) / (1 - Math.min(0.99, Math.max(0, alike))));
  const noise = 2 * widened * Math.sqrt(squares / Math.max(1, late.length - 2) / spread);
  return { slope, noise, first: rows[0][name], last: rows.at(-1)[name], grows: slope > noise };
}

const round = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1));

export function table(rows, { minutes, seed, actions }) {
  const lines = Object.entries(shown)
    .filter(([name]) => name !== 'gap')
    .map(([name, [title, unit, one]]) => {
      const { slope, noise, first, last, grows } = trend(rows, name);
      const [a, b, s, n] = [first, last, slope, noise].map((value) => round(value / one));
      return `| ${title}${unit && `, ${unit}`} | ${a} | ${b} | ${s} ± ${n} | ${grows ? 'grows' : 'flat'} |`;
    });
  const engines = [...new Set(rows.map((row) => row.engine))].sort();
  const gaps = engines.map((engine) => {
    const sorted = rows
      .filter((row) => row.engine === engine)
      .map((row) => row.gap)
      .sort((a, b) => a - b);
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    const long = sorted.filter((gap) => gap > 100).length;
    return `| ${engine} | ${sorted.length} | ${at(0.5)} | ${at(0.95)} | ${at(1)} | ${long} |`;
  });
  return [
    `${minutes.toFixed(0)} minutes, seed ${seed}, ${actions} actions, ${rows.length} samples.`,
    '',
    '| what | at first | at last | slope an hour, second half | |',
    '| --- | ---: | ---: | ---: | --- |',
    ...lines,
    '',
    `Console lines: ${rows.at(-1).console}.`,
    '',
    '| longest gap between frames in five seconds, ms, on engine | samples | median | 95th percentile | worst | beyond 100 |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...gaps,
  ].join('\n');
}

/** All of them over time, one below the other. */
export function plot(rows) {
  const [width, height, left] = [720, 90, 64];
  const end = rows.at(-1).second || 1;
  const panels = Object.entries(shown).map(([name, [title, unit, one]], i) => {
    const values = rows.map((row) => row[name] / one);
    const top = Math.max(...values) || 1;
    const place = (value, j) =>
      `${(left + ((width - left - 16) * rows[j].second) / end).toFixed(1)},${(height - 14 - ((height - 34) * value) / top).toFixed(1)}`;
    return `<g transform="translate(0 ${i * height})">
<text x="${left}" y="12">${title}</text>
<text x="${left - 6}" y="26" text-anchor="end">${round(top)}${unit && ` ${unit}`}</text>
<text x="${left - 6}" y="${height - 14}" text-anchor="end">0</text>
<path d="M${left} ${height - 14}H${width - 16}" stroke="#8888" fill="none"/>
<polyline points="${values.map(place).join(' ')}" fill="none" stroke="#808080" stroke-width="1.5"/>
</g>`;
  });
  const all = height * panels.length + 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${all}" font-family="sans-serif" font-size="11" fill="#808080">
${panels.join('\n')}
<text x="${width - 16}" y="${all - 6}" text-anchor="end">${(end / 60).toFixed(0)} minutes</text>
</svg>
`;
}
