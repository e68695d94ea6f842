// The suggestions of a tuning run in Markdown: what was found, how sure it is, and how to apply it by hand.
import { basename } from 'node:path';
import { heading, paragraph, table, type Block, type KeyFigure, type Text } from '../render/document.ts';
import { documentMarkdown } from '../render/markdown.ts';
import { formatFactor, formatFixed, formatNumber } from '../render/numbers.ts';
import { dimensionOf } from '../metrics/units.ts';
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
  amount === null ? 'not measured' : unit === 'ms' ? `${formatFixed(amount, 4)} ms` : `${formatNumber(amount)} ${unit}`;

const speedupText = ({ speedup, low, high }: Confirmation): string => {
  const interval = low === null || high === null ? '' : ` (interval ${formatFactor(low)} to ${formatFactor(high)})`;
  return `${formatFactor(speedup)}${interval}`;
};

/** The figures of the winner: from fresh trials where there are any, else from the search and said so. */
const figures = ({ confirmation, baseline, winner, unit }: TuneOutcome): KeyFigure[] => {
  const label = dimensionOf(unit) === 'time' ? 'Latency' : 'Value';
  if (confirmation !== null)
    return [
      { label: 'Speedup', value: speedupText(confirmation) },
      { label, value: `${value(confirmation.winner, unit)} (baseline: ${value(confirmation.baseline, unit)})` },
    ];
  return [{ label, value: `${value(winner.value, unit)} (baseline: ${value(baseline.value, unit)}; search only)` }];
};

const parameterFigure = (parameters: readonly Parameter[], settings: Combination): KeyFigure => ({
  label: 'Parameters',
  values: parameters.map(({ name }) => ({ code: `${name} = ${String(settings[name])}` })),
});

const SOURCE = /\.(cu|c|cc|cpp|cxx|cuh|hip)$/;

/** Compilers, with a version or a target in their names too: `x86_64-linux-gnu-g++-13`. */
const COMPILER = /(^|-)(nvcc|hipcc|gcc|g\+\+|clang(\+\+)?|cc|c\+\+|icpx|nvc\+\+)(-[\d.]+)?$/;

const shellBlocks = (title: string, text: string): Block[] => [
  heading(title, 3),
  { kind: 'code', language: 'bash', text },
];

/** A word as a shell reads it: bare where nothing in it has a meaning, else quoted. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const shellLine = (words: readonly string[]): string => words.map(shellWord).join(' ');

/** A build: the flags beside the sources for a compiler, else the whole command (make, cmake, env, a script) as it was run. */
const buildBlocks = (
  build: NonNullable<TuningSpec['build']>,
  values: Readonly<Record<string, string>>,
  definitions: readonly string[],
): Block[] => {
  const tool = basename(build.command[0] ?? '');
  if (COMPILER.test(tool) && build.command.includes('{defines}')) {
    const sources = build.command.filter((word) => SOURCE.test(word));
    return shellBlocks(`${tool} flags`, shellLine([tool, ...definitions, ...sources]));
  }
  return shellBlocks('build command', shellLine(fillCommand(build.command, values, definitions)));
};

/** How to apply the settings: in the build where it has them, and in the arguments of the benchmark where those have some. */
const application = ({ parameters, build, bench, config }: TuningSpec, settings: Combination): Block[] => {
  const own = Object.fromEntries(parameters.map(({ name }) => [name, String(settings[name])]));
  const holdsSetting = (word: string): boolean => placeholders(word).some((name) => name === 'defines' || name in own);
  const words = bench.command.filter((word) => placeholders(word).some((name) => name in own));
  const values = { ...own, config, artifact: build?.artifact ?? '{artifact}' };
  return [
    ...(build !== null && build.command.some(holdsSetting)
      ? buildBlocks(build, values, defines(parameters, settings))
      : []),
    ...(words.length === 0 ? [] : shellBlocks('arguments', shellLine(fillCommand(words, values, [])))),
  ];
};

const STANDING: Readonly<Record<TunedRow['standing'], string>> = {
  measured: 'measured',
  eliminated: 'worse, given up',
  same_program: 'same program as',
  failed: 'failed:',
  not_measured: 'not measured, out of time',
};

const resultTable = ({ rows, unit, baseline }: TuneOutcome): Block =>
  table(
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
}: TuneOutcome): Text[] => {
  const idle = Object.entries(knobs).flatMap(([name, connection]) => (connection === 'not_connected' ? [name] : []));
  const measured = rows.filter(({ trials }) => trials > 0).length;
  return [
    ...idle.map((name): Text => [
      { code: name },
      ' is not connected: changing it changes neither the program nor the command.',
    ]),
    ...(reproducible === false
      ? [
          'Two builds of the baseline differ, so programs cannot be distinguished and unconnected parameters cannot be found.',
        ]
      : []),
    ...(ties.length > 0 ? [`- Not distinguishable from it: ${ties.join(', ')}.`] : []),
    `${strategy === 'exhaustive' ? 'Exhaustive search' : 'Successive elimination'}: ${measured} of ${rows.length} combinations measured in ${formatFixed(minutes_used, 1)} minutes.`,
  ];
};

/** The file `tuning/suggestions.md`. Ends with a newline. */
export const renderSuggestions = (outcome: TuneOutcome, spec: TuningSpec): string => {
  const settings = outcome.winner.parameters;
  return documentMarkdown({
    title: `Autotune Report: ${outcome.config}`,
    blocks: [
      heading('Best Configuration Found'),
      { kind: 'figures', items: [...figures(outcome), parameterFigure(spec.parameters, settings)] },
      paragraph(HEADLINE[outcome.status]),
      heading('How to Apply'),
      ...application(spec, settings),
      heading('Remarks'),
      { kind: 'list', items: remarks(outcome) },
      heading('All Results'),
      resultTable(outcome),
    ],
  });
};
