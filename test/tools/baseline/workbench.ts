// A root in a temporary folder and the verbs of the registry over it, called as a server or a command line would call them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'vitest';
import { perfBaselineDiff } from '../../../tools/baseline/perf-baseline-diff.ts';
import { perfBaselineList } from '../../../tools/baseline/perf-baseline-list.ts';
import { perfBaselineRecord } from '../../../tools/baseline/perf-baseline-record.ts';
import { perfBaselineShow } from '../../../tools/baseline/perf-baseline-show.ts';
import { perfBaselineTag } from '../../../tools/baseline/perf-baseline-tag.ts';
import { perfBaselineVerify } from '../../../tools/baseline/perf-baseline-verify.ts';
import type { Verb } from '../../../src/verb/define-verb.ts';
import type { Host, Outcome } from '../../../src/verb/host.ts';
import { runVerb } from '../../../src/verb/run-verb.ts';
import { scratchFolder } from '../../fs/scratch.ts';
import { entryOf } from '../../verb/entry-of.ts';

const VERBS = {
  record: perfBaselineRecord,
  diff: perfBaselineDiff,
  list: perfBaselineList,
  show: perfBaselineShow,
  tag: perfBaselineTag,
  verify: perfBaselineVerify,
} satisfies Record<string, Verb>;

export type VerbName = keyof typeof VERBS;
export type Input = Readonly<Record<string, unknown>>;
/** A result as a client parses it from the wire. */
export type Answer = ReturnType<typeof JSON.parse>;

const overTheWire = (value: object): Answer => JSON.parse(JSON.stringify(value));

export interface Workbench {
  readonly root: string;
  /** Writes a file below the root; objects as JSON. Returns its absolute path. */
  readonly file: (name: string, content: unknown) => string;
  /** The outcome of a call, whatever it is. */
  readonly call: (verb: VerbName, input: Input, env?: Host['env']) => Promise<Outcome>;
  /** The structured result of a call that works. */
  readonly answer: (verb: VerbName, input: Input) => Promise<Answer>;
  /** The error of a call that is refused. */
  readonly refusal: (verb: VerbName, input: Input) => Promise<Answer>;
  /** Records under family `f` and the given measurement. */
  readonly record: (measurement: string, source: string, more?: Input) => Promise<Answer>;
  /** Compares with the newest entry of the measurement. */
  readonly diff: (measurement: string, current: string | readonly string[], more?: Input) => Promise<Answer>;
}

export const SHA = '0123456789abcdef0123456789abcdef01234567';

export const openWorkbench = (
  name: string,
  { env: hostEnv = {}, sha = SHA }: { env?: Host['env']; sha?: string | null } = {},
): Workbench => {
  const root = scratchFolder(`baseline-${name}`);
  const host: Host = {
    cwd: root,
    env: { USER: 'ada', PATH: process.env['PATH'], ...hostEnv },
    product: { name: 'profile-and-optimize', version: '0.1.0', sha },
    productFolder: resolve('.'),
    log: async () => undefined,
    resolveRoot: (explicit) => ({ root: explicit ?? root, source: 'test' }),
  };
  const call: Workbench['call'] = (verb, input, env = {}) =>
    runVerb(entryOf(VERBS[verb]), async () => VERBS[verb], input, { ...host, env: { ...host.env, ...env } });
  const answer: Workbench['answer'] = async (verb, input) => {
    const outcome = await call(verb, input);
    expect(outcome.ok, outcome.text).toBe(true);
    expect(VERBS[verb].output.safeParse(outcome.structured).error).toBeUndefined();
    return overTheWire({ ...outcome.structured, text: outcome.text, exit: outcome.exitCode });
  };
  const refusal: Workbench['refusal'] = async (verb, input) => {
    const outcome = await call(verb, input);
    expect(outcome.ok, outcome.text).toBe(false);
    return overTheWire({ ...Object(outcome.structured['error']), exit: outcome.exitCode });
  };
  return {
    root,
    file: (path, content) => {
      const absolute = join(root, path);
      mkdirSync(dirname(absolute), { recursive: true });
      writeFileSync(absolute, typeof content === 'string' ? content : JSON.stringify(content));
      return absolute;
    },
    call,
    answer,
    refusal,
    record: (measurement, source, more = {}) => answer('record', { family: 'f', measurement, source, ...more }),
    diff: (measurement, current, more = {}) =>
      answer('diff', { baseline: `f/${measurement}`, ...(current.length === 0 ? {} : { current }), ...more }),
  };
};
