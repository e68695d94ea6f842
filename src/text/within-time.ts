// Runs work that may hang in a regular expression of a caller's, and ends it in the middle when its time is up.
import { Script, createContext } from 'node:vm';

const script = new Script('work()');
const sandbox: { work: () => void } = { work: () => undefined };
let context: object | undefined;

/** What `work` returns. Throws what it throws, and what `late` makes once `limitMs` milliseconds are over. */
export const withinTime = <T>(work: () => T, limitMs: number, late: () => Error): T => {
  context ??= createContext(sandbox);
  let done: { readonly result: T } | undefined;
  sandbox.work = () => void (done = { result: work() });
  try {
    script.runInContext(context, { timeout: limitMs });
  } catch (error) {
    // Not an Error of this realm.
    throw Object(error).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? late() : error;
  } finally {
    sandbox.work = () => undefined;
  }
  if (done === undefined) throw late();
  return done.result;
};
