/** How much is tried: `npm run fuzz` asks for more than `npm test` does, and for the seed it is told. */
import fc from 'fast-check';

const asked = Number(process.env.FUZZ_INPUTS ?? 2_000);

/** Checks that `work` holds for as many inputs as were asked for, each of which holds `each` of what is counted. */
export async function hold<T>(inputs: fc.Arbitrary<T>, each: number, work: (input: T) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(inputs, work), {
    numRuns: Math.ceil(asked / each),
    seed: Number(process.env.FUZZ_SEED ?? 1),
  });
}

/** No answer may take longer, in milliseconds. */
const PATIENCE = 1_000;

/** What `work` answers; refuses an answer that took more than a second, three times in a row: a machine may be busy. */
export async function promptly<T>(work: () => T | Promise<T>): Promise<T> {
  for (let again = 2; ; again--) {
    const began = performance.now();
    const answer = await work();
    const took = performance.now() - began;
    if (took <= PATIENCE) return answer;
    if (again === 0) throw new Error(`took ${Math.round(took)} ms, three times in a row`);
  }
}

/** Numbers that programs stumble over, and others. */
export const wild: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, 1, 2, 3, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, 1e308),
  fc.integer({ min: -5, max: 3100 }),
  fc.double(),
);
