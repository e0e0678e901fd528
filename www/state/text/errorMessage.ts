/** What a failure says, for people. */
export const sentence = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));
