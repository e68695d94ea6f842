// The numbered rules of judging. Every decision names the one that made it; docs/statistics.md says each in full.

export const RULES = {
  V1: 'one value a side: the tolerance decides colour and exit code, the status stays INCONCLUSIVE',
  V2: '2 to 4 trials on the smaller side: the interval of Student’s t on logarithms',
  V3: '5 or more trials a side: the exact interval of ranks on logarithms',
  V4: 'shares of requests: the score test over the counts of all runs, widened by their scatter',
  V5: 'counters that a program repeats exactly: compared without noise',
  V6: 'over all metrics, FAIL: a failure survives Holm at 0.04 over the gating or over all judged metrics',
  V7: 'over all metrics, INCONCLUSIVE: a gating metric is undecided or a metric is suspect',
  V8: 'over all metrics, PASS: every gating metric is shown to be within its tolerance and none is suspect',
  V9: 'the sides cannot be compared',
  V10: 'a value is missing, invalid or implausible',
  V11: 'one capture a side: a profile shows where time went, not whether noise explains it',
  T1: 'history, RED: the newest level is worse than a sustained level of its era',
  T2: 'history, RED: the newest points are off, or the level creeps',
  T3: 'history: nothing sustained got worse',
  T4: 'history: too few points, or one odd point',
} as const;

export type Rule = keyof typeof RULES;
