// The latency ledger: each measured time per token as what the hardware needs at the least, communication, idle time of the GPU and what is
// left, which is kernels below their peak. A time below its bound is named, never explained.
import type { Ledger } from '../../roofline/ledger.ts';
import { barRows, barRowsHeight, type BarField, type BarPart, type BarRow } from '../../render/bar-rows.ts';
import { plural } from '../../render/numbers.ts';
import type { Role } from '../../render/palette.ts';
import type { Page, PageBlock } from '../../render/page.ts';
import { legendPart, type LegendEntry } from '../../render/picture.ts';
import { svgDocument, svgRect } from '../../render/svg.ts';
import { PAGE_MARGIN, PAGE_SIZES } from '../../render/typst-template.ts';
import { shortName } from '../arms.ts';
import { briefMs, ledgerPartsPage, ledgerPartsTable } from '../ledger-parts.ts';
import { ledgersOf, type Ledgers, type RowLedger } from '../ledgers.ts';
import { drawn, omitted, type Omission, type PagePlan } from '../page-plan.ts';
import type { ReportData } from '../report-data.ts';
import { pageShape } from '../shape-line.ts';
import { shareText } from '../small-share.ts';

const ROWS_PER_PAGE = 40;
/** Up to so many a page lies across. */
const FEW = 10;

/** Colour says nothing here: from dark to light in the order of the bar, and the columns say the figures. */
const PARTS = [
  { name: 'bound', role: 'ink', of: ({ boundMs }) => boundMs },
  { name: 'communication', role: 'slate', of: ({ communicationMs }) => communicationMs },
  { name: 'idle', role: 'base', of: ({ idleMs }) => idleMs },
  { name: 'inefficiency', role: 'band', of: ({ inefficiencyMs }) => inefficiencyMs },
] as const satisfies readonly {
  readonly name: string;
  readonly role: Role;
  readonly of: (ledger: Ledger) => number | null;
}[];

/** A time below its bound has no parts. */
const flawOf = ({ impossible }: Ledger): string | null => (impossible ? 'below its bound: check unit and GPU' : null);

const barOf = ({ row, ledger }: RowLedger): BarField => {
  const flaw = flawOf(ledger);
  if (flaw !== null) return { kind: 'words', text: flaw };
  const parts = PARTS.flatMap(({ name, role, of }): BarPart[] => {
    const value = of(ledger);
    return value === null ? [] : [{ value: (100 * value) / ledger.measuredMs, role, title: `${row.cell_id}, C=${row.concurrency}: ${name} ${briefMs(value)} ms` }];
  });
  return { kind: 'bar', parts, text: '' };
}; // prettier-ignore

const rowOf = (each: RowLedger): BarRow => {
  const { row, ledger, id } = each;
  const from = { rows: [id], fields: ['tpot_median_ms'] };
  const words = (value: number | null): BarField =>
    value === null ? { kind: 'words', text: 'not seen', quiet: true } : { kind: 'words', text: briefMs(value), from };
  return {
    label: row.cell_id,
    fields: [
      { kind: 'words', text: `${row.concurrency}` },
      barOf(each),
      words(ledger.measuredMs),
      ...PARTS.map(({ of }) => words(of(ledger))),
      { kind: 'words', text: shareText(ledger.sharePercent), from },
    ],
  };
};

const LEGEND: readonly LegendEntry[] = PARTS.map(({ name, role }) => ({
  text: name,
  sample: ([x, y]) => svgRect(x - 8, y - 4, 16, 8, { fill: role }),
}));

const COLUMNS = [
  { title: 'C', share: 0.5, align: 'right' },
  { title: 'share of the measured time per token', share: 4, most: 100 },
  { title: 'TPOT, ms', share: 0.95, align: 'right' },
  { title: 'bound', share: 0.8, align: 'right' },
  { title: 'comm.', share: 0.8, align: 'right' },
  { title: 'idle', share: 0.95, align: 'right' },
  { title: 'ineff.', share: 0.8, align: 'right' },
  { title: 'of bound', share: 0.95, align: 'right' },
] as const;

const pictureOf = (rows: readonly RowLedger[], width: number): PageBlock => {
  const alt = `Measured times per token as bound, communication, idle and inefficiency: ${plural(rows.length, 'load')}`;
  const legend = legendPart(LEGEND, 0, 0, width);
  const top = legend.height + 8;
  const bars = barRows(
    { labelShare: 2.6, columns: COLUMNS, rows: rows.map(rowOf) },
    { left: 0, top, width },
  );
  const height = top + barRowsHeight(rows.length);
  return { kind: 'picture', title: alt, href: 'ledger.svg', svg: svgDocument(width, height, alt, [...legend.elements, ...bars.elements]), points: bars.points };
}; // prettier-ignore

/** The load that gives the most per GPU. */
const findingOf = (rows: readonly RowLedger[]): string => {
  const sound = rows.filter(({ ledger }) => flawOf(ledger) === null);
  const [top] = sound.toSorted((a, b) => (b.row.output_tps_per_gpu ?? 0) - (a.row.output_tps_per_gpu ?? 0));
  if (top === undefined) return 'No time per token can be explained: all are below their bound';
  const { row, ledger: { measuredMs, boundMs, communicationMs, sharePercent } } = top;
  return `${shortName(row.cell_id)} takes ${briefMs(measuredMs)} ms a token at C=${row.concurrency}: ${briefMs(boundMs)} ms bound, ${briefMs(communicationMs)} ms communication, ${shareText(sharePercent)} of what the datasheet allows`;
}; // prettier-ignore

const reasonsOf = ({ unexplained, left }: Ledgers): string[] => [
  ...[...unexplained].slice(0, 4).map(([why, count]) => `${plural(count, 'load')} not explained: ${why}`),
  ...(left > 0 ? [`${plural(left, 'more load')}: perf_tune_report_roofline_estimate explains each`] : []),
];

const FIX =
  'rows with a median time per token, a load and both lengths; a config of their model (perf_tune_report_import_roofline_sweep --model-config, the hub cache, or configs/model-shapes.yaml)';

const omission = ({ unexplained }: Ledgers): ReturnType<typeof omitted> =>
  omitted(
    'ledger',
    unexplained.size === 0 ? 'no row has a time per token' : `no time per token can be explained: ${[...unexplained.keys()].slice(0, 3).join('; ')}`,
    FIX,
  ); // prettier-ignore

const NOTE =
  'Bound: bytes and operations of a step on datasheet rates, each limited by itself. Communication: its bytes, or the least time of its all-reduces where that is longer. Idle: time without work on the GPU by the counters of the cell’s window, where it is of this one load; else it is part of inefficiency, which is what is left: below zero, parts overlap.';

const partial = (ledgers: Ledgers): Omission[] =>
  ledgers.unexplained.size === 0 ? [] : [{ page: 'ledger', why: reasonsOf(ledgers).join('; '), how_to_fix: FIX }];

export const ledgerPages: PagePlan = (data: ReportData) => {
  const { arms, evidence } = data;
  const ledgers = ledgersOf(
    arms.flatMap(({ rows }) => rows.toSorted((a, b) => a.cell_id.localeCompare(b.cell_id, 'en', { numeric: true }) || a.concurrency - b.concurrency)),
    evidence,
  );
  const { explained } = ledgers;
  if (explained.length === 0) return omission(ledgers);
  const parts = Array.from({ length: Math.ceil(explained.length / ROWS_PER_PAGE) }, (_, index) => explained.slice(index * ROWS_PER_PAGE, (index + 1) * ROWS_PER_PAGE));
  const orientation = explained.length > FEW ? 'portrait' : 'landscape';
  const assumed = [...new Set(explained.flatMap(({ assumptions }) => assumptions))].slice(0, 4).map((text) => `assumed: ${text}`);
  const pages = parts.map((rows, index): Page => ({
      id: 'ledger',
      title: findingOf(explained),
      subtitle: [
        `${plural(explained.length, 'load')} of ${plural(new Set(explained.map(({ row }) => row.cell_id)).size, 'cell')}; median time per token, bounds of the datasheet`,
        pageShape(data, explained.map(({ row }) => row), parts.length > 1 ? `part ${index + 1} of ${parts.length}` : null),
      ].join(' · '),
      orientation,
      blocks: [
        pictureOf(rows, PAGE_SIZES[orientation].width - 2 * PAGE_MARGIN),
        ...(index === parts.length - 1
          ? [
              { kind: 'paragraph', text: NOTE } as const,
              ...(parts.length === 1 ? ledgerPartsTable(explained) : []),
              ...(assumed.length + reasonsOf(ledgers).length === 0 ? [] : [{ kind: 'list', items: [...reasonsOf(ledgers), ...assumed] } as const]),
            ]
          : []),
      ],
    }));
  return drawn([...pages, ...(parts.length === 1 ? [] : ledgerPartsPage(data, explained))], partial(ledgers));
}; // prettier-ignore
