// ratchet_check: compares a result with the best known one of each configuration, and moves the baseline forward.
import { z } from 'zod';
import { DEFAULT_THRESHOLDS } from '../../src/ratchet/judge-config.ts';
import { profiledTargetSchema, autoProfile } from '../../src/ratchet/auto-profile.ts';
import { CAPTURE_FOLDER, commandWords } from '../../src/ratchet/profile-target.ts';
import type { RatchetOutcome } from '../../src/ratchet/check.ts';
import { runRatchetCheck } from '../../src/ratchet/run-check.ts';
import { ROW_STATUSES, type RowStatus } from '../../src/ratchet/judge-config.ts';
import { colourSchema, decisionSchema } from '../../src/verdict/answer-schema.ts';
import type { CaseOutcome, ReportCase } from '../../src/render/junit.ts';
import { formatPercent } from '../../src/render/numbers.ts';
import { STRICT_FIELDS } from '../../src/verdict/strict-fields.ts';
import { recorderFacts } from '../../src/registry/recorder-facts.ts';
import { isoSeconds } from '../../src/text/time.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads, updates, writes } from '../../src/verb/path-use.ts';

const MOST_ROWS = 50;
const MOST_LINES = 3;

const firstOf = (rows: RatchetOutcome['rows'], wanted: RowStatus): string | undefined =>
  rows.find(({ status }) => status === wanted)?.config;

/** What is to be done outside: fix what cannot be compared, measure more, or commit. The gravest first; none beside a RED. */
const adviceOf = ({ verdict, rows, promoted, decision }: RatchetOutcome): string | null => {
  if (verdict === 'RED') return null;
  const invalid = firstOf(rows, 'invalid');
  if (invalid !== undefined)
    return `correct ${invalid}: its own check failed or its values cannot be; then measure again`;
  const foreign = firstOf(rows, 'not_comparable');
  if (foreign !== undefined)
    return `measure ${foreign} on the device and setting of its baseline, or keep a baseline file for this one`;
  const odd = firstOf(rows, 'implausible');
  if (odd !== undefined) return `check the unit of ${odd}; accept_implausible vouches for the gain`;
  if (decision.status === 'INCONCLUSIVE' && decision.trials_needed !== null)
    return `write samples_ms with ${decision.trials_needed} or more runs for a verdict that noise cannot flip`;
  return promoted.length > 0 ? 'commit the baseline on the main branch' : null;
};

interface Checked {
  readonly verdict: RatchetOutcome['verdict'];
  readonly rows: readonly { readonly status: RowStatus }[];
  readonly written: readonly string[];
}

/** The profile of what changed, or the same check with what lets it name one; a gain that somebody vouches for. */
const nextSteps = (
  { verdict, rows, written }: Checked,
  input: Readonly<Record<string, unknown>>,
  targets: string | undefined,
): NextStep[] => {
  if (verdict === 'RED' && targets !== undefined && written.some((path) => path.endsWith(targets)))
    return [{ verb: 'ratchet_profile', input: { targets, dry_run: true } }];
  if (verdict === 'RED')
    return [
      {
        verb: 'ratchet_check',
        input: { ...input, profile_command: '<program> --config {config}', profile_targets: '<file>' },
        with: 'a benchmark of one configuration',
      },
    ];
  return rows.some(({ status }) => status === 'implausible')
    ? [{ verb: 'ratchet_check', input: { ...input, accept_implausible: true } }]
    : [];
};

const rowSchema = z.looseObject({
  config: z.string(),
  status: z.enum(ROW_STATUSES),
  delta_pct: z.number().nullable(),
  notes: z.array(z.string()).readonly(),
});

const OUTCOMES: Readonly<Record<RowStatus, CaseOutcome>> = {
  regression: 'failed',
  invalid: 'failed',
  not_comparable: 'failed',
  missing: 'failed',
  implausible: 'skipped',
  inconclusive: 'skipped',
  waived: 'skipped',
  improvement: 'passed',
  unchanged: 'passed',
  new: 'passed',
};

/** Positive is faster, as in the report. */
const caseOf = ({ config, status, delta_pct, notes }: z.input<typeof rowSchema>): ReportCase => ({
  group: 'configurations',
  name: config,
  outcome: OUTCOMES[status],
  message: [status.replaceAll('_', ' '), ...(delta_pct === null ? [] : [formatPercent(delta_pct)]), ...notes].join(
    '; ',
  ),
});

export const ratchetCheck = defineVerb({
  name: 'ratchet_check',
  family: 'ratchet',
  library: 'ratchet',
  verb: 'check',
  title: 'Ratchet check',
  description:
    'Compares results with the best known result of each configuration: a regression fails, a real improvement becomes the new baseline. One measurement: perf_baseline_diff.',
  safety: 'writes_artifacts',
  fields: {
    current: pathField('Result file of this run.'),
    baseline: pathField('Best known results. Made when absent.'),
    regression_threshold: z
      .number()
      .max(0)
      .optional()
      .describe('Percent, negative. Slower than this fails; default -3.'),
    improvement_threshold: z.number().min(0).optional().describe('Percent. Faster than this is promoted; default 5.'),
    profile_threshold: z
      .number()
      .min(0)
      .optional()
      .describe('Percent. Improvements from here get a profile; default 10.'),
    output_report: pathField('Markdown report to write.').optional(),
    profile_targets: pathField('JSON file of configurations to profile.').optional(),
    profile_command: z.string().optional().describe('Benchmark command with {config}.'),
    profile_folder: z.string().optional().describe('Profile folder. Of captures, default results/nsight.'),
    waivers: pathField('YAML of {config, reason, expires}. Regressions that are accepted until then.').optional(),
    peak_bandwidth_gb_per_s: z
      .number()
      .positive()
      .optional()
      .describe('Peak. Of the device; values above are refused.'),
    peak_gflops: z.number().positive().optional().describe('Peak. Of the device; values above are refused.'),
    commit: z.string().optional().describe('Commit. The one under test, default of the repository.'),
    no_write: z.boolean().optional().describe('Do not change the baseline.'),
    ...STRICT_FIELDS,
  },
  positionals: ['current'],
  aliases: { output_profile_targets: 'profile_targets' },
  paths: {
    current: reads,
    baseline: updates,
    output_report: writes(/^# Performance Ratchet Report\n/),
    profile_targets: writes(/^\{\n {2}"generated_at": "[^"]*",\n {2}"schema_version": 1,\n {2}"targets": \[/),
    waivers: reads,
  },
  data: {
    verdict: colourSchema,
    decision: decisionSchema,
    counts: z.record(z.string(), z.number()),
    rows: z.array(rowSchema),
    promoted: z.array(z.string()),
    baseline_existed: z.boolean(),
    read_only: z.string().nullable(),
    profile_targets: z.array(profiledTargetSchema),
    written: z.array(z.string()),
    exit_code: z.number(),
    summary: z.string(),
  },
  examples: [
    {
      title: 'As in CI',
      input: {
        current: 'results/current.json',
        baseline: 'results/baseline.json',
        regression_threshold: -3.0,
        improvement_threshold: 5.0,
        output_report: 'results/ratchet_report.md',
      },
    },
  ],
  run: async (input, context) => {
    const path = (given: string | undefined): string | null => (given === undefined ? null : context.path(given));
    const commit = input.commit ?? context.env['GITHUB_SHA'] ?? (await recorderFacts(context)).git.head_sha;
    const checked = await runRatchetCheck({
      resultPath: context.path(input.current),
      baselinePath: context.path(input.baseline),
      baselineName: input.baseline,
      waiversPath: path(input.waivers),
      reportPath: context.dryRun ? null : path(input.output_report),
      targetsPath: context.dryRun ? null : path(input.profile_targets),
      thresholds: {
        regressionPercent: input.regression_threshold ?? DEFAULT_THRESHOLDS.regressionPercent,
        improvementPercent: input.improvement_threshold ?? DEFAULT_THRESHOLDS.improvementPercent,
        profilePercent: input.profile_threshold ?? DEFAULT_THRESHOLDS.profilePercent,
      },
      peaks: {
        bandwidthGbPerS: input.peak_bandwidth_gb_per_s ?? null,
        throughputGflops: input.peak_gflops ?? null,
      },
      capture:
        input.profile_command === undefined
          ? null
          : { command: commandWords(input.profile_command), folder: input.profile_folder ?? CAPTURE_FOLDER },
      noWrite: context.dryRun || input.no_write === true,
      eventName: context.env['GITHUB_EVENT_NAME'],
      commit,
      now: isoSeconds(context.now().epochMs),
      strict: input.strict ?? false,
      strictContext: input.strict_context ?? false,
      failOn: input.fail_on ?? [],
      acceptImplausible: input.accept_implausible ?? false,
    });
    const { outcome, targets, text, written } = checked;
    const printed = await autoProfile(targets, { run: null, timeoutMs: 0, cwd: context.cwd });
    const lines = printed.flatMap(({ command }) => (command === null ? [] : [`profile: ${command}`]));
    const advice = adviceOf(outcome);
    return {
      verdict: outcome.verdict,
      decision: { ...outcome.decision },
      counts: { ...outcome.counts },
      rows: outcome.rows.slice(0, MOST_ROWS).map((row) => ({ ...row })),
      promoted: [...outcome.promoted],
      baseline_existed: outcome.baseline_existed,
      read_only: outcome.read_only,
      profile_targets: printed.map((target) => ({ ...target })),
      written: [...written],
      exit_code: outcome.exit_code,
      summary: [text.trimEnd(), ...lines.slice(0, MOST_LINES), ...(advice === null ? [] : [`advice: ${advice}`])].join(
        '\n',
      ),
    };
  },
  render: (data) => data.summary,
  next: (data, input) => nextSteps(data, input, input.profile_targets),
  links: (data) =>
    data.written.map((path) => ({
      path,
      title: path.endsWith('.md') ? 'report' : 'written',
      mime_type: path.endsWith('.md') ? 'text/markdown' : 'application/json',
    })),
  gate: (data) => ({
    headline: `${data.verdict}: ${data.decision.status}, ${data.decision.reason.replaceAll('_', ' ')}`,
    cases: data.rows.map(caseOf),
  }),
  exit_code: (data) => data.exit_code,
});
