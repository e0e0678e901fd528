/** What a failure says, for people. */
export const errorMessage = (failure: unknown): string =>
  failure instanceof Error ? failure.message : String(failure);
