// A server as a process of its own that counts what it is asked, as vLLM does, and stamps its answers: `serve-counting.ts --port <port>`. The first
// token comes after 60 ms, which it counts as 50; every tenth request is preempted, and half of the prompts after the fifteenth request are
// called cached.
import { vllmPage } from './engine-metrics.ts';
import { startStandIn } from './stand-in-server.ts';

let requests = 0;
let cachedTokens = 0;
let lastMs = 0;

/** A load counts as running so long after its last request began. */
const RUNS_MS = 1700;

const metrics = (): string =>
  vllmPage({
    requests,
    ttftS: 0.05,
    promptTokens: requests * 16,
    cachedTokens,
    preemptions: Math.floor(requests / 10),
    cacheUsage: 0.25,
    running: Date.now() - lastMs < RUNS_MS ? 1 : 0,
  });

void startStandIn({
  port: Number(process.argv.at(-1)),
  chunks: 8,
  firstMs: 60,
  gapMs: 200,
  models: ['tiny'],
  metrics,
  behave: () => {
    requests += 1;
    lastMs = Date.now();
    if (requests > 15) cachedTokens += 8;
    return 'good';
  },
});
