// How a dry run speaks: the one place of its words. A verb says what it does, in the form that fits the call; whether it was done is
// said here.

/** `recorded` of a call for good, `would record` of a dry run. */
export type Say = (done: string, plain: string) => string;

export const saying =
  (dryRun: boolean): Say =>
  (done, plain) =>
    dryRun ? `would ${plain}` : done;

/** Ends the text of every dry run, before the call for good. */
export const DRY_RUN_LINE = 'dry run: nothing was started or written';
