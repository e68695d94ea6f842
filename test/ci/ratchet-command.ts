// The `ratchet_check` command as the action calls it, over the same function that the verb uses. For tests of the action's steps, which
// must not depend on a built package.
import { parseArgs } from 'node:util';
import { DEFAULT_THRESHOLDS } from '../../src/ratchet/judge-config.ts';
import { CAPTURE_FOLDER, commandWords } from '../../src/ratchet/profile-target.ts';
import { NO_PEAKS } from '../../src/ratchet/result-file.ts';
import { runRatchetCheck } from '../../src/ratchet/run-check.ts';
import { Fault } from '../../src/text/fault.ts';

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  // A negative number is a value here, not a flag.
  args: process.argv.slice(2).map((word, index, all) => (/^-[\d.]+$/.test(word) ? `=${word}` : (all[index] ?? ''))),
  options: {
    baseline: text,
    'regression-threshold': text,
    'improvement-threshold': text,
    'profile-threshold': text,
    'output-report': text,
    'output-profile-targets': text,
    'profile-command': text,
    waivers: text,
    strict: { type: 'boolean' },
  },
});

const number = (value: string | undefined, fallback: number): number =>
  value === undefined ? fallback : Number(value.replace(/^=/, ''));

try {
  if (positionals[0] !== 'ratchet_check') throw new Fault('usage', 'verb_unknown', `no verb ${positionals[0] ?? ''}`);
  const command = values['profile-command'];
  const checked = await runRatchetCheck({
    resultPath: positionals[1] ?? '',
    baselinePath: values.baseline ?? 'results/baseline.json',
    waiversPath: values.waivers ?? null,
    reportPath: values['output-report'] ?? null,
    targetsPath: values['output-profile-targets'] ?? null,
    thresholds: {
      regressionPercent: number(values['regression-threshold'], DEFAULT_THRESHOLDS.regressionPercent),
      improvementPercent: number(values['improvement-threshold'], DEFAULT_THRESHOLDS.improvementPercent),
      profilePercent: number(values['profile-threshold'], DEFAULT_THRESHOLDS.profilePercent),
    },
    peaks: NO_PEAKS,
    capture: command === undefined ? null : { command: commandWords(command), folder: CAPTURE_FOLDER },
    noWrite: false,
    eventName: process.env['GITHUB_EVENT_NAME'],
    commit: process.env['GITHUB_SHA'] ?? null,
    now: '2026-11-23T01:02:03Z',
    strict: values.strict === true,
    strictContext: false,
  });
  console.log(checked.text);
  process.exitCode = checked.outcome.exit_code;
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 2;
}
