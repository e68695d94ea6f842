// perf_baseline_list: what the registry holds.
import { z } from 'zod';
import { existingFamily } from '../../src/registry/address.ts';
import { registryFolder } from '../../src/registry/layout.ts';
import { listEntries, listFamilies, listMeasurements, type EntryItem } from '../../src/registry/list.ts';
import { Fault } from '../../src/text/fault.ts';
import { plural, withUnit } from '../../src/text/numbers.ts';
import { splitPlace } from '../../src/registry/split-place.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const entryRow = ({ slug, folder, tags, baseline, error }: EntryItem) => ({
  name: slug,
  tags: [...tags],
  value: baseline?.value ?? null,
  unit: baseline?.unit ?? null,
  n: baseline?.n ?? null,
  tier: baseline?.tier ?? null,
  registered_at_utc: baseline?.registered_at_utc ?? null,
  context_key: baseline?.context_key ?? null,
  entry_dir: folder,
  error,
});

/** Lines of a text; the structured result has all items of the page. */
const SHOWN = 20;

const NOUNS = {
  families: ['family', 'families'],
  measurements: ['measurement', 'measurements'],
  entries: ['entry', 'entries'],
} as const;

interface Listed {
  readonly level: keyof typeof NOUNS;
  readonly family: string | null;
  readonly measurement: string | null;
  readonly total: number;
}

const nextLine = ({ level, family, measurement, total }: Listed): string => {
  if (total === 0) return 'next: perf_baseline_record family=<name> measurement=<name> source=<result file>';
  if (level === 'families') return 'next: perf_baseline_list family=<name>';
  if (level === 'measurements') return `next: perf_baseline_list family=${family} measurement=<name>`;
  return `next: perf_baseline_diff baseline=${family}/${measurement}@latest current=<new result>`;
};

export const perfBaselineList = defineVerb({
  name: 'perf_baseline_list',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'list',
  title: 'List baselines',
  description:
    'Lists families; with family its measurements; with both its entries, newest first, with value, tags and tier.',
  safety: 'read_only',
  fields: {
    family: z.string().optional().describe('Family. Or family/measurement.'),
    measurement: z.string().optional().describe('Measurement. Needs family.'),
    limit: z.number().int().min(1).max(1000).optional().describe('Limit. Most items, default 20.'),
    cursor: z.string().optional().describe('next_cursor of the last call.'),
  },
  positionals: ['family', 'measurement'],
  data: {
    level: z.enum(['families', 'measurements', 'entries']),
    family: z.string().nullable(),
    measurement: z.string().nullable(),
    items: z.array(z.record(z.string(), z.unknown())),
    total: z.number(),
    next_cursor: z.string().nullable(),
  },
  examples: [
    { title: 'Families', input: {} },
    { title: 'Entries', input: { family: 'llama31_8b', measurement: 'vllm_serve', limit: 5 } },
  ],
  run: async (input, context) => {
    const { limit = 20, cursor } = input;
    const [family, measurement] = splitPlace(input.family, input.measurement);
    const registry = registryFolder(context.root);
    const page = { limit, cursor };
    const place = { family: family ?? null, measurement: measurement ?? null };
    if (family === undefined) {
      if (measurement !== undefined)
        throw new Fault('usage', 'family_missing', 'measurement is given without family', { fix: 'give family too' });
      const found = await listFamilies(registry, page);
      const items = found.items.map((item) => ({ name: item.family, ...item }));
      return { level: 'families' as const, ...place, ...found, items };
    }
    if (measurement === undefined) {
      const found = await listMeasurements(registry, await existingFamily(registry, family), page);
      const items = found.items.map((item) => ({ name: item.measurement, ...item }));
      return { level: 'measurements' as const, ...place, ...found, items };
    }
    const found = await listEntries(registry, family, measurement, page);
    return { level: 'entries' as const, ...place, ...found, items: found.items.map(entryRow) };
  },
  render: (data) => {
    const lines = data.items.slice(0, SHOWN).map((item) => {
      const name = String(item['name']);
      if (data.level === 'families') return `${name}: ${plural(Number(item['measurements']), 'measurement')}`;
      if (data.level === 'measurements')
        return `${name}: ${plural(Number(item['entries']), 'entry', 'entries')}, latest ${String(item['latest'] ?? 'none')}`;
      if (typeof item['error'] === 'string') return `${name}: ${item['error']}`;
      const value = item['value'];
      const shown = typeof value === 'number' ? withUnit(value, String(item['unit'] ?? '')) : 'structured';
      const tags = Array.isArray(item['tags']) && item['tags'].length > 0 ? ` [${item['tags'].join(', ')}]` : '';
      const repeats = typeof item['n'] === 'number' ? `, n ${item['n']}` : '';
      return `${name}${tags}: ${shown}${repeats}, ${String(item['tier'] ?? 'no tier')}`;
    });
    const rest = data.next_cursor === null ? '' : `; more with cursor ${data.next_cursor}`;
    const [one, many] = NOUNS[data.level];
    const unshown = data.items.length - SHOWN;
    const more = unshown > 0 ? [`… ${unshown} more in the structured result`] : [];
    return [`${plural(data.total, one, many)}${rest}`, ...lines, ...more, nextLine(data)].join('\n');
  },
});
