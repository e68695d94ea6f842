// perf_baseline_list: what the registry holds.
import { z } from 'zod';
import { existingFamily, existingPlace } from '../../src/registry/address.ts';
import { entryMatcher, isFiltered, type ListedEntry } from '../../src/registry/entry-numbers.ts';
import { findEntries, findMeasurements, type FoundMeasurement } from '../../src/registry/find-entries.ts';
import { foldersIn } from '../../src/registry/folder-names.ts';
import type { Cell } from '../../src/render/rows.ts';
import { registryFolder } from '../../src/registry/layout.ts';
import { withNewResult } from '../../src/registry/entry-steps.ts';
import { listFamilies } from '../../src/registry/list.ts';
import { Fault } from '../../src/text/fault.ts';
import { plural, withUnit } from '../../src/render/numbers.ts';
import { splitPlace } from '../../src/registry/split-place.ts';
import { defaultRules } from '../../src/verdict/judging-rules.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const FILTERS = ['hardware', 'model', 'unit', 'tag'] as const;

type Filter = Partial<Record<(typeof FILTERS)[number], string>>;

const entryRow = ({ slug, folder, tags, ...facts }: ListedEntry) => ({
  name: slug,
  tags: [...tags],
  ...facts,
  entry_dir: folder,
});

/** A measurement with the numbers of its newest entry that fits. */
const measurementRow = ({ place, family, measurement, entries, latest }: FoundMeasurement, across: boolean) => ({
  ...(latest === null ? {} : { ...entryRow(latest) }),
  name: across ? place : measurement,
  family,
  measurement,
  entries,
  latest: latest?.slug ?? null,
});

/** Columns of each level for `--csv` and `--markdown`. */
const ROW_FIELDS = {
  families: ['name', 'measurements'],
  measurements: ['name', 'entries', 'latest', 'metric', 'value', 'unit', 'n', 'tier', 'registered_at_utc', 'tags'],
  entries: ['name', 'metric', 'value', 'unit', 'n', 'tier', 'registered_at_utc', 'tags', 'error', 'entry_dir'],
} as const;

const NUMBER_FIELDS: readonly string[] = ['measurements', 'entries', 'value', 'n'];

const cellOf = (value: unknown): Cell => {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'number' || typeof value === 'string' ? value : null;
};

/** Most items of one call, and the default of a call that prints them as a table. */
const LARGEST_PAGE = 1000;

/** Lines of a text; the structured result has all items of the page. */
const SHOWN = 20;

const NOUNS = {
  families: ['family', 'families'],
  measurements: ['measurement', 'measurements'],
  entries: ['entry', 'entries'],
} as const;

const maybeText = z.string().nullable();

/** The numbers of an entry, or of the newest that fits of a measurement. */
const numbersSchema = z.object({
  tags: z.array(z.string()),
  metric: maybeText,
  value: z.number().nullable(),
  unit: maybeText,
  n: z.number().nullable(),
  tier: maybeText,
  registered_at_utc: maybeText,
  context_key: maybeText,
  hardware: maybeText,
  model: maybeText,
  /** Why the entry cannot be read. */
  error: maybeText,
  entry_dir: z.string(),
});

/** A family, a measurement or an entry, as `level` says. A measurement without an entry that fits has no numbers. */
const itemSchema = numbersSchema.partial().extend({
  name: z.string(),
  family: z.string().optional(),
  measurement: z.string().optional(),
  /** How many measurements a family has. */
  measurements: z.number().optional(),
  /** How many entries a measurement has. */
  entries: z.number().optional(),
  /** Slug of the newest entry that fits; null of a measurement without one. */
  latest: maybeText.optional(),
});

type Item = Readonly<z.input<typeof itemSchema>>;

interface Listed {
  readonly level: keyof typeof NOUNS;
  readonly filter: Filter;
  readonly family: string | null;
  readonly measurement: string | null;
  readonly total: number;
  readonly items: readonly Item[];
}

const filterText = (filter: Filter): string =>
  FILTERS.flatMap((field) => (filter[field] === undefined ? [] : [`${field}=${filter[field]}`])).join(' ');

const nextSteps = ({ level, filter, family, measurement, total, items }: Listed): NextStep[] => {
  const [first] = items;
  const narrowed = filterText(filter);
  if (total === 0 && narrowed !== '') return [{ verb: 'perf_baseline_list', input: {} }];
  if (total === 0 || first === undefined)
    return [
      {
        verb: 'perf_baseline_record',
        input: { family: family ?? '<name>', measurement: measurement ?? '<name>', source: '<result file>' },
        with: 'a result',
      },
    ];
  const { name } = first;
  if (level === 'families') return [{ verb: 'perf_baseline_list', input: { family: name } }];
  if (level === 'measurements' && narrowed === '')
    return [{ verb: 'perf_baseline_list', input: { family, measurement: name } }];
  if (level === 'measurements')
    return [{ verb: 'perf_baseline_show', input: { entry: `${first.family}/${first.measurement}@${first.latest}` } }];
  const place = `${family}/${measurement}`;
  return [withNewResult(`${place}@latest`), { verb: 'perf_baseline_show', input: { entry: `${place}@${name}` } }];
};

/** `6120.5 GB/s, n 1, 2026-11-22` of the item, with the metric where an entry holds several. */
const numbersText = (item: Item): string => {
  if (typeof item.error === 'string') return item.error;
  const { value, unit, metric, n, registered_at_utc: at, tags = [] } = item;
  const figure = typeof value === 'number' ? withUnit(value, unit ?? null) : 'no single number';
  const named = typeof metric === 'string' ? `${metric} ${figure}` : figure;
  const tagged = tags.length > 0 ? [`[${tags.join(', ')}]`] : [];
  const date = typeof at === 'string' ? [at.slice(0, 10)] : [];
  return [named, ...(typeof n === 'number' ? [`n ${n}`] : []), ...date, ...tagged].join(', ');
};

const itemLine = (level: Listed['level'], item: Item): string => {
  const { name, latest = null, measurements = 0, entries = 0, tier } = item;
  if (level === 'families') return `${name}: ${plural(measurements, 'measurement')}`;
  if (level === 'entries') return `${name}: ${numbersText(item)}, ${tier ?? 'no tier'}`;
  if (latest === null) return `${name}: no entry`;
  return `${name}: ${numbersText(item)} (${plural(entries, 'entry', 'entries')}, this one ${latest})`;
};

export const perfBaselineList = defineVerb({
  name: 'perf_baseline_list',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'list',
  title: 'List baselines',
  description:
    'Lists families; with family its measurements, with both its entries, newest first, with headline value, trials, date and tags. With hardware, model, unit or tag: what fits, in all families. One entry: perf_baseline_show.',
  safety: 'read_only',
  fields: {
    family: z.string().optional().describe('Family. Or family/measurement.'),
    measurement: z.string().optional().describe('Measurement. Needs family.'),
    hardware: z.string().optional().describe('Hardware. B200 finds NVIDIA B200.'),
    model: z.string().optional().describe('Model. With or without its organisation.'),
    unit: z.string().optional().describe('Unit. GB/s, ms, tok/s.'),
    tag: z.string().optional().describe('Tag. Entries that have it.'),
    limit: z.number().int().min(1).max(LARGEST_PAGE).optional().describe('Limit. Most items, default 20.'),
    cursor: z.string().optional().describe('next_cursor of the last call.'),
  },
  positionals: ['family', 'measurement'],
  data: {
    level: z.enum(['families', 'measurements', 'entries']),
    family: z.string().nullable(),
    measurement: z.string().nullable(),
    registry: z.string(),
    filter: z.record(z.string(), z.string()),
    items: z.array(itemSchema),
    total: z.number(),
    next_cursor: z.string().nullable(),
  },
  examples: [
    { title: 'Families', input: {} },
    { title: 'What was measured on one kind of GPU', input: { hardware: 'B200' } },
    { title: 'Entries', input: { family: 'llama31_8b', measurement: 'vllm_serve', limit: 5 } },
  ],
  run: async (input, context) => {
    const { limit = context.allRows ? LARGEST_PAGE : 20, cursor, hardware, model, unit, tag } = input;
    const [family, measurement] = splitPlace(input.family, input.measurement);
    const registry = registryFolder(context.root);
    const page = { limit, cursor };
    const filter: Record<string, string> = {};
    for (const [field, wanted] of Object.entries({ hardware, model, unit, tag }))
      if (wanted !== undefined) filter[field] = wanted;
    const place = { family: family ?? null, measurement: measurement ?? null, registry, filter };
    const search = { matcher: entryMatcher(filter), defaults: await defaultRules(context), signal: context.signal };
    if (family === undefined && measurement !== undefined)
      throw new Fault('usage', 'family_missing', 'measurement is given without family', { fix: 'give family too' });
    if (family !== undefined && measurement !== undefined) {
      const found = await findEntries(await existingPlace(registry, family, measurement), search, page);
      return { level: 'entries' as const, ...place, ...found, items: found.items.map(entryRow) };
    }
    if (family === undefined && !isFiltered(filter)) {
      const found = await listFamilies(registry, page);
      const items = found.items.map((item) => ({ name: item.family, ...item }));
      return { level: 'families' as const, ...place, ...found, items };
    }
    const families = family === undefined ? await foldersIn(registry) : [await existingFamily(registry, family)];
    const found = await findMeasurements(registry, families, search, page);
    const items = found.items.map((item) => measurementRow(item, family === undefined));
    return { level: 'measurements' as const, ...place, ...found, items };
  },
  rows: ({ level, items }) => ({
    columns: ROW_FIELDS[level].map((title) => ({
      title,
      ...(NUMBER_FIELDS.includes(title) ? { align: 'right' as const } : {}),
    })),
    rows: items.map((item) => ROW_FIELDS[level].map((field) => cellOf(item[field]))),
  }),
  notices: ({ items, total, next_cursor: cursor }) =>
    cursor === null || items.length < LARGEST_PAGE
      ? []
      : [`${items.length} of ${total}; the rest with --cursor ${cursor}`],
  render: (data) => {
    const lines = data.items.slice(0, SHOWN).map((item) => itemLine(data.level, item));
    const rest = data.next_cursor === null ? '' : `; more with cursor ${data.next_cursor}`;
    const [one, many] = NOUNS[data.level];
    const unshown = data.items.length - SHOWN;
    const more = unshown > 0 ? [`… ${unshown} more in the structured result`] : [];
    const wanted = filterText(data.filter);
    const where = data.total === 0 ? ` below ${data.registry}` : '';
    const head = `${plural(data.total, one, many)}${wanted === '' ? '' : ` with ${wanted}`}${where}${rest}`;
    return [head, ...lines, ...more].join('\n');
  },
  next: nextSteps,
});
