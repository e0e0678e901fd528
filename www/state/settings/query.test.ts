import { describe, expect, it } from 'vitest';
import { distance, misspelling, readQuery } from './query';

const NAMES = ['layers', 'seed', 'data', 'recipe', 'rules', 'threshold', 'rate', 'weight_cost', 'jitter', 'weights'];
/** Every setting that a query gives. */
const read = (query: string): Record<string, string> => {
  const { get } = readQuery(query, NAMES, ['threshold', 'temperature', 'blocks']);
  return Object.fromEntries(NAMES.flatMap((name) => (get(name) === null ? [] : [[name, get(name)!]])));
};
const both = { layers: '200,200', seed: '7' };

describe('a query', () => {
  it.each([
    '?layers=200,200&seed=7',
    '?layers=200,200&amp;seed=7',
    '?layers=200,200&amp;amp;seed=7',
    '?layers=200,200&#38;seed=7',
    '?layers=200,200&#x26;seed=7',
    '?layers=200,200&amp%3Bseed=7',
    '?layers=200,200;seed=7',
    '?layers=200,200%3Bseed=7',
    '?layers=200,200%26seed%3D7',
    '?layers%3D200%2C200%26seed%3D7',
    '?layers=200%2C200&seed=7',
    '?layers=200%252C200&seed=7',
    '?layers=200%25252C200&seed=7',
    '?Layers=200,200&SEED=7',
    '?layers=200,200?seed=7',
    '??layers=200,200&seed=7',
    '?&layers=200,200&&seed=7&',
    '?seed=7&layers=200,200&seed=8',
    ...[
      '.',
      ')',
      ').',
      '>',
      '"',
      ',',
      ';',
      '!',
      '?',
      '&gt;',
      '&quot;',
      '%29',
      '%3E',
      '%22',
      '%20',
      '%C2%A0',
      '\u200b',
    ].map((end) => `?layers=200,200&seed=7${end}`),
    '?utm_source=newsletter&layers=200,200&seed=7&fbclid=IwAR0-x_y&gclid=1',
    '?layers=200,200&seed=7;utm_source=mail;utm_medium=email',
    '?layers=200,200&seed=7?utm_source=mail',
    '?utm_content=a%26seed%3D5%3Bseed%3D6&layers=200,200&seed=7',
    '?layers="200,200"&seed=‘7’',
    '?layers=200,200&seed=7%23tour-3',
    '?%E0%A4%A&layers=200,200&seed=7&%=%',
  ])('is read as it was meant: %s', (query) => {
    expect(read(query)).toEqual(both);
    expect(readQuery(query, NAMES).misspelt).toEqual([]);
  });

  it('keeps the layers of rules together, and what comes behind them apart', () => {
    const rules = ';minimise threshold=0.5;sum;threshold=2';
    expect(read('?rules=;minimise+threshold=0.5;sum;threshold=2')).toEqual({ rules });
    expect(read('?rules=%3Bminimise%20threshold%3D0.5%3Bsum%3Bthreshold%3D2')).toEqual({ rules });
    expect(read('?rules=%253Bminimise%2520threshold%253D0.5%253Bsum%253Bthreshold%253D2')).toEqual({ rules });
    expect(read('?rules=;minimise+threshold=0.5;sum;threshold=2;seed=7;utm_id=3.')).toEqual({ rules, seed: '7' });
    expect(read('?seed=7;threshold=2')).toEqual({ seed: '7', threshold: '2' });
  });

  it('that was cut off on the way is not taken for the whole', () => {
    expect(read('?layers=200,20...')).toEqual({ layers: '200,20...' });
    expect(read('?seed=7…')).toEqual({ seed: '7…' });
  });

  it('is read in no time however long it is', () => {
    const began = performance.now();
    for (const part of [')', ';a=', '?', '%25', '&amp;', 'rules=;threshold=', '&sead=', ' '])
      readQuery(`?seed=7${part.repeat(20_000)}x`, NAMES);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('a parameter that is no setting', () => {
  it.each([
    ...['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term', 'utm_id', 'fbclid', 'gclid', 'gclsrc'],
    ...[
      'dclid',
      'wbraid',
      'gbraid',
      'msclkid',
      'twclid',
      'ttclid',
      'yclid',
      '_ga',
      '_gl',
      'mc_cid',
      'mc_eid',
      'igshid',
    ],
    ...[
      'igsh',
      'si',
      's',
      't',
      'v',
      '_',
      'ts',
      'cb',
      'ref',
      'ref_src',
      'ref_url',
      'source',
      'src',
      'medium',
      'campaign',
    ],
    ...['_hsenc', '_hsmi', '__hstc', 'hsCtaTracking', 'mkt_tok', 'trk', 'trkCampaign', 'li_fat_id', 'feature', 'share'],
    ...['share_id', 'twitter', 'email', 'sid', 'uid', 'id', 'cid', 'spm', 'scm', 'xtor', 'pk_campaign', 'mtm_source'],
    ...['at_medium', 'vero_id', 'oly_enc_id', 'wickedid', 'epik', 'guccounter', 'lang', 'page', 'version', 'preview'],
    ...['session', 'token', 'mode', 'view', 'nocache', 'from', 'via', 'action', 'rb_clickid', 's_cid', 'dropout'],
  ])('is passed over: %s', (name) => {
    const settings = [
      ...NAMES,
      'batch',
      'epochs',
      'momentum',
      'temperature',
      'peer',
      'head_rate',
      'negatives',
      'steps',
    ];
    settings.push('engine', 'normalise', 'obstacle', 'pipelined', 'blurs', 'settled', 'window', 'damping', 'previous');
    settings.push('reads_from', 'embed', 'link', 'head_epochs', 'head_weight_cost', 'obstacle_after');
    expect(misspelling(name.toLowerCase(), settings)).toBeUndefined();
  });

  it.each([
    ['layer', 'layers'],
    ['lyaers', 'layers'],
    ['sead', 'seed'],
    ['recpie', 'recipe'],
    ['treshhold', 'threshold'],
    ['weigth', 'weights'],
    ['weightcost', 'weight_cost'],
  ])('may be a misspelt one: %s', (name, meant) => {
    expect(readQuery(`?${name}=3`, NAMES).misspelt).toEqual([{ name, value: '3', meant }]);
  });

  it('is as far from a name as letters were changed, left out, added or swapped', () => {
    expect(distance('seed', 'seed')).toBe(0);
    expect(distance('sead', 'seed')).toBe(1);
    expect(distance('layres', 'layers')).toBe(1);
    expect(distance('', 'data')).toBe(4);
    expect(distance('weigth', 'weights')).toBe(2);
  });
});
