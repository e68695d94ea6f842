// Errors found in the stored copy of a source are errors of the source: this gives them back the path that the caller knows.
import { Fault } from '../text/fault.ts';

const renamed = ({ kind, code, message, details }: Fault, copy: string, source: string): Fault =>
  new Fault(kind, code, message.replaceAll(copy, source), {
    ...details,
    ...(details.path === undefined ? {} : { path: details.path.replace(copy, source) }),
  });

/** Runs `read`, which looks at `copy`, and lets its Faults name `source` instead. */
export const namingSource = async <T>(copy: string, source: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    throw error instanceof Fault ? renamed(error, copy, source) : error;
  }
};
