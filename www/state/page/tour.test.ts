import { expect, it } from 'vitest';
import { stopOf } from './tour';

it.each([
  '#tour-3',
  '#tour-3.',
  '#tour-3)',
  '#Tour-3,',
  '#tour-3">',
  '#tour-3%29',
  '#tour-3?utm_source=mail',
  '#tour-3&si=x',
])('a link to a stop leads there, whatever sentence it stands in: %s', (hash) => expect(stopOf(hash)).toBe(3));

it.each(['', '#tour', '#tour-', '#tour-0', '#tour-9', '#tour-33', '#tour-3rd', '#tour-3-4', '#curves'])(
  'any other place on the page is no stop: %s',
  (hash) => expect(stopOf(hash)).toBeUndefined(),
);
