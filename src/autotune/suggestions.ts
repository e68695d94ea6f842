// The suggestions of a tuning run in Markdown: what was found, how sure it is, and how to apply it by hand.
import { basename } from 'node:path';
import { formatNumber } from '../text/numbers.ts';
import { dimensionOf } from '../metrics/units.ts';
import { markdownTable } from '../text/table.ts';
import type { Combination, Parameter } from './parameter-space.ts';
import type { Confirmation, TunedRow, TuneOutcome, TuneStatus } from './run-autotune.ts';
import { defines, fillCommand, placeholders } from './template.ts';
import type { TuningSpec } from './tuning-spec.ts';

const HEADLINE: Readonly<Record<TuneStatus, string>> = {
  improved: 'Confirmed on fresh trials.',
  not_confirmed: 'Not confirmed: fresh trials do not show it to be better than the baseline. Keep the baseline.',
  baseline_is_best: 'The baseline is already the best configuration found.',
  out_of_time: 'Not confirmed: the time was over. Run again to go on from here.',
};

const value = (amount: number | null, unit: string): string =>
  amount === null ? 'not measured' : unit === 'ms' ? `${amount.toFixed(4)} ms` : `${formatNumber(amount)} ${unit}`;

const speedupLine = ({ speedup, low, high }: Confirmation): string => {
  const interval = low === null || high === null ? '' : ` (interval ${low.toFixed(2)}× to ${high.toFixed(2)}×)`;
  return `**Speedup**: ${speedup.toFixed(2)}×${interval}`;
};

/** The figures of the winner: from fresh trials where there are any, else from the search and said so. */
const figures = ({ confirmation, baseline, winner, unit }: TuneOutcome): string[] => {
  const what = dimensionOf(unit) === 'time' ? 'Latency' : 'Value';
  if (confirmation !== null)
    return [
      speedupLine(confirmation),
      `**${what}**: ${value(confirmation.winner, unit)} (baseline: ${value(confirmation.baseline, unit)})`,
    ];
  return [`**${what}**: ${value(winner.value, unit)} (baseline: ${value(baseline.value, unit)}; search only)`];
};

const parameterLines = (parameters: readonly Parameter[], settings: Combination): string =>
  ['**Parameters**:', ...parameters.map(({ name }) => `- \`${name} = ${String(settings[name])}\``)].join('\n');

const SOURCE = /\.(cu|c|cc|cpp|cxx|cuh)$/;

const shellBlock = (line: string): string => `\`\`\`bash\n${line}\n\`\`\``;

/** How to apply the settings: the compiler line where they are definitions, the benchmark's arguments otherwise. */
const application = ({ parameters, build, bench, config }: TuningSpec, settings: Combination): string => {
  if (build !== null && build.command.includes('{defines}')) {
    const compiler = basename(build.command[0] ?? 'nvcc');
    const sources = build.command.filter((word) => SOURCE.test(word));
    const line = [compiler, ...defines(parameters, settings), ...sources].join(' ');
    return `### ${compiler} flags\n${shellBlock(line)}`;
  }
  const values = Object.fromEntries(parameters.map(({ name }) => [name, String(settings[name])]));
  const words = (build === null ? bench : build).command.filter((word) =>
    placeholders(word).some((name) => name in values),
  );
  return `### arguments\n${shellBlock(fillCommand(words, { ...values, config }, []).join(' '))}`;
};

const STANDING: Readonly<Record<TunedRow['standing'], string>> = {
  measured: 'measured',
  eliminated: 'worse, given up',
  same_program: 'same program as',
  failed: 'failed:',
  not_measured: 'not measured, out of time',
};

const resultTable = ({ rows, unit, baseline }: TuneOutcome): string =>
  markdownTable(
    [
      { title: 'Combination' },
      { title: `Median (${unit})`, align: 'right' },
      { title: 'Trials', align: 'right' },
      { title: 'Standing' },
    ],
    rows.map(({ key, value: median, trials, standing, note }) => [
      key === baseline.key ? `${key} (baseline)` : key,
      median === null ? '' : formatNumber(median),
      String(trials),
      [STANDING[standing], ...(note === null ? [] : [note])].join(' '),
    ]),
  );

/** What a reader must know before believing the table. */
const remarks = ({
  knobs,
  builds_reproducible: reproducible,
  ties,
  strategy,
  rows,
  minutes_used,
}: TuneOutcome): string[] => {
  const idle = Object.entries(knobs).flatMap(([name, connection]) => (connection === 'not_connected' ? [name] : []));
  const measured = rows.filter(({ trials }) => trials > 0).length;
  return [
    ...idle.map((name) => `- \`${name}\` is not connected: changing it changes neither the program nor the command.`),
    ...(reproducible === false
      ? [
          '- Two builds of the baseline differ, so programs cannot be told apart and unconnected parameters cannot be found.',
        ]
      : []),
    ...(ties.length > 0 ? [`- Not distinguishable from it: ${ties.join(', ')}.`] : []),
    `- ${strategy === 'exhaustive' ? 'Exhaustive search' : 'Successive elimination'}: ${measured} of ${rows.length} combinations measured in ${minutes_used.toFixed(1)} minutes.`,
  ];
};

/** The file `tuning/suggestions.md`. Ends with a newline. */
export const renderSuggestions = (outcome: TuneOutcome, spec: TuningSpec): string => {
  const settings = outcome.winner.parameters;
  return `${[
    `# Autotune Report: ${outcome.config}`,
    `## Best Configuration Found\n${figures(outcome).join('\n')}\n${parameterLines(spec.parameters, settings)}`,
    HEADLINE[outcome.status],
    `## How to Apply\n${application(spec, settings)}`,
    `## Remarks\n${remarks(outcome).join('\n')}`,
    `## All Results\n\n${resultTable(outcome)}`,
  ].join('\n\n')}\n`;
};
