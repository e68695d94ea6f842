// The server that real clients are measured against: eight tokens an answer, the first after 60 ms, each further one after 10 ms.
import { afterAll, beforeAll } from 'vitest';
import { freshRoot, removeRoot } from '../e2e/connect.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';

export interface Known {
  /** A root of its own. */
  root: string;
  server: StandIn;
}

/** Starts it before the tests of a block and ends it after them; what it holds is there inside of a test. */
export const knownServer = (): Known => {
  const known = {} as Known; // checked boundary: filled before the first test
  beforeAll(async () => {
    known.root = freshRoot();
    known.server = await startStandIn({ chunks: 8, firstMs: 60, gapMs: 10, models: ['tiny'] });
  });
  afterAll(async () => {
    await known.server.close();
    removeRoot(known.root);
  });
  return known;
};
