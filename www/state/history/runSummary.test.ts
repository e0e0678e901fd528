import { describe, expect, it } from 'vitest';
import { figure, svg } from '../../charts/figure';
import { Curve } from '../run/curve';
import type { RunInfo } from '../storage/savedRun';
import { type RunSummary, csv, errorsOf, isRunSummary, summarise, settingsOf, unlike } from './runSummary';
import type { Choices } from '../settings/settings';

const settings = { recipe: 'supervised', layers: [100, 100], seed: 7, rate: 0.02, batch: 50 };
const choices = { data: 'strokes', engine: 'auto', weights: 'random', settings } as unknown as Choices;

function about(changes: Partial<typeof settings> = {}, points = 3, data = 'strokes'): RunInfo {
  const errors = new Curve(2);
  for (let i = 0; i < points; i++) errors.push(100 * i, [90 - i, NaN]);
  return {
    id: JSON.stringify(changes),
    origin: 'random weights',
    altered: false,
    choices: { ...choices, settings: { ...settings, ...changes } },
    data: { name: data, train: 60_000, test: 10_000, prepared: 1 },
    progress: { step: 6, epoch: 0.5, finished: false },
    evaluation: { goodness_error: 88, softmax_error: undefined, images: 1000 },
    errors: errors.state(),
    saved: 1,
  } as unknown as RunInfo;
}
const past = (...of: Parameters<typeof about>): RunSummary => summarise(about(...of), 'Run 1')!;

describe('a run that is kept for comparison', () => {
  it('has its curve, thinned to a bound', () => {
    expect(past().columns.map((column) => column.length)).toEqual([3, 3, 3]);
    expect(past({}, 500).columns[0]!.length).toBeLessThanOrEqual(128);
    expect(isRunSummary(structuredClone(past()))).toBe(true);
  });

  it('is none before there is a curve', () => {
    expect(summarise(about({}, 1), 'Run 1')).toBeUndefined();
  });

  it('is read by goodness, or in one pass where there is none', () => {
    expect(errorsOf(past())).toEqual([90, 89, 88]);
    expect(errorsOf({ columns: [[0], [NaN], [5]] })).toEqual([5]);
  });

  it('is not taken from another version', () => {
    for (const wrong of [undefined, 1, {}, { ...past(), format: 2 }, { ...past(), columns: [[1], [1]] }])
      expect(isRunSummary(wrong)).toBe(false);
  });
});

describe('comparing', () => {
  it('says what differs, and a few settings always', () => {
    const [a, b] = settingsOf([past(), past({ rate: 0.1, seed: 8 })]);
    expect(a!.map(({ text }) => text)).toEqual(['supervised', '100·100', '60,000 pen strokes', 'seed 7', 'ε 0.02']);
    expect(b!.filter(({ differs }) => differs).map(({ text }) => text)).toEqual(['seed 8', 'ε 0.1']);
  });

  it('is warned of where the data differ', () => {
    expect(unlike([past(), past({ seed: 8 })])).toBeUndefined();
    expect(unlike([past(), past({ seed: 8 }, 3, 'mnist')])).toMatch(/different data.*pen strokes.*MNIST/);
  });
});

describe('taking away', () => {
  it('writes a line a point, and quotes what has to be', () => {
    const text = csv([{ ...past(), name: 'a, "b"' }], () => 'https://here/?x=1');
    const lines = text.split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toBe('"a, ""b""",supervised,100 100,7,strokes,60000,0,90,,https://here/?x=1');
  });

  it('draws a figure that is XML whatever a run is called', () => {
    const points = [
      [0, 90],
      [100, 10],
    ] as const;
    const curve = { text: `<script>&"'\u0001`, points, dash: [2, 2], width: 1, grey: true };
    const text = svg(figure('Test error, %', 'images seen', [curve]));
    expect(text).toContain('&#60;script&#62;&#38;&#34;&#39;<');
    expect(text).toContain('stroke-dasharray="2 2"');
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });
});
