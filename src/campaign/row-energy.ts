// Energy of a row: whose power it is, and the joules of a token that follow from it. Never made of a price or a board's limit.

/** Key of a row's `extra` that says whose power it is: `gpu` for the GPUs alone, else the words of the file. */
export const POWER_SCOPE = 'power_scope';

/** Joules of an output token, from watts and output tokens a second of one GPU; null where one is not known. */
export const joulesPerToken = (wattsPerGpu: number | null, outputTpsPerGpu: number | null): number | null =>
  wattsPerGpu === null || outputTpsPerGpu === null || outputTpsPerGpu <= 0 ? null : wattsPerGpu / outputTpsPerGpu;
