// ratchet_profile: runs the profiler for the configurations that a ratchet check named.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readCaptures } from '../../src/baseline/captures.ts';
import { exists } from '../../src/fs/exists.ts';
import {
  JOB_DATA,
  jobExitCode,
  jobLinks,
  plannedAnswer,
  renderJob,
  startVerbJob,
  waitField,
} from '../../src/jobs/job-answer.ts';
import type { JobBody } from '../../src/jobs/job-context.ts';
import { diffProfiles } from '../../src/profile/diff.ts';
import { mergeSides } from '../../src/profile/merge-sides.ts';
import { summariseProfile } from '../../src/profile/summary.ts';
import { autoProfile, type Attribution } from '../../src/ratchet/auto-profile.ts';
import { shellLine, type ProfileTarget } from '../../src/ratchet/profile-target.ts';
import { inputFault } from '../../src/text/fault.ts';
import { isJsonObject, parseJsonObject, type JsonValue } from '../../src/text/json.ts';
import { presentMoment } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { thisProduct, thisProductFolder } from '../../src/verb/product.ts';

const NAME = 'ratchet_profile';

const targetSchema = z.object({
  config: z.string(),
  reason: z.enum(['regression', 'improvement']),
  delta_pct: z.number(),
  capture: z.object({ export: z.string(), argv: z.array(z.string()).min(1) }).nullable(),
  problem: z.literal('config_name_unsafe').nullable(),
});

const readTargets = async (path: string): Promise<ProfileTarget[]> => {
  const parsed = z.array(targetSchema).safeParse(parseJsonObject(await readFile(path, 'utf8'), path)['targets']);
  if (parsed.success) return parsed.data;
  throw inputFault('targets_invalid', `${path} holds no profile targets`, {
    path,
    fix: 'give the file that ratchet_check wrote with profile_targets and profile_command',
  });
};

/** What a capture says: its top kernels, and against an earlier capture of the same configuration what changed. */
const attributeWith =
  (context: VerbContext, earlier: string | null): Attribution =>
  async (target, capturePath): Promise<JsonValue> => {
    const after = await readCaptures([capturePath], context);
    const summary = summariseProfile(mergeSides(after), 5);
    const top = summary.top_kernels.map(({ short_name, share_pct, mean_ns }) => ({ short_name, share_pct, mean_ns }));
    const before = earlier === null ? null : join(earlier, `${target.config}_ours.ncu-rep`);
    if (before === null || !(await exists(before))) return { top_kernels: top, diff: null };
    const diff = diffProfiles(await readCaptures([before], context), after);
    return { top_kernels: top, diff: { verdict: diff.verdict, first_line: diff.first_line } };
  };

interface BodyInput {
  readonly targets: readonly ProfileTarget[];
  readonly cwd: string;
  readonly earlier: string | null;
  readonly timeoutS: number;
}

/** The job's body: one capture after another. */
export const profileTargetsBody: JobBody = async (raw, job) => {
  const input = raw as unknown as BodyInput; // checked boundary: written by the verb below
  const context: VerbContext = {
    root: job.root,
    cwd: input.cwd,
    env: job.env,
    signal: job.signal,
    product: thisProduct(),
    productFolder: thisProductFolder(),
    dryRun: false,
    foreground: false,
    now: presentMoment,
    path: (path) => path,
    progress: job.progress,
  };
  const done = await autoProfile(input.targets, {
    run: job.run,
    timeoutMs: input.timeoutS * 1000,
    cwd: input.cwd,
    signal: job.signal,
    attribute: attributeWith(context, input.earlier),
  });
  return { targets: JSON.parse(JSON.stringify(done)) };
};

const describeTargets = (result: JsonValue): string => {
  const targets = isJsonObject(result) && Array.isArray(result['targets']) ? result['targets'] : [];
  const lines = targets.map((target) => {
    if (!isJsonObject(target)) return '';
    const { config, status, capture, problem, attribution } = target;
    const diff =
      isJsonObject(attribution ?? null) && isJsonObject(Object(attribution)['diff'] ?? null)
        ? Object(attribution)['diff']
        : null;
    return `  ${String(config)}: ${String(status)}${typeof capture === 'string' ? ` ${capture}` : ''}${typeof problem === 'string' ? ` (${problem})` : ''}${diff === null ? '' : `; ${String(diff['first_line'])}`}`;
  });
  return [`${targets.length} configurations`, ...lines].join('\n');
};

export const ratchetProfile = defineVerb({
  name: NAME,
  family: 'ratchet',
  library: 'ratchet',
  verb: 'profile',
  title: 'Profile ratchet targets',
  description:
    'Runs the ncu command of each configuration that ratchet_check named (regressions and large improvements) and says what the capture shows, against an earlier capture where there is one. A job; dry_run lists the commands.',
  safety: 'submits_jobs',
  fields: {
    targets: pathField('File that ratchet_check wrote with profile_targets.'),
    earlier: pathField('Folder of earlier <config>_ours.ncu-rep captures to compare with.').optional(),
    timeout_s: z.number().positive().optional().describe('Limit of one capture, default 1800.'),
    wait_s: waitField,
  },
  positionals: ['targets'],
  time_limit_s: 7200,
  data: JOB_DATA,
  examples: [{ title: 'See the commands', input: { targets: 'results/profile_targets.json', dry_run: true } }],
  plan: async (input, context) => {
    const targets = await readTargets(context.path(input.targets));
    return targets.flatMap(({ capture }) => (capture === null ? [] : [shellLine(capture.argv)]));
  },
  run: async (input, context) => {
    const targets = await readTargets(context.path(input.targets));
    if (context.dryRun)
      return plannedAnswer(targets.flatMap(({ capture }) => (capture === null ? [] : [shellLine(capture.argv)])));
    const { earlier, timeout_s: timeoutS = 1800 } = input;
    const body: BodyInput = {
      targets,
      cwd: context.cwd,
      earlier: earlier === undefined ? null : context.path(earlier),
      timeoutS,
    };
    return startVerbJob(
      {
        verb: NAME,
        family: 'ratchet',
        body: 'profileTargetsBody',
        input: JSON.parse(JSON.stringify(body)),
        waitS: input.wait_s,
      },
      context,
    );
  },
  render: (data) => renderJob({ ...data, result: JSON.parse(JSON.stringify(data.result ?? null)) }, describeTargets),
  links: (data) => jobLinks({ ...data, result: null }),
  exit_code: (data) => jobExitCode({ ...data, result: null }),
});
