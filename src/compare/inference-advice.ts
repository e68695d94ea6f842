// What to do about a bench of inference that got worse, by the pattern of what did, with the server's own figures where both sides have
// them. A sentence and the lever that goes with it; never a claim about the cause that no figure carries.
import { nameOf } from '../metrics/catalogue.ts';
import type { Metric } from '../metrics/metric.ts';
import { formatNumber } from '../render/numbers.ts';
import type { NextLever } from '../verdict/answer-schema.ts';
import { type InferencePattern, inferencePattern } from '../verdict/inference-pattern.ts';
import type { Judgement } from './judgement.ts';
import type { Recommendation } from './recommend.ts';

/** Both sides of the comparison, as far as advice goes by them. */
export interface BenchSides {
  /** Format of the baseline. */
  readonly format: string | null;
  readonly baseline: readonly Metric[];
  readonly candidate: readonly Metric[];
}

export interface InferenceAdvice {
  readonly text: string;
  /** What to do first, in place of `win back <metric>`. */
  readonly lever: string;
}

interface Peaks {
  readonly before: number;
  readonly after: number;
}

const largest = (metrics: readonly Metric[], name: string): number | undefined => {
  const values = metrics.filter((metric) => metric.name === name).map(({ value }) => value);
  return values.length === 0 ? undefined : Math.max(...values);
};

const peaksOf = ({ baseline, candidate }: BenchSides, name: string): Peaks | undefined => {
  const [before, after] = [largest(baseline, name), largest(candidate, name)];
  return before === undefined || after === undefined ? undefined : { before, after };
};

/** The most requests that the candidate's client kept in flight. */
const mostSent = ({ candidate }: BenchSides): number | undefined => {
  const loads = candidate.flatMap(({ labels: { concurrency } }) => (typeof concurrency === 'number' ? [concurrency] : []));
  return loads.length === 0 ? undefined : Math.max(...loads);
}; // prettier-ignore

const peakText = ({ before, after }: Peaks): string => `${formatNumber(before)} before, ${formatNumber(after)} now`;

const throughputAdvice = (sides: BenchSides): InferenceAdvice => {
  const running = peaksOf(sides, nameOf('requestsRunning'));
  const lever = 'run alone on the server, then compare again';
  if (running === undefined)
    return {
      text: 'Throughput fell: check vllm:num_requests_running during the run for contention before bisecting.',
      lever: 'check the server for other load (vllm:num_requests_running), then compare again',
    };
  const peaks = `requests running at once peaked at ${peakText(running)}`;
  const sent = mostSent(sides);
  if (running.after > running.before || (sent !== undefined && running.after > sent)) {
    const more = sent !== undefined && running.after > sent ? `, more than the ${formatNumber(sent)} that the client sent` : '';
    return { text: `Throughput fell under contention: ${peaks}${more}: measure again alone on the server.`, lever };
  }
  if (running.after < running.before)
    return {
      text: `Throughput fell and ${peaks}: the server admitted fewer at once: compare max_num_seqs and the KV cache.`,
      lever: 'admit as many requests at once as before (max_num_seqs, KV cache)',
    };
  return {
    text: `Throughput fell without contention (${peaks}): profile both sides.`,
    lever: 'profile both sides and compare kernels',
  };
}; // prettier-ignore

const firstTokenAdvice = (sides: BenchSides): InferenceAdvice => {
  const figures = [
    [peaksOf(sides, nameOf('requestsRunning')), 'requests running at once'],
    [peaksOf(sides, nameOf('cacheUsage')), 'KV cache in use'],
  ] as const;
  const said = figures.flatMap(([peaks, what]) => (peaks === undefined ? [] : [`${what} ${peakText(peaks)}`]));
  const evidence = said.length === 0 ? 'compare the peaks of running requests and of the KV cache' : said.join('; ');
  return {
    text: `Only the time to first token grew, decoding did not: look at the scheduler and its queue (${evidence}).`,
    lever: 'shorten the wait before prefill (scheduler, queue, prefill budget)',
  };
};

const cacheAdvice = (): InferenceAdvice => ({
  text: 'The prefix cache hit less: check that requests of one user still reach the same replica (sticky sessions), and that the prompts are the same.',
  lever: 'route requests of one session to the replica that holds their prefix',
});

const ADVICE: Readonly<Record<InferencePattern, (sides: BenchSides) => InferenceAdvice>> = {
  prefix_cache: cacheAdvice,
  throughput: throughputAdvice,
  first_token: firstTokenAdvice,
};

/** The advice for a bench that is kept as inference_perfbench_v1; null for other formats and where no pattern fits. */
export const inferenceAdvice = ({ adverse }: Judgement, sides: BenchSides): InferenceAdvice | null => {
  if (sides.format !== 'inference_perfbench_v1') return null;
  const pattern = inferencePattern(adverse.map(({ key }) => key));
  return pattern === null ? null : ADVICE[pattern](sides);
};

/** The recommendation, with what the pattern adds to it. */
export const withAdvice = (recommendation: Recommendation, advice: InferenceAdvice | null): Recommendation =>
  advice === null ? recommendation : { ...recommendation, text: `${recommendation.text} ${advice.text}` };

/** The lever of the largest loss, with what to do first. */
export const advisedLever = (lever: NextLever, advice: InferenceAdvice | null): NextLever =>
  advice === null || lever.key === null ? lever : { ...lever, lever: `${advice.lever}: ${lever.lever}` };
