// One trial: load that warms the server up and, without a pause, the window that is measured. Closed loop (a fixed number of
// requests in flight) or open loop (a fixed schedule). Never stops the load between the two, and never drops a request.
import { startLagProbe, type LagProbe } from './lag-probe.ts';
import { unsentRecord, type RequestRecord } from './request-record.ts';
import type { PreparedRequest, RunningRequest } from './request.ts';
import { arrivalOffsets, sleepUntil, type Arrival } from './schedule.ts';
import { windowSize, windowsAgree, windowsOf, type WarmUpRule } from './warm-up.ts';

export type LoadShape =
  | { readonly kind: 'closed'; readonly concurrency: number }
  | { readonly kind: 'open'; readonly ratePerS: number; readonly arrival: Arrival };

/** The window ends at whichever comes first; at least one is given. */
export interface StopRule {
  readonly requests: number | null;
  readonly durationS: number | null;
}

export interface SessionPlan {
  readonly shape: LoadShape;
  readonly warmUp: WarmUpRule;
  readonly stop: StopRule;
  /** Seed of the Poisson schedule. */
  readonly scheduleSeed: number;
  /** Open loop: more requests in flight than this are `unsent`. */
  readonly maxInFlight: number;
}

export interface SessionProgress {
  readonly phase: 'warm_up' | 'measuring' | 'draining';
  /** Measured requests that are over. */
  readonly done: number;
  readonly failed: number;
  /** 0 … 1 of the measured window; null while warming up. */
  readonly fraction: number | null;
}

export interface SessionDeps {
  /** Builds the `index`-th request; called before its time. */
  readonly prepare: (index: number) => PreparedRequest;
  readonly send: (request: PreparedRequest, dueMs: number | null) => RunningRequest;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SessionProgress) => void;
}

export interface SessionResult {
  /** Wall clock at the start of the window, milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** The window on the monotonic clock. */
  readonly windowMs: readonly [start: number, end: number];
  /** Requests that were due in the window. */
  readonly measured: readonly RequestRecord[];
  /** Requests of the warm-up that were still in flight when the window began. */
  readonly carried: readonly RequestRecord[];
  readonly warmUp: { readonly requests: number; readonly seconds: number; readonly steady: boolean };
  readonly clientLag: { readonly p99Ms: number; readonly maxMs: number } | null;
  readonly interrupted: boolean;
}

/** Where the session stands: warm-up until `beginMs` is set, then the window. */
interface Progression {
  readonly startMs: number;
  readonly probe: LagProbe;
  beginMs: number | null;
  beganAtMs: number;
  steady: boolean;
  claimed: number;
  readonly warmUp: RequestRecord[];
  readonly measured: RequestRecord[];
}

const begin = (state: Progression, atMs: number, steady: boolean): void => {
  state.beginMs = atMs;
  state.beganAtMs = performance.timeOrigin + atMs;
  state.steady = steady;
  state.probe.reset();
};

/** Starts the window when warm-up has done its work. */
const considerBeginning = (state: Progression, plan: SessionPlan, atMs: number): void => {
  if (state.beginMs !== null) return;
  const { warmUp, shape } = plan;
  if (warmUp.kind === 'none') return begin(state, atMs, true);
  if (warmUp.kind === 'requests') {
    if (state.warmUp.length >= warmUp.requests) begin(state, atMs, true);
    return;
  }
  const size = windowSize(shape.kind === 'closed' ? shape.concurrency : null);
  if (state.warmUp.length > 0 && state.warmUp.length % size === 0) {
    const windows = windowsOf(state.warmUp, size);
    if (windowsAgree(windows, shape.kind === 'closed')) return begin(state, atMs, true);
    // A whole window without an answer: waiting longer would only send more requests that fail.
    if (windows.at(-1)?.e2eP50Ms === null) return begin(state, atMs, false);
  }
  if (atMs - state.startMs >= warmUp.maxSeconds * 1000) begin(state, atMs, false);
};

/** May a request due at `atMs` be sent, and does it count? */
const admit = (state: Progression, plan: SessionPlan, atMs: number): 'warm_up' | 'measured' | 'over' => {
  if (state.beginMs === null || atMs < state.beginMs) return 'warm_up';
  const { requests, durationS } = plan.stop;
  if (requests !== null && state.claimed >= requests) return 'over';
  if (durationS !== null && atMs >= state.beginMs + durationS * 1000) return 'over';
  state.claimed += 1;
  return 'measured';
};

const fractionOf = (state: Progression, { requests, durationS }: StopRule, atMs: number): number | null => {
  if (state.beginMs === null) return null;
  const byCount = requests === null ? 0 : state.measured.length / requests;
  const byTime = durationS === null ? 0 : (atMs - state.beginMs) / (durationS * 1000);
  return Math.min(1, Math.max(byCount, byTime));
};

interface Running {
  readonly plan: SessionPlan;
  readonly deps: SessionDeps;
  readonly state: Progression;
  readonly inFlight: Set<RunningRequest>;
  readonly counter: { next: number };
}

const report = ({ plan, deps, state, inFlight }: Running, atMs: number): void => {
  const fraction = fractionOf(state, plan.stop, atMs);
  const over = fraction === 1 && inFlight.size > 0;
  deps.onProgress({
    phase: fraction === null ? 'warm_up' : over ? 'draining' : 'measuring',
    done: state.measured.length,
    failed: state.measured.filter((record) => record.failure !== null).length,
    fraction,
  });
};

const keep = (run: Running, record: RequestRecord, counted: boolean): void => {
  (counted ? run.state.measured : run.state.warmUp).push(record);
  if (!counted) considerBeginning(run.state, run.plan, performance.now());
};

const follow = async (
  run: Running,
  request: PreparedRequest,
  dueMs: number | null,
  counted: boolean,
): Promise<RequestRecord | null> => {
  const running = run.deps.send(request, dueMs);
  run.inFlight.add(running);
  const record = await running.record;
  run.inFlight.delete(running);
  if (record !== null) keep(run, record, counted);
  return record;
};

/** A place whose request failed waits this long, so that a server that refuses at once is not hammered. */
const PAUSE_AFTER_FAILURE_MS = 50;

/** Keeps one of the `concurrency` places busy until the window is over. */
const holdPlace = async (run: Running): Promise<void> => {
  const { plan, deps, state, counter } = run;
  while (!deps.signal.aborted) {
    const request = deps.prepare(counter.next++);
    const nowMs = performance.now();
    considerBeginning(state, plan, nowMs);
    const admission = admit(state, plan, nowMs);
    if (admission === 'over') return;
    const record = await follow(run, request, null, admission === 'measured');
    const failed = record !== null && record.failure !== null;
    if (failed) await sleepUntil(performance.now() + PAUSE_AFTER_FAILURE_MS, deps.signal);
  }
};

const closedLoop = async (run: Running, concurrency: number): Promise<void> => {
  await Promise.all(Array.from({ length: concurrency }, () => holdPlace(run)));
};

const openLoop = async (run: Running, ratePerS: number, arrival: Arrival): Promise<void> => {
  const { plan, deps, state, inFlight, counter } = run;
  const originMs = performance.now();
  const following: Promise<unknown>[] = [];
  for (const offset of arrivalOffsets(ratePerS, arrival, plan.scheduleSeed)) {
    const dueMs = originMs + offset;
    const request = deps.prepare(counter.next++);
    await sleepUntil(dueMs, deps.signal);
    if (deps.signal.aborted) break;
    considerBeginning(state, plan, dueMs);
    const admission = admit(state, plan, dueMs);
    if (admission === 'over') break;
    if (inFlight.size < plan.maxInFlight) following.push(follow(run, request, dueMs, admission === 'measured'));
    else
      keep(
        run,
        unsentRecord(request.index, dueMs, performance.now(), `${inFlight.size} requests in flight`),
        admission === 'measured',
      );
  }
  await Promise.all(following);
};

/** End of the window: the set duration, else the end of the last measured request; the present when interrupted. */
const windowEnd = (
  state: Progression,
  stop: StopRule,
  beginMs: number,
  interrupted: boolean,
  nowMs: number,
): number => {
  const byTime = stop.durationS === null ? Infinity : beginMs + stop.durationS * 1000;
  if (interrupted) return Math.min(nowMs, byTime);
  const ranOut = stop.requests !== null && state.claimed >= stop.requests;
  const lastEnd = state.measured.reduce((latest, record) => Math.max(latest, record.endMs), beginMs);
  return ranOut || byTime === Infinity ? lastEnd : byTime;
};

/** Runs the load until the stop rule or the signal ends it, and waits for the answers of all measured requests. */
export const runSession = async (plan: SessionPlan, deps: SessionDeps): Promise<SessionResult> => {
  const startMs = performance.now();
  const state: Progression = {
    startMs,
    probe: startLagProbe(),
    beginMs: null,
    beganAtMs: 0,
    steady: true,
    claimed: 0,
    warmUp: [],
    measured: [],
  };
  const run: Running = { plan, deps, state, inFlight: new Set(), counter: { next: 0 } };
  const ticker = setInterval(() => report(run, performance.now()), 250);
  const onAbort = (): void => run.inFlight.forEach((running) => running.giveUp());
  deps.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const { shape } = plan;
    if (shape.kind === 'closed') await closedLoop(run, shape.concurrency);
    else await openLoop(run, shape.ratePerS, shape.arrival);
  } finally {
    clearInterval(ticker);
    deps.signal.removeEventListener('abort', onAbort);
  }
  const clientLag = state.probe.stop();
  const nowMs = performance.now();
  report(run, nowMs);
  const interrupted = deps.signal.aborted;
  const beginMs = state.beginMs ?? nowMs;
  return {
    startedAtMs: state.beginMs === null ? performance.timeOrigin + nowMs : state.beganAtMs,
    windowMs: [beginMs, windowEnd(state, plan.stop, beginMs, interrupted, nowMs)],
    measured: state.measured,
    carried: state.warmUp.filter((record) => record.endMs > beginMs),
    warmUp: { requests: state.warmUp.length, seconds: (beginMs - startMs) / 1000, steady: state.steady },
    clientLag,
    interrupted,
  };
};
