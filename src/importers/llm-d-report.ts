// Reads the benchmark report of llm-d-benchmark, versions 0.1 and 0.2, in YAML or JSON: one point of one deployment. Every latency says
// its unit. GPUs are taken where the report counts them for each host; where a component has several replicas nobody says whether
// its count is of one or of all, and it is left out. Format: llm-d-benchmark, benchmark_report/schema_v0_*.py.
import { contextOf, loadLabels } from './context-fields.ts';
import { arrayAt, memberAt, numberAt, objectAt, textAt } from './json-fields.ts';
import { assemble, noMeasurement, present, type Sample } from './point.ts';
import { perUserSpeed, requestOutcome, serving } from './serving-metrics.ts';
import { latencyStatistics, namesMembers, parseReport } from './yaml-report.ts';
import type { Latency, MetricId } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';

const FORMAT = 'llm_d_report';

const LATENCIES: readonly (readonly [string, Latency])[] = [
  ['time_to_first_token', 'ttft'],
  ['time_per_output_token', 'tpot'],
  ['inter_token_latency', 'itl'],
  ['request_latency', 'e2e'],
];

/** Names of a rate in 0.1, where it is a number, and in 0.2, where it has statistics. */
const RATES: readonly (readonly [string, string, MetricId])[] = [
  ['requests_per_sec', 'request_rate', 'requestRate'],
  ['output_tokens_per_sec', 'output_token_rate', 'throughput'],
  ['total_tokens_per_sec', 'total_token_rate', 'totalThroughput'],
];

/** Where the figures of a version lie. */
interface Figures {
  readonly latency: JsonObject;
  readonly requests: JsonObject;
  readonly throughput: JsonObject;
}

const figuresOf = (report: JsonObject): Figures => {
  const aggregate = memberAt(report, 'results', 'request_performance', 'aggregate');
  const place = isJsonObject(aggregate) ? aggregate : objectAt(report, 'metrics');
  return {
    latency: objectAt(place, 'latency'),
    requests: objectAt(place, 'requests'),
    throughput: objectAt(place, 'throughput'),
  };
};

const samplesOf = ({ latency, requests, throughput }: Figures, path: string): Sample[] => {
  const mean = (object: JsonObject, key: string): number | undefined => numberAt(objectAt(object, key), 'mean', path);
  const { completed, failed } = countsOf(requests, path);
  const measured = present([
    ...RATES.map(([old, now, id]) => serving(id, numberAt(throughput, old, path) ?? mean(throughput, now), now)),
    ...LATENCIES.flatMap(([key, kind]) => {
      const figures = objectAt(latency, key);
      return latencyStatistics(kind, figures, key, path, textAt(figures, 'units'));
    }),
    ...requestOutcome(completed, failed, 'requests'),
    serving('promptLength', mean(requests, 'input_length'), 'input_length.mean'),
    serving('outputLength', mean(requests, 'output_length'), 'output_length.mean'),
  ]);
  return [...measured, ...present([perUserSpeed(measured)])];
};

/** `total` counts every request, the failed and the unfinished ones too. */
const countsOf = (requests: JsonObject, path: string) => {
  const requested = numberAt(requests, 'total', path);
  const failed = numberAt(requests, 'failures', path);
  const open = numberAt(requests, 'incomplete', path) ?? 0;
  return { requested, failed, completed: requested === undefined ? undefined : requested - (failed ?? 0) - open };
};

type Role = NonNullable<Context['roles']>[number];

/** Hosts or components that serve, each with what the report says of its GPUs. */
interface Served {
  readonly role: string;
  readonly accelerator: JsonObject;
  /** Undefined where several replicas share one count. */
  readonly gpus: JsonValue | undefined;
  readonly workers: number | undefined;
}

/** 0.1 has three lists that go together: roles, accelerators, engines. */
const hostsOf = (scenario: JsonObject): Served[] => {
  const host = objectAt(scenario, 'host');
  const roles = arrayAt(host, 'type');
  return arrayAt(host, 'accelerator').flatMap((accelerator, index): Served[] =>
    isJsonObject(accelerator)
      ? [{ role: String(roles[index] ?? 'replica'), accelerator, gpus: accelerator['count'], workers: 1 }]
      : [],
  );
};

const componentsOf = (scenario: JsonObject): JsonObject[] =>
  arrayAt(scenario, 'stack').flatMap((component) => {
    const standard = memberAt(component, 'standardized');
    return isJsonObject(standard) && standard['kind'] === 'inference_engine' ? [standard] : [];
  });

const enginesOf = (scenario: JsonObject): Served[] =>
  componentsOf(scenario).map((component) => {
    const accelerator = objectAt(component, 'accelerator');
    const { replicas } = component;
    const single = replicas === undefined || replicas === 1;
    return {
      role: textAt(component, 'role') ?? 'replica',
      accelerator,
      gpus: single ? accelerator['count'] : undefined,
      workers: typeof replicas === 'number' ? replicas : undefined,
    };
  });

const roleOf = ({ role, accelerator, gpus, workers }: Served): Role => {
  const { tp, pp, dp, ep } = objectAt(accelerator, 'parallelism');
  const sizes = contextOf({ tp, pp, dp, ep, n_gpus: gpus, hardware: accelerator['model'] });
  return { role, ...sizes, ...(workers === undefined ? {} : { workers }) };
};

/** Hosts of one kind together; sizes are those of one of them. */
const joined = (roles: readonly Role[]): Role[] => {
  const found = new Map<string, Role>();
  for (const role of roles) {
    const { n_gpus: gpus, workers, ...kind } = role;
    const key = JSON.stringify([kind, gpus === undefined]);
    const before = found.get(key);
    const sum = (a: number | null | undefined, b: number | null | undefined): number => (a ?? 0) + (b ?? 0);
    found.set(key, {
      ...kind,
      ...(gpus === undefined ? {} : { n_gpus: sum(before?.n_gpus, gpus) }),
      ...(workers === undefined ? {} : { workers: sum(before?.workers, workers) }),
    });
  }
  return [...found.values()];
};

/** Prefill and decode are roles; servers that do both are one deployment of so many replicas. */
const deploymentOf = (served: readonly Served[]): Context => {
  const roles = joined(served.map(roleOf));
  if (roles.some(({ role }) => role === 'prefill') && roles.some(({ role }) => role === 'decode'))
    return { disagg: true, roles };
  const [only, ...others] = roles;
  if (only === undefined || others.length > 0) return {};
  const { hardware, tp, pp, dp, ep, n_gpus } = only;
  const several = (only.workers ?? 1) > 1;
  return contextOf({ hardware, tp, pp, dp: several ? undefined : dp, ep, n_gpus });
};

const contextOfReport = (report: JsonObject): Context => {
  const scenario = objectAt(report, 'scenario');
  const [component] = componentsOf(scenario);
  const load = memberAt(scenario, 'load', 'standardized');
  const standard = isJsonObject(load) ? load : {};
  const engine = arrayAt(objectAt(scenario, 'platform'), 'engine').find(isJsonObject);
  return {
    ...contextOf({
      model: memberAt(scenario, 'model', 'name') ?? memberAt(component, 'model', 'name'),
      quant: memberAt(scenario, 'model', 'quantization'),
      engine: engine?.['name'],
      engine_version: engine?.['version'],
      image: component?.['tool_version'],
      concurrency: standard['concurrency'] === 'inf' ? undefined : standard['concurrency'],
      request_rate: standard['rate_qps'],
    }),
    ...deploymentOf([...hostsOf(scenario), ...enginesOf(scenario)]),
  };
};

/** Seconds: a number in 0.1, `PT49.9S` in 0.2. */
const durationOf = (report: JsonObject): number | undefined => {
  const old = memberAt(report, 'metrics', 'time', 'duration');
  if (typeof old === 'number') return old;
  const written = memberAt(report, 'run', 'time', 'duration');
  const [, hours = '0', minutes = '0', seconds = '0'] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(String(written)) ?? [];
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return whole > 0 ? whole : undefined;
}; // prettier-ignore

const checkVersion = (report: JsonObject, path: string): void => {
  if (/^0\.[12](\.\d+)?$/.test(String(report['version']))) return;
  throw inputFault('format_version', `${path}: report version ${JSON.stringify(report['version'])} of llm-d-benchmark is not known`, {
    path,
    at: 'version',
    fix: 'give a report of version 0.1 or 0.2',
  });
}; // prettier-ignore

const parse = async (text: string, path: string): Promise<ReadOutcome> => {
  const report = await parseReport(text, path);
  checkVersion(report, path);
  const figures = figuresOf(report);
  const counts = countsOf(figures.requests, path);
  if (counts.completed === 0) return noMeasurement(FORMAT, 'no request completed');
  const context = contextOfReport(report);
  return assemble({
    format: FORMAT,
    path,
    points: [
      {
        labels: loadLabels(context),
        samples: samplesOf(figures, path),
        context,
        counts: { ...counts, duration_s: durationOf(report) },
      },
    ],
  });
};

/** `benchmark_report*.yaml`. */
export const llmDReport: Reader = {
  format: FORMAT,
  sniff: (_path, head) =>
    namesMembers(head, 'version', 'scenario', 'metrics', 'time_to_first_token') ||
    namesMembers(head, 'results', 'request_performance', 'aggregate')
      ? 0.9
      : 0,
  parse,
};
