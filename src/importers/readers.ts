// All readers, by format name. A new format is one file and one line here.
import { aiperf, genaiPerf } from './aiperf.ts';
import { aiperfCsv } from './aiperf-csv.ts';
import { atlas } from './atlas.ts';
import { envelope } from './envelope.ts';
import { guidellm } from './guidellm.ts';
import { inferencePerf } from './inference-perf.ts';
import { inferencex } from './inferencex.ts';
import { jsonDocument } from './json-document.ts';
import { llmDReport } from './llm-d-report.ts';
import { mlperfReport } from './mlperf-report.ts';
import { mlperfSummary } from './mlperf-summary.ts';
import { ncclJson } from './nccl-json.ts';
import { ncclText } from './nccl-text.ts';
import { nvbandwidthJson } from './nvbandwidth-json.ts';
import { nvbandwidthText } from './nvbandwidth-text.ts';
import { perfbench } from './perfbench.ts';
import { ratchetResult } from './ratchet-result.ts';
import { scalar } from './scalar.ts';
import { sglangConsole, vllmConsole } from './serve-console.ts';
import { serveTable } from './serve-table.ts';
import { sglangOneBatch } from './sglang-one-batch.ts';
import { sglangServe } from './sglang-serve.ts';
import { sotaComparison } from './sota-comparison.ts';
import { trtllmBench } from './trtllm-bench.ts';
import { vllmLatency } from './vllm-latency.ts';
import { vllmServe, vllmSweep } from './vllm-serve.ts';
import { vllmThroughput } from './vllm-throughput.ts';
import type { Reader } from '../metrics/reading.ts';

const readers: readonly Reader[] = [
  aiperf, aiperfCsv, atlas, envelope, genaiPerf, guidellm, inferencePerf, inferencex, jsonDocument, llmDReport, mlperfReport, mlperfSummary, ncclJson, ncclText, nvbandwidthJson,
  nvbandwidthText, perfbench, ratchetResult, scalar, sglangConsole, sglangOneBatch, sglangServe, serveTable, sotaComparison, trtllmBench, vllmConsole, vllmLatency, vllmServe, vllmSweep, vllmThroughput,
]; // prettier-ignore

/** Sorted by format name. */
export const READERS: readonly Reader[] = readers.toSorted((a, b) => (a.format < b.format ? -1 : 1));
