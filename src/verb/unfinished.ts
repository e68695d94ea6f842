// Work that goes on after its call was answered: a call that was stopped is answered at once, while what it started still puts
// things in order. A process waits for it before it ends, but not for ever.

/** Works that have not settled; `add` takes one in, whose failure is nobody's any more. */
export interface Unfinished {
  readonly add: (work: Promise<unknown>) => void;
  /** True when everything settled within `ms` milliseconds. */
  readonly settledWithin: (ms: number) => Promise<boolean>;
}

/** True when all promises settled within `ms` milliseconds, whichever way. */
export const settledWithin = async (promises: readonly Promise<unknown>[], ms: number): Promise<boolean> => {
  if (promises.length === 0) return true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = Promise.allSettled(promises).then(() => true);
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
};

export const createUnfinished = (): Unfinished => {
  const works = new Set<Promise<unknown>>();
  return {
    add: (work) => {
      works.add(work);
      work.then(
        () => works.delete(work),
        () => works.delete(work),
      );
    },
    settledWithin: (ms) => settledWithin([...works], ms),
  };
};
