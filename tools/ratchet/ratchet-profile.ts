// ratchet_profile: runs the profiler for the configurations that a ratchet check named.
import { formatFixed } from '../../src/render/numbers.ts';
import { join } from 'node:path';
import { CONFIGURATION_BYTES, readNamedText } from '../../src/fs/named-text.ts';
import { z } from 'zod';
import { readCaptures } from '../../src/source/captures.ts';
import { exists } from '../../src/fs/exists.ts';
import { campaignsFolder } from '../../src/fs/root.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import { diffProfiles } from '../../src/profile/diff-profiles.ts';
import { mergeSides } from '../../src/profile/model/merge-sides.ts';
import { summariseProfile } from '../../src/profile/summarise-profile.ts';
import { autoProfile, type Attribution, type ProfiledTarget } from '../../src/ratchet/auto-profile.ts';
import type { ProfileTarget } from '../../src/ratchet/profile-target.ts';
import { inputFault } from '../../src/text/fault.ts';
import { isJsonObject, parseJsonObject, type JsonValue } from '../../src/text/json.ts';
import { presentMoment } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';
import { faultOf } from '../../src/verb/failure.ts';
import { thisProduct, thisProductFolder } from '../../src/verb/product.ts';

const targetSchema = z.object({
  config: z.string(),
  reason: z.enum(['regression', 'improvement']),
  delta_pct: z.number(),
  capture: z.object({ export: z.string(), argv: z.array(z.string()).min(1) }).nullable(),
  problem: z.literal('config_name_unsafe').nullable(),
});

const readTargets = async (path: string): Promise<ProfileTarget[]> => {
  const parsed = z
    .array(targetSchema)
    .safeParse(parseJsonObject(await readNamedText(path, { limit: CONFIGURATION_BYTES }), path)['targets']);
  if (parsed.success) return parsed.data;
  throw inputFault('targets_invalid', `${path} holds no profile targets`, {
    path,
    fix: 'give the file that ratchet_check wrote with profile_targets and profile_command',
  });
};

/** What a capture says: its top kernels, and against an earlier capture of the same configuration what changed. */
const attribute = async (context: VerbContext, capture: string, before: string | null): Promise<JsonValue> => {
  const after = await readCaptures([capture], context);
  const summary = summariseProfile(mergeSides(after), 5);
  const top = summary.top_kernels.map(({ short_name, share_pct, mean_ns }) => ({ short_name, share_pct, mean_ns }));
  if (before === null || !exists(before)) return { top_kernels: top, diff: null };
  const diff = diffProfiles(await readCaptures([before], context), after);
  return { top_kernels: top, diff: { verdict: diff.verdict, first_line: diff.first_line } };
};

/** A capture that cannot be read is kept and said: the others are still taken. */
const attributeWith =
  (context: VerbContext, earlier: string | null): Attribution =>
  async ({ config }, capture) => {
    const before = earlier === null ? null : join(earlier, `${config}_ours.ncu-rep`);
    try {
      return await attribute(context, capture, before);
    } catch (error) {
      context.signal.throwIfAborted();
      const { code, message } = faultOf(error);
      return { top_kernels: [], diff: null, problem: `${code}: ${message}` };
    }
  };

interface Work {
  readonly targetsPath: string;
  readonly targets: readonly ProfileTarget[];
  readonly cwd: string;
  readonly earlier: string | null;
  readonly timeoutS: number;
}

/** What an attribution says in one line; null when there is none. */
const attributionLine = (attribution: JsonValue): string | null => {
  const known = isJsonObject(attribution) ? attribution : {};
  const { diff, top_kernels: top, problem } = known;
  if (typeof problem === 'string') return `not read, ${problem}`;
  if (isJsonObject(diff ?? null)) return String(Object(diff)['first_line']);
  const first = Array.isArray(top) ? top[0] : undefined;
  if (!isJsonObject(first ?? null)) return null;
  const { short_name: name, share_pct: share } = Object(first);
  return `longest ${String(name)}, ${formatFixed(Number(share), 0)} % of GPU time`;
};

const MOST_LINES = 8;

/** How many captures there are, then one line a configuration. */
const describeTargets = (targets: readonly ProfiledTarget[]): string => {
  const captured = targets.filter(({ status }) => status === 'captured').length;
  const lines = targets.slice(0, MOST_LINES).map(({ config, status, capture, problem, attribution }) => {
    const reported = [capture, problem, attributionLine(attribution)].filter((text) => text !== null);
    return `  ${config}: ${[status.replaceAll('_', ' '), ...reported].join('; ')}`;
  });
  return [`${captured} of ${targets.length} configurations captured`, ...lines].join('\n');
};

/** Throws where not one of the captures that were tried was made: the job has nothing to show then. */
const demandCapture = (done: readonly ProfiledTarget[]): void => {
  const failed = done.filter(({ status }) => status === 'failed');
  const [first] = failed;
  if (first === undefined || done.some(({ status }) => status === 'captured')) return;
  throw inputFault('nothing_captured', `0 of ${failed.length} captures were made; ${first.config}: ${first.problem}`, {
    fix: `run it by hand: ${first.command}`,
  });
};

/** One capture after another. */
const profileTargets = async (work: Work, job: JobContext): Promise<JsonValue> => {
  const context: VerbContext = {
    root: job.root,
    cwd: work.cwd,
    campaigns: campaignsFolder({ env: job.env, cwd: work.cwd, commandLine: false }, { root: job.root, source: 'job' }),
    env: job.env,
    signal: job.signal,
    product: thisProduct(),
    productFolder: thisProductFolder(),
    dryRun: false,
    foreground: false,
    textLimit: Infinity,
    columns: Infinity,
    allRows: false,
    show: null,
    explore: null,
    now: presentMoment,
    pipes: {},
    path: (path) => path,
    progress: job.progress,
  };
  const done = await autoProfile(work.targets, {
    run: job.run,
    timeoutMs: work.timeoutS * 1000,
    cwd: work.cwd,
    signal: job.signal,
    attribute: attributeWith(context, work.earlier),
  });
  demandCapture(done);
  const captures = done.flatMap(({ capture }) => capture ?? []);
  const links = captures.map((path) => ({ path, title: 'capture', mime_type: 'application/octet-stream' }));
  return jobResult(
    {
      summary: describeTargets(done),
      links,
      next: captures.slice(0, 1).map((profile) => ({ verb: 'profile_summary', input: { profile } })),
    },
    { targets: JSON.parse(JSON.stringify(done)) },
  );
};

const FIELDS = {
  targets: pathField('profile_targets file of ratchet_check.'),
  earlier: pathField('Folder of earlier captures. <config>_ours.ncu-rep.').optional(),
  timeout_s: z.number().positive().optional().describe('Timeout s. Limit of one capture, default 1800.'),
  cwd: pathField('Where commands run. Default the working folder.').optional(),
};

const workOf = async (input: z.output<z.ZodObject<typeof FIELDS>>, context: VerbContext): Promise<Work> => {
  const { earlier, timeout_s: timeoutS = 1800 } = input;
  const targetsPath = context.path(input.targets);
  return {
    targetsPath,
    targets: await readTargets(targetsPath),
    cwd: context.path(input.cwd ?? '.'),
    earlier: earlier === undefined ? null : context.path(earlier),
    timeoutS,
  };
};

const ratchet = jobVerb({
  name: 'ratchet_profile',
  family: 'ratchet',
  library: 'ratchet',
  verb: 'profile',
  title: 'Profile ratchet targets',
  description:
    'Runs the ncu command of each configuration that ratchet_check named and says what the captures show, also against earlier ones. A job. Any other program: profile_capture.',
  fields: FIELDS,
  paths: { targets: reads, earlier: reads, cwd: reads },
  positionals: ['targets'],
  examples: [{ title: 'See the commands', input: { targets: 'results/profile_targets.json', dry_run: true } }],
  work: workOf,
  plan: ({ targets, targetsPath, cwd }) => ({
    commands: targets.flatMap(({ capture }) => (capture === null ? [] : [capture.argv])),
    inputs: [targetsPath],
    cwd,
    notes: targets.flatMap(({ config, problem }) => (problem === null ? [] : [`(${config}: ${problem})`])),
  }),
  body: profileTargets,
});

export const { body } = ratchet;
export const ratchetProfile = defineVerb(ratchet.definition);
