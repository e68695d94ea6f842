// perf_baseline_verify: is the registry as it was recorded?
import { z } from 'zod';
import { existingFamily } from '../../src/baseline/existing-family.ts';
import { adoptEntries } from '../../src/registry/adopt.ts';
import { existingPlace } from '../../src/registry/address.ts';
import { registryFolder } from '../../src/registry/layout.ts';
import { verifyRegistry } from '../../src/registry/verify-registry.ts';
import { verifyPlace, type MeasurementReport } from '../../src/registry/verify.ts';
import { Fault } from '../../src/text/fault.ts';
import { splitPlace } from '../../src/baseline/split-place.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const reportOf = (report: MeasurementReport) => ({
  family: report.family,
  measurement: report.measurement,
  ok: report.ok,
  entries: report.entries,
  intact: report.intact,
  links: report.links,
  head: report.head,
  expected_head: report.expected_head,
  findings: report.findings.map((finding) => ({ ...finding })),
  breaks: report.breaks.map((found) => ({ ...found })),
  forks: report.forks.map((found) => ({ ...found })),
  not_indexed: [...report.not_indexed],
});

export const perfBaselineVerify = defineVerb({
  name: 'perf_baseline_verify',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'verify',
  title: 'Verify the registry',
  description:
    'Re-hashes every entry and walks the hash chain: names each changed, missing, extra, inserted or half entry (exit 1), tells merged branches and entries of other tools apart from tampering. adopt links the latter.',
  safety: 'writes_artifacts',
  idempotent: true,
  fields: {
    family: z.string().optional().describe('Only this family, or family/measurement.'),
    measurement: z.string().optional().describe('Only this measurement of the family.'),
    expect_head: z.string().optional().describe('Head of the chain that was noted earlier.'),
    adopt: z.boolean().optional().describe('Link entries of other tools; needs family and measurement.'),
  },
  positionals: ['family', 'measurement'],
  data: {
    ok: z.boolean(),
    entries: z.number(),
    intact: z.number(),
    adopted: z.array(z.string()),
    measurements: z.array(z.record(z.string(), z.unknown())),
    extra: z.array(z.string()),
  },
  examples: [
    { title: 'Everything', input: {} },
    { title: 'One measurement against a noted head', input: { family: 'llama31_8b', measurement: 'vllm_serve' } },
  ],
  run: async (input, context) => {
    const { expect_head: expectHead, adopt = false } = input;
    const [family, measurement] = splitPlace(input.family, input.measurement);
    const registry = registryFolder(context.root);
    const onProgress = (done: number, total: number): void => context.progress(done, total, 'verifying');
    const options = { signal: context.signal, onProgress };
    if (family === undefined || measurement === undefined) {
      if (expectHead !== undefined || adopt)
        throw new Fault('usage', 'measurement_missing', 'expect_head and adopt are about one measurement', {
          fix: 'give family and measurement',
        });
      if (family !== undefined) await existingFamily(registry, family);
      const report = await verifyRegistry(registry, { family }, options);
      const measurements = report.measurements.map(reportOf);
      return { ...totals(measurements), ok: report.ok, adopted: [], measurements, extra: [...report.extra] };
    }
    const place = await existingPlace(registry, family, measurement);
    const adopted = adopt && !context.dryRun ? (await adoptEntries(place)).adopted : [];
    const measurements = [reportOf(await verifyPlace(place, { ...options, expectHead }))];
    return {
      ...totals(measurements),
      ok: measurements.every(({ ok }) => ok),
      adopted: [...adopted],
      measurements,
      extra: [],
    };
  },
  render: (data) => {
    const lines = data.measurements.flatMap((report) => {
      const findings = report['findings'];
      const name = `${String(report['family'])}/${String(report['measurement'])}`;
      const listed = Array.isArray(findings)
        ? findings.map(
            (found) => `  ${found.status}: ${found.name}${found.detail === null ? '' : ` (${found.detail})`}`,
          )
        : [];
      const forks =
        Array.isArray(report['forks']) && report['forks'].length > 0 ? [`  fork: branches were merged`] : [];
      const breaks = Array.isArray(report['breaks'])
        ? report['breaks'].map((found) => `  chain broken: ${JSON.stringify(found)}`)
        : [];
      const absent = report['expected_head'] === 'absent' ? ['  the expected head is not in the chain'] : [];
      const all = [...breaks, ...absent, ...listed, ...forks];
      return all.length === 0 ? [] : [name, ...all];
    });
    const extra = data.extra.map((path) => `  extra: ${path}`);
    const [only] = data.measurements;
    const head = data.measurements.length === 1 ? [`head: ${String(only?.['head'])}`] : [];
    const adopted = data.adopted.length > 0 ? [`adopted ${data.adopted.join(', ')}`] : [];
    const verdict = `${data.ok ? 'OK' : 'NOT AS RECORDED'}: ${data.intact} of ${data.entries} entries intact, ${data.measurements.length} measurements`;
    return [verdict, ...adopted, ...head, ...lines, ...extra].join('\n');
  },
  exit_code: (data) => (data.ok ? 0 : 1),
});

const totals = (reports: readonly { readonly entries: number; readonly intact: number }[]) => ({
  entries: reports.reduce((sum, { entries }) => sum + entries, 0),
  intact: reports.reduce((sum, { intact }) => sum + intact, 0),
});
