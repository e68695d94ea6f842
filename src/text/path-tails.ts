// Short names of files for tables and pictures: as much of the end of each path as keeps them apart.

const segmentsOf = (path: string): string[] => path.split(/[/\\]/).filter((segment) => segment !== '');

const tailOf = (path: string, count: number): string => segmentsOf(path).slice(-count).join('/');

/**
 * The shortest end of each path, in whole segments, that no other path has: `c1.json` alone, `tp4/c1.json` beside `tp8/c1.json`.
 * The same path twice keeps all of its segments.
 */
export const pathTails = (paths: readonly string[]): string[] => {
  const owners = new Map<string, Set<string>>();
  for (const path of paths)
    for (let count = 1; count <= segmentsOf(path).length; count++) {
      const tail = tailOf(path, count);
      owners.set(tail, (owners.get(tail) ?? new Set()).add(path));
    }
  return paths.map((path) => {
    const { length } = segmentsOf(path);
    for (let count = 1; count < length; count++) {
      const tail = tailOf(path, count);
      if (owners.get(tail)?.size === 1) return tail;
    }
    return tailOf(path, length);
  });
};
