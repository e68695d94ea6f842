// The words that names of metrics are made of, in the field's own terms: which say how good a number is, which state a unit,
// which count, which mark a setting or a spread. One list for every name that a document of unknown format may hold. Words are
// in lower case, runs of digits are `#`: `p99` is `p#`, `e2e` is `e#e`. Never holds a rule about how words join.

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const setOf = (text: string): ReadonlySet<string> => new Set(wordsOf(text));

/** Which of several values of one quantity is meant; says nothing about direction. */
export const STATISTICS = setOf(`
  mean avg average med median p# #th min minimum max maximum mode total sum geomean percentile percentiles pctl pctile quantile
  best worst peak overall aggregate aggregated agg stat stats statistics summary normalized # cumulative current retokenized
`);

/** Words that carry no meaning of their own in a metric's name. */
export const FILLERS = setOf(`
  value values result results metric metrics measurement measured data perf benchmark bench test all new old final raw gpu cpu
`);

/** Spreads wherever they stand in a name. */
export const SPREADS = setOf(`
  std stdev stddev stdv stddevs variance stderr sem iqr deviation rsd rstddev relstd skewness kurtosis covariance confidence
  ci# bootstrap
`);
/** Spreads only at the end of a name: inside of one they mean other things (a `moe` layer, a `ci` job). */
export const SPREADS_AT_END = setOf('cv se sd var mad moe ci conf');
/** What may follow a word of `SPREADS_AT_END`. */
export const SPREAD_ENDS = setOf('low high lower upper lo hi width pct percent ms us ns s');

/** Names, versions and moments, by their last word. */
export const IDENTITIES = setOf(`
  id ids uid uuid uuids guid hash sha sha# md# digest checksum seed seeds pid ppid tid port ports version revision commit build
  index idx number serial epoch unix timestamp timestamps date datetime at code codes year month day hour weekday rank
`);

/** A moment when a unit of a clock or `time` follows. */
export const MOMENTS = setOf('start end begin stop finish started ended finished created updated ack unix epoch');

/** What settings are called, wherever the word stands. */
export const SETTINGS = setOf(`
  target goal limit limits cap threshold budget timeout ttl deadline requested configured required config nominal offered
  interval period ramp rampup warmup cooldown burstiness seed learning lr momentum decay dropout parallel parallelism
  concurrency replicas replication workers clients thinktime scrape significance alpha
`);

/** Settings when nothing about the name says that it was measured. */
export const SETTING_NOUNS = setOf(`
  size sizes len lens length lengths depth width height dim dims level levels order batch chunk block page vocab
  cores cpus gpus nodes devices threads processes layers heads experts params parameters ranks hosts users ubatch mask
  bits port dtype split capacity rounds shards range
`);

/** Work that was done: how much of it there was says nothing about how well it went. The unit is that of its rate. */
export const WORK: ReadonlyMap<string, string | null> = new Map([
  ...wordsOf('tok toks token tokens').map((word) => [word, 'tok'] as const),
  ...wordsOf('req reqs request requests query queries').map((word) => [word, 'req'] as const),
  ...wordsOf(`
    sample samples step steps iteration iterations iter iters it epoch epochs call calls image images img imgs frame frames
    item items batch batches run runs trial trials repetition repetitions repeat repeats message messages msg msgs turn turns
    session sessions conversation conversations prompt prompts sequence sequences seq seqs sentence sentences word words row
    rows record records event events point points task tasks job jobs op operation operations transaction transactions txn
    txns page pages block blocks chunk chunks example examples document documents doc docs char chars character characters
    completion completions generation generations packet packets
    success successes completed succeeded successful finished processed submitted sent received attempts attempt count counts
    inference inferences embedding embeddings video videos file files node nodes edge edges update updates it
  `).map((word) => [word, null] as const),
]);

/** Nouns whose singular before a unit of time is the time of one of them (`step_s`), not a rate. */
export const SINGULARS = setOf(`
  request query sample step iteration epoch call image frame item batch run trial repetition repeat message turn session prompt
  sequence sentence row task job operation transaction page block chunk document inference completion generation
`);

export const BYTES: ReadonlyMap<string, string> = new Map(
  wordsOf('B KB MB GB TB PB KiB MiB GiB TiB Kbit Mbit Gbit').map((unit) => [unit.toLowerCase(), unit]),
);

/** Unit words of time, with the unit that they name. */
export const TIMES: ReadonlyMap<string, string> = new Map([
  ...wordsOf('ns nsec nsecs nanos nanosecond nanoseconds').map((word) => [word, 'ns'] as const),
  ...wordsOf('us usec usecs micros microsecond microseconds µs').map((word) => [word, 'us'] as const),
  ...wordsOf('ms msec msecs millis millisecond milliseconds').map((word) => [word, 'ms'] as const),
  ...wordsOf('s sec secs second seconds').map((word) => [word, 's'] as const),
  ...wordsOf('minute minutes mins').map((word) => [word, 'min'] as const),
  ...wordsOf('h hr hrs hour hours').map((word) => [word, 'h'] as const),
]);

/** What a rate may be over; `min` is a minimum elsewhere. */
export const PER_TIME: ReadonlyMap<string, string> = new Map([
  ...wordsOf('s sec secs second seconds').map((word) => [word, 's'] as const),
  ...wordsOf('min minute minutes mins').map((word) => [word, 'min'] as const),
  ...wordsOf('h hr hour hours').map((word) => [word, 'h'] as const),
  ...wordsOf('ms millisecond').map((word) => [word, 'ms'] as const),
  ...wordsOf('day days').map((word) => [word, 'day'] as const),
]);

/** Words that are a unit of something else than time. */
export const UNITS: ReadonlyMap<string, string> = new Map([
  ...[...BYTES].filter(([word]) => word !== 'b'),
  ['bytes', 'B'],
  ['w', 'W'],
  ['watts', 'W'],
  ['kw', 'kW'],
  ['j', 'J'],
  ['joules', 'J'],
  ['wh', 'Wh'],
  ['pct', '%'],
  ['percent', '%'],
  ['percentage', '%'],
  ['mhz', 'MHz'],
  ['ghz', 'GHz'],
  ['hz', 'Hz'],
  ['tokens', 'tokens'],
  ['ratio', 'ratio'],
  ['fraction', 'ratio'],
]);

/** What work costs: work per one of these should rise, these per work should fall. */
export const RESOURCES = setOf(`
  w watt watts kw j joule joules kj kwh wh usd dollar dollars eur euro euros cent cents cost price energy power kilowatt
`);

/** Units of money and energy that make a cost of what they are per. */
export const COSTS = setOf('j joule joules kj kwh wh usd dollar dollars eur euro cents cost price energy');

/** How a quantity behaves: what its unit must fit, and which way is better (1 more, -1 less, 0 not to be guessed). */
export interface Quantity {
  readonly kind: 'time' | 'rate' | 'fault' | 'memory' | 'share' | 'score' | 'physical' | 'weak';
  readonly better: 1 | -1 | 0;
  /** Unit that the word states by itself. */
  readonly unit?: string;
  /** A rate of work done: a headline where nobody names one. */
  readonly headline?: true;
}

const quantities = (kind: Quantity['kind'], better: Quantity['better'], text: string, more: Partial<Quantity> = {}) =>
  wordsOf(text).map((word): readonly [string, Quantity] => [word, { kind, better, ...more }]);

export const QUANTITIES: ReadonlyMap<string, Quantity> = new Map([
  ...quantities(
    'time',
    -1,
    `latency latencies ttft ttst ttfo tpot ntpot itl icl tbt e#e e#el rtt time times duration durations elapsed runtime wall
     wallclock delay delays wait waiting makespan lag jitter stall stalls startup spinpoll interarrival tat ttlt`,
  ),
  ...quantities('rate', 1, 'throughput throughputs tput goodput bandwidth bandwidths bw busbw', { headline: true }),
  ...quantities('rate', 1, 'algbw speed velocity interactivity intvty rtfx'),
  ...quantities('rate', 1, 'tps', { headline: true, unit: 'tok/s' }),
  ...quantities('rate', 1, 'rps qps', { headline: true, unit: 'req/s' }),
  ...quantities('rate', 1, 'tpm', { headline: true, unit: 'tok/min' }),
  ...quantities('rate', 1, 'fps iops ops ips wps gbps mbps kbps bps tbps', { headline: true }),
  ...quantities('rate', 1, 'flops flop mflops', { headline: true }),
  ...quantities('rate', 1, 'gflops', { headline: true, unit: 'GFLOPS' }),
  ...quantities('rate', 1, 'tflops', { headline: true, unit: 'TFLOPS' }),
  ...quantities('rate', 1, 'pflops', { headline: true, unit: 'PFLOPS' }),
  ...quantities(
    'fault',
    -1,
    `error errors err errs failure failures failed fail fails miss misses missed violation violations violated dropped drops
     timeouts timedout preemption preemptions preempted eviction evictions evicted retries retry retried retransmits
     retransmissions rejected rejections rejection aborted aborts abort crash crashes oom ooms fault faults wrong mismatch
     mismatches corrupted corruption restarts throttled throttling lost unfinished incomplete outliers bubble bubbles spills
     fragmentation imbalance waste wasted overhead overheads slowdown penalty contention recomputes recomputed staleness backlog
     hallucination toxicity perplexity ppl wer cer rmse mse mae fid cost costs price usd dollar dollars eur euro euros misprediction mispredictions conflicts
     blocked stalled leak leaks divergence regret unserved rtf`,
  ),
  ...quantities('memory', -1, 'memory mem vram rss footprint gmem cmem pmem swap'),
  ...quantities(
    'share',
    1,
    `hit hits attainment attained compliance compliant success successes pass passed passing acceptance accept accepted availability
     uptime overlap efficiency mfu mbu hfu sol resolved solved win wins met reuse headroom yield parity valid`,
  ),
  ...quantities(
    'score',
    1,
    `accuracy accuracies acc score scores quality f# bleu chrf rouge recall precision ndcg mrr auc auroc psnr ssim reward
     similarity correlation performance perf goodness em gsm#k mmlu humaneval throughputscore`,
  ),
  ...quantities(
    'physical',
    0,
    `power energy temperature temp clock clocks frequency freq voltage fan watts watt joules joule`,
  ),
  ...quantities('physical', 0, `utilization utilisation util usage occupancy active activity busy idle load`),
]);

/** What a word at the end of a name does to the quantity before it. */
export type Turn =
  /** Less of it: good where less is better, bad where more is. */
  | 'less'
  /** A harm, of whatever quantity. */
  | 'harm'
  /** A gain, of whatever quantity. */
  | 'gain'
  /** Says that two were compared, not which way. */
  | 'open';

export const TURNS: ReadonlyMap<string, Turn> = new Map([
  ...wordsOf('drop drops decrease reduction reduced decline').map((word) => [word, 'less'] as const),
  ...wordsOf(`
    loss losses degradation regression slowdown penalty violation violations error errors overhead overheads miss misses failure
    failures waste deficit gap
  `).map((word) => [word, 'harm'] as const),
  ...wordsOf(`
    speedup improvement improvements gain gains uplift saved saving savings avoided free headroom margin boost attainment
    compliance efficiency
  `).map((word) => [word, 'gain'] as const),
  ...wordsOf('delta diff difference change changes deviation offset trend').map((word) => [word, 'open'] as const),
]);

/** Turns the quantity that follows: `no_error_rate`. */
export const NEGATIONS = setOf('no non without zero not un');

/** Says how much of another: the direction is that of what it is a share of. */
export const CARRIERS = setOf('rate rates ratio fraction share percentage percent pct proportion portion');

/** Verbs of work: their rate is a speed. */
export const WORK_VERBS = setOf(`
  eval evaluation generation gen decode decoding decoded prefill prompt token tokens output input processing completion training
  train inference achieved sampling ingest completed refresh
`);

/** Objects of a document that hold settings and descriptions, not results. */
export const CONFIG_WORDS = setOf(`
  config configs configuration params parameters parameter args arguments argv settings setting options environment environ env
  context metadata meta info hardware machine system engine dataset versions sweep environment_variables hyperparameters
  hparams workload deployment
`);

/** Values over time and counts of values: the shape of a distribution, not a figure. */
export const SERIES_WORDS = setOf(`
  histogram histograms hist buckets bucket bins bin pdf cdf timeline timeseries series history trace traces curve heatmap
  timestamps outliers pareto frontier
`);

/** Names of arrays that hold the repeats of one figure. */
export const REPEAT_WORDS = setOf(
  'samples values times runs latencies measurements raw trials repeats observations durations',
);

/** Counts that the same program repeats exactly from run to run: figures of their own. */
export const EXACT_COUNTS = setOf('kernel kernels instruction instructions launch launches');

/** Units of money: they say in what a cost is, not that it is one, where another word says what the number is. */
export const MONEY = setOf('usd dollar dollars eur euro euros');
