// Which kernels take the time of each cell: shares by category, and the heaviest kernels. A share is of its own capture: samples and
// nanoseconds are never added.
import { CELL_FILES } from '../../campaign/layout.ts';
import { figure } from '../../render/document.ts';
import { formatShare, plural } from '../../render/numbers.ts';
import { pageTable, type Page, type PageBlock, type PageCell } from '../../render/page.ts';
import { tintOf } from '../../render/tint.ts';
import type { Kernels } from '../cell-captures.ts';
import { shortName } from '../arms.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';

const HEAVIEST = 12;

interface Capture {
  /** Cell and file: `cell/kernels.json`. */
  readonly file: string;
  readonly name: string;
  readonly total: number;
  readonly categories: Readonly<Record<string, number>>;
  readonly kernels: Kernels['document']['sources'][number]['top_kernels'];
  readonly unit: string;
}

const capturesOf = (all: readonly Kernels[]): Capture[] =>
  all.flatMap(({ cell, document }) =>
    document.sources.map(({ source, unit, per_category: categories, top_kernels: kernels }) => ({
      file: `${cell}/${CELL_FILES.kernels}`,
      name: `${cell} (${source})`,
      total: Object.values(categories).reduce((sum, value) => sum + value, 0),
      categories,
      kernels,
      unit,
    })),
  );

const shareCell = ({ file, categories, total }: Capture, category: string): PageCell => {
  const value = categories[category];
  if (value === undefined || total === 0) return { text: '-' };
  const from = { rows: [file], fields: [`per_category.${category}`] };
  return { text: formatShare((100 * value) / total), tint: tintOf(value / total), from };
};

const byCategory = (captures: readonly Capture[]): PageBlock => {
  const sums = new Map<string, number>();
  for (const { categories, total } of captures)
    for (const [category, value] of Object.entries(categories)) sums.set(category, (sums.get(category) ?? 0) + value / (total || 1));
  const order = [...sums].toSorted(([, a], [, b]) => b - a).map(([category]) => category);
  return {
    kind: 'page-table',
    columns: [{ title: 'cell (capture)', share: 2.4 }, ...order.map((title) => ({ title, align: 'right' as const, share: 1 }))],
    rows: captures.map((capture) => [{ text: capture.name }, ...order.map((category) => shareCell(capture, category))]),
  };
}; // prettier-ignore

const heaviest = ({ file, name, kernels, total }: Capture): PageBlock[] => [
  { kind: 'heading', level: 3, text: name },
  pageTable(
    [{ title: 'kernel', share: 5 }, { title: 'category', share: 1.2 }, { title: 'calls', align: 'right', share: 0.8 }, { title: 'share', align: 'right', share: 0.8 }],
    kernels
      .slice(0, HEAVIEST)
      .map(({ name: kernel, category, calls, value }) => [shortName(kernel), category, calls === null ? '-' : `${calls}`, total === 0 ? '-' : figure(formatShare((100 * value) / total), [file], ['top_kernels'])]),
    8,
  ),
]; // prettier-ignore

const findingOf = (captures: readonly Capture[]): string => {
  const [first] = captures;
  const top = Object.entries(first?.categories ?? {}).toSorted(([, a], [, b]) => b - a)[0];
  if (first === undefined || top === undefined) return 'Kernels by category';
  return `${top[0]} takes ${formatShare((100 * top[1]) / (first.total || 1))} of the kernel time of ${shortName(first.name)}`;
};

export const kernelPages: PagePlan = ({ evidence: { kernels } }) => {
  const captures = capturesOf(kernels);
  if (captures.length === 0)
    return omitted('kernels', 'no cell has kernels.json', 'bring a profile with perf_tune_report_import_nsys or perf_tune_report_import_zymtrace');
  const page: Page = {
    id: 'kernels',
    title: findingOf(captures),
    subtitle: `${plural(captures.length, 'capture')}; nsys counts nanoseconds on the GPU, zymtrace samples; each share is of its own capture`,
    orientation: 'landscape',
    blocks: [byCategory(captures), ...captures.flatMap(heaviest)],
  };
  return drawn([page]);
}; // prettier-ignore
