import { describe, expect, it } from 'vitest';
import type { LayerReport, LayerRule, Settings } from '../../worker/protocol';
import { diagnoses } from './diagnoses';

const settings = (changes: Partial<Settings> = {}): Settings =>
  ({
    recipe: 'supervised',
    layers: [200, 200, 200],
    rules: [] as LayerRule[],
    threshold: 1,
    weight_cost: 0.001,
    peer: 0.03,
    normalise: true,
    ...changes,
  }) as unknown as Settings;
const reports = (...layers: { apart: number; loss?: number; dead?: number; frozen?: boolean }[]): LayerReport[] =>
  layers.map(
    ({ apart, loss = 0.6, dead = 0, frozen = false }) =>
      ({ separated: apart, loss, dead, units: 200, frozen }) as unknown as LayerReport,
  );
/** As measured after 400 batches of strokes on 200, 200, 200 units. */
const healthy = reports({ apart: 0.921, loss: 0.627 }, { apart: 0.928, loss: 0.676 }, { apart: 0.933, loss: 0.681 });
const said = (...of: Parameters<typeof diagnoses>): string =>
  diagnoses(...of)
    .map(({ layer, text }) => `${layer}: ${text}`)
    .join('\n');

describe('a diagnosis', () => {
  it('is none where all goes well, and none before it can be known', () => {
    expect(diagnoses(settings(), healthy, 400)).toEqual([]);
    expect(diagnoses(settings({ threshold: 0.01 }), reports({ apart: 0.5 }), 199)).toEqual([]);
  });

  it('is none for what takes its time and what a person has frozen', () => {
    expect(diagnoses(settings(), reports({ apart: 0.6 }), 400)).toEqual([]);
    expect(diagnoses(settings({ threshold: 0.01 }), reports({ apart: 0.5, frozen: true }), 400)).toEqual([]);
  });

  it('names a threshold that tanh cannot reach', () => {
    const tanh: LayerRule = { activation: 'tanh', threshold: 0.95 };
    const text = said(
      settings({ rules: [tanh, tanh, tanh] }),
      reports({ apart: 0.76 }, { apart: 0.503 }, { apart: 0.516 }),
      400,
    );
    expect(text).toContain('2: Layer 2 tells 50 % of its pairs apart');
    expect(text).toContain('θ = 0.95');
    expect(text).not.toContain('1: ');
  });

  it.each([
    [{ threshold: 0.01 }, 'so low'],
    [{ threshold: 20 }, 'large weights'],
    [{ weight_cost: 0.5 }, 'pulls weights back'],
    [{ peer: 5 }, 'as busy as the others'],
    [{ rules: [{ goodness: 'sum' }] as LayerRule[] }, 'plain sum'],
    [{ rules: [{ blocks: 10 }] as LayerRule[] }, '10 blocks'],
  ])('explains %o', (changes, why) => {
    expect(said(settings(changes), reports({ apart: 0.55 }), 400)).toContain(why);
  });

  it('explains a change of sign below, where it costs something', () => {
    const mixed = settings({ rules: [{}, { sign: 'minimise' }] });
    expect(said(mixed, reports({ apart: 0.945 }, { apart: 0.951 }, { apart: 0.891 }), 400)).toMatch(/^3: .*same sign/);
    expect(said(mixed, healthy, 400)).toBe('');
    const lowest = settings({ rules: [{ sign: 'minimise' }] });
    expect(said(lowest, reports({ apart: 0.947 }, { apart: 0.95 }, { apart: 0.883 }), 400)).toMatch(
      /^3: .*further down/,
    );
  });

  it('explains units that died', () => {
    const dying = reports({ apart: 0.9, dead: 150 });
    expect(said(settings({ peer: 0 }), dying, 400)).toContain('without the peer term');
    expect(said(settings(), dying, 400)).toContain('rate is probably too high');
    expect(said(settings({ normalise: false }), dying, 400)).toContain('Without normalisation');
    // A whole dead layer is not one of many settings' consequences: soundness.ts stops the run.
    expect(said(settings(), reports({ apart: 0.9, dead: 200 }), 400)).toBe('');
  });
});
