// Words in place of a path: `source: "manual, from chat"` beside a number says where the number comes from. Never takes the name of
// a file for such words.
import { exists } from '../fs/exists.ts';

interface Stated {
  readonly source?: string | undefined;
  readonly value?: number | undefined;
  readonly values?: readonly number[] | undefined;
  readonly notes?: string | undefined;
}

const WORDS = /^(?:manual(?:ly)?|stated|typed|reported|by hand|chat|user|none|n\/a)(?:\W|$)/i;

/** The request without its source, which its notes then say, where that is no path. `pathOf` makes a path absolute. */
export const withStatedOrigin = <Request extends Stated>(
  request: Request,
  pathOf: (path: string) => string,
): Request => {
  const { source, value, values, notes } = request;
  if (source === undefined || (value === undefined && values === undefined)) return request;
  if (!WORDS.test(source) || exists(pathOf(source))) return request;
  return {
    ...request,
    source: undefined,
    notes: [`source: ${source}`, ...(notes === undefined ? [] : [notes])].join('\n'),
  };
};
