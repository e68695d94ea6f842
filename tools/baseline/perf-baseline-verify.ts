// perf_baseline_verify: is the registry as it was recorded?
import { z } from 'zod';
import { adoptEntries } from '../../src/registry/adopt.ts';
import { existingFamily, existingPlace } from '../../src/registry/address.ts';
import { registryFolder } from '../../src/registry/layout.ts';
import type { DigestStanding } from '../../src/registry/registry-digest.ts';
import { verifyRegistry, type RegistryReport } from '../../src/registry/verify-registry.ts';
import { verifyPlace, type MeasurementReport } from '../../src/registry/verify.ts';
import { Fault } from '../../src/text/fault.ts';
import { splitPlace } from '../../src/registry/split-place.ts';
import { plural } from '../../src/render/numbers.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

/** Where a noted head stands in the chain; null where none was given. */
const standingSchema = z.enum(['head', 'earlier', 'absent']).nullable();

/** Most reports, and most findings of one, in a result. */
const MOST = 100;

const findingSchema = z.object({ name: z.string(), status: z.string(), detail: z.string().nullable() });

/** A measurement in which something is not as recorded, or all is well; lists are cut to what an agent reads. */
const reportSchema = z.object({
  family: z.string(),
  measurement: z.string(),
  ok: z.boolean(),
  entries: z.number(),
  intact: z.number(),
  links: z.number(),
  head: z.string().nullable(),
  expected_head: standingSchema,
  findings_count: z.number(),
  findings: z.array(findingSchema),
  breaks: z.array(z.object({ line: z.number(), reason: z.string(), slug: z.string().nullable() })),
  forks: z.array(z.object({ after: z.string().nullable(), branches: z.array(z.string()).readonly() })),
  not_indexed: z.array(z.string()).readonly(),
});

const reportOf = (report: MeasurementReport) => ({
  family: report.family,
  measurement: report.measurement,
  ok: report.ok,
  entries: report.entries,
  intact: report.intact,
  links: report.links,
  head: report.head,
  expected_head: report.expected_head,
  findings_count: report.findings.length,
  findings: report.findings.slice(0, MOST).map((finding) => ({ ...finding })),
  breaks: report.breaks.slice(0, MOST).map((found) => ({ ...found })),
  forks: report.forks.slice(0, MOST).map((found) => ({ ...found })),
  not_indexed: report.not_indexed.slice(0, MOST),
});

/** What a check of the registry, or of one measurement, amounts to. */
const totalsOf = ({ ok, measurements: reports, extra, heads }: RegistryReport) => {
  const sum = (count: (report: MeasurementReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  const found: Record<string, number> = {};
  const add = (what: string, count: number): void => {
    if (count > 0) found[what] = (found[what] ?? 0) + count;
  };
  for (const { findings } of reports) for (const { status } of findings) add(status, 1);
  add('extra', extra.length);
  add(
    'chain break',
    sum(({ breaks }) => breaks.length),
  );
  add('absent head', heads.standing === 'absent' ? 1 : 0);
  return {
    ok,
    head: heads.digest,
    expected_head: heads.standing,
    entries: sum(({ entries }) => entries),
    intact: sum(({ intact }) => intact),
    found,
    measurements_count: reports.length,
    measurements: reports
      .toSorted((a, b) => Number(a.ok) - Number(b.ok))
      .slice(0, MOST)
      .map(reportOf),
    extra: extra.slice(0, MOST),
  };
};

/** One measurement, as a registry of one; its head is that of its chain. */
const alone = (report: MeasurementReport): RegistryReport => ({
  ok: report.ok,
  measurements: [report],
  extra: [],
  heads: { digest: report.head, standing: report.expected_head },
});

interface Totals {
  readonly ok: boolean;
  readonly entries: number;
  readonly intact: number;
  readonly found: Readonly<Record<string, number>>;
  readonly measurements_count: number;
}

/** `NOT AS RECORDED: 1 missing; 8 of 9 entries intact, 2 measurements`; a missing entry counts among the entries. */
const verdictLine = ({ ok, entries, intact, found, measurements_count: count }: Totals): string => {
  const all = entries + (found['missing'] ?? 0) + (found['unfinished'] ?? 0);
  const what = Object.entries(found).map(([status, times]) => `${times} ${status}`);
  const intactText = `${intact} of ${all} entries intact, ${plural(count, 'measurement')}`;
  const listed = what.length === 0 ? '' : `${what.join(', ')}; `;
  return `${ok ? 'OK' : 'NOT AS RECORDED'}: ${listed}${intactText}`;
};

const ADVICE: Readonly<Record<string, string>> = {
  changed: 'restore what changed from git or a backup, or record anew; a diff refuses it until then',
  'absent head': 'restore the registry from git or a backup, and verify that with the same expect_head',
  missing: 'restore what is missing from git or a backup; the chain keeps its place',
  half: 'delete half entries after a look at them; they were never committed',
  inserted: 'restore chain.jsonl when it was lost; otherwise record the inserted entry properly',
  unchained: 'adopt=true with family and measurement links entries of other tools',
};

interface Heads {
  readonly scope: string;
  readonly head: string | null;
  readonly expected_head: DigestStanding | null;
}

/** What was compared, and what to keep; a chain that was cut at its end together with its entries looks whole. */
const headLines = ({ scope, head, expected_head: standing }: Heads): string[] => {
  if (head === null && standing === null) return [];
  const said: Readonly<Record<DigestStanding, string>> = {
    head: 'is at the head that was expected',
    earlier: 'has grown since the head that was expected',
    absent: 'was never at the head that was expected: its newest entries were cut off, or branches were merged since',
  };
  return [
    `head: ${head ?? 'none'}`,
    standing === null
      ? `no head was compared: entries of ${scope} cut off at the end with their links would not show; keep this head elsewhere and give it as expect_head`
      : `${scope} ${said[standing]}`,
  ];
};

const adviceFor = ({ found }: Totals): string[] => {
  const [advice] = Object.entries(ADVICE).flatMap(([status, text]) => (found[status] === undefined ? [] : [text]));
  return advice === undefined ? [] : [`advice: ${advice}`];
};

export const perfBaselineVerify = defineVerb({
  name: 'perf_baseline_verify',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'verify',
  title: 'Verify the registry',
  description:
    'Re-hashes entries and walks the hash chain: names each changed, missing, inserted or half entry (exit 1), apart from merged branches. Not about speed: perf_baseline_trend.',
  safety: 'writes_artifacts',
  idempotent: true,
  fields: {
    family: z.string().optional().describe('Family. Only this one, or family/measurement.'),
    measurement: z.string().optional().describe('Measurement. Only this one of the family.'),
    expect_head: z.string().optional().describe('Head noted earlier, of the same scope.'),
    adopt: z.boolean().optional().describe('Link entries of other tools. Needs family and measurement.'),
  },
  aliases: { entry: 'family' },
  positionals: ['family', 'measurement'],
  data: {
    ok: z.boolean(),
    scope: z.string(),
    registry: z.string(),
    head: z.string().nullable(),
    expected_head: standingSchema,
    entries: z.number(),
    intact: z.number(),
    found: z.record(z.string(), z.number()),
    measurements_count: z.number(),
    adopted: z.array(z.string()),
    measurements: z.array(reportSchema),
    extra: z.array(z.string()),
  },
  examples: [
    { title: 'Everything', input: {} },
    {
      title: 'Everything against a head that is kept elsewhere',
      input: { expect_head: '9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab' },
    },
    {
      title: 'One measurement against a noted head',
      input: {
        family: 'llama31_8b',
        measurement: 'vllm_serve',
        expect_head: '3b1f0e9ad3b7a3e1c5d29f6a7c80b4d1e2f3a4b5c6d7e8f90112233445566778',
      },
    },
  ],
  run: async (input, context) => {
    const { expect_head: expectHead, adopt = false } = input;
    const [family, measurement] = splitPlace(input.family, input.measurement);
    const registry = registryFolder(context.root);
    const onProgress = (done: number, total: number): void => context.progress(done, total, 'verifying');
    const options = { signal: context.signal, onProgress };
    if (family === undefined || measurement === undefined) {
      if (adopt)
        throw new Fault('usage', 'measurement_missing', 'adopt is about one measurement', {
          fix: 'give family and measurement',
        });
      if (family !== undefined) await existingFamily(registry, family);
      const report = await verifyRegistry(registry, { family }, { ...options, expectHead });
      return { ...totalsOf(report), scope: family ?? 'the registry', registry, adopted: [] };
    }
    const place = await existingPlace(registry, family, measurement);
    const adopted = adopt && !context.dryRun ? (await adoptEntries(place)).adopted : [];
    const report = alone(await verifyPlace(place, { ...options, expectHead }));
    return { ...totalsOf(report), scope: `${family}/${measurement}`, registry, adopted: [...adopted] };
  },
  render: (data) => {
    const lines = data.measurements.flatMap((report) => {
      const listed = report.findings.map(
        ({ status, name, detail }) => `  ${status}: ${name}${detail === null ? '' : ` (${detail})`}`,
      );
      const forks = report.forks.length > 0 ? ['  fork: branches were merged'] : [];
      const breaks = report.breaks.map((found) => `  chain broken: ${JSON.stringify(found)}`);
      const unlisted = report.findings_count - MOST;
      const rest = unlisted > 0 ? [`  … and ${unlisted} more`] : [];
      const all = [...breaks, ...listed, ...forks];
      return all.length === 0 ? [] : [`${report.family}/${report.measurement}`, ...all, ...rest];
    });
    const extra = data.extra.map((path) => `  extra: ${path}`);
    const adopted = data.adopted.length > 0 ? [`adopted ${data.adopted.join(', ')}`] : [];
    const empty = data.measurements_count === 0 ? [`nothing is recorded in ${data.registry}`] : [];
    return [verdictLine(data), ...empty, ...adopted, ...headLines(data), ...lines, ...extra, ...adviceFor(data)].join(
      '\n',
    );
  },
  exit_code: (data) => (data.ok ? 0 : 1),
});
