// Peaks of hardware from `configs/sol-ceilings.yaml`: parsed, and looked up by key path. Never holds a peak of its own and
// never falls back to a similar one.
import { z } from 'zod';
import { dimensionOf, type Dimension } from '../metrics/units.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import { parseYaml } from '../text/yaml.ts';
import { checkAgainst } from '../text/schema-fault.ts';

const ceilingSchema = z.strictObject({
  value: z.number().positive(),
  unit: z.string().min(1),
  /** For links: one way, or both ways added up. */
  direction: z.enum(['one-way', 'both-way']).optional(),
  /** What the vendor states, what somebody calls reachable, the best that was measured, or the median of what was. */
  kind: z.enum(['datasheet', 'achievable', 'best', 'typical']),
  source: z.string().min(1),
  date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  /** Key paths of the same peak as other sources state it. */
  disagrees_with: z.array(z.string().min(1)).optional(),
  note: z.string().min(1).optional(),
});

/** `nvswitch_sharp`: its switch adds up what ranks send (NVLS). */
const hardwareSchema = z
  .object({ names: z.array(z.string().min(1)).min(1), nvswitch_sharp: z.boolean().optional() })
  .catchall(ceilingSchema);

/** Hardware by key, each with its names and its ceilings. */
export const ceilingsFileSchema = z.record(z.string(), hardwareSchema);

export interface Ceiling extends z.infer<typeof ceilingSchema> {
  /** `<hardware>.<key>`, as in `b200_sm100.nvlink5_tbps`. */
  readonly key: string;
}

export interface CeilingTable {
  readonly byKey: ReadonlyMap<string, Ceiling>;
  /** Names of a device (`B200`, `NVIDIA B200`) in plain form to its part of the table. */
  readonly byDevice: ReadonlyMap<string, string>;
  /** Parts whose switch adds up what ranks send. */
  readonly inSwitch: ReadonlySet<string>;
}

/** `NVIDIA H100 80GB HBM3` -> `h10080gbhbm3`: what is left when spelling does not count. */
export const plainDevice = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/^(nvidia|amd)\b/, '')
    .replace(/[^a-z0-9]/g, '');

const addDevice = (devices: Map<string, string>, name: string, hardware: string, path: string): void => {
  const plain = plainDevice(name);
  const other = devices.get(plain);
  if (other !== undefined && other !== hardware)
    throw inputFault('sol_ceilings_malformed', `${path}: ${name} names both ${other} and ${hardware}`, {
      path,
      at: hardware,
    });
  devices.set(plain, hardware);
};

/** The name by which the predecessor's users know this error. */
const malformed = (error: unknown): unknown =>
  error instanceof Fault
    ? inputFault('sol_ceilings_malformed', `SoLCeilingsMalformed: ${error.message}`, error.details)
    : error;

/** What the end of a key says of its unit. */
const SUFFIXES: readonly (readonly [RegExp, Dimension])[] = [
  [/_[pt]?(fl)?ops$/, 'flops'],
  [/_([tgm]bps|gbs)$/, 'bandwidth'],
  [/_[tg]i?b$/, 'bytes'],
  [/_w$/, 'power'],
  [/_us$/, 'time'],
];

/** Throws where the unit is none that is known, or not of the kind that the key's end says. */
const requireUnit = (key: string, { unit }: z.infer<typeof ceilingSchema>, path: string): void => {
  const expected = SUFFIXES.find(([end]) => end.test(key))?.[1];
  const found = dimensionOf(unit);
  if (found !== null && (expected === undefined || expected === found)) return;
  throw inputFault('sol_ceilings_malformed', `${path}: ${key} is in ${unit}, which is no unit of ${expected ?? 'anything'}`, {
    path,
    at: key,
    fix: 'write PFLOPS or TFLOPS, TB/s or GB/s, GB, W',
  });
}; // prettier-ignore

const tableOf = (value: unknown, path: string): CeilingTable => {
  const keys = Object.keys(ceilingSchema.shape);
  const parts = checkAgainst(ceilingsFileSchema, value, {
    path,
    code: 'sol_ceilings_malformed',
    keys,
    shape: 'ceilings',
  });
  const byKey = new Map<string, Ceiling>();
  const byDevice = new Map<string, string>();
  const inSwitch = new Set<string>();
  for (const [hardware, { names, nvswitch_sharp, ...peaks }] of Object.entries(parts)) {
    for (const name of [hardware, ...names]) addDevice(byDevice, name, hardware, path);
    if (nvswitch_sharp === true) inSwitch.add(hardware);
    for (const [peak, ceiling] of Object.entries(peaks)) {
      const key = `${hardware}.${peak}`;
      requireUnit(key, ceiling, path);
      byKey.set(key, { ...ceiling, key });
    }
  }
  return { byKey, byDevice, inSwitch };
};

/** The table from a parsed file. Throws a Fault `sol_ceilings_malformed` that names the file and the place. */
export const checkCeilings = (value: unknown, path: string): CeilingTable => {
  try {
    return tableOf(value, path);
  } catch (error) {
    throw malformed(error);
  }
};

/** Parses the table. Throws a Fault `sol_ceilings_malformed` that names the file and the place. */
export const parseCeilings = async (text: string, path: string): Promise<CeilingTable> => {
  const value = await parseYaml(text, path).catch((error: unknown) => {
    throw malformed(error);
  });
  return checkCeilings(value, path);
};

/** `one-way` and `both-way` for a link, nothing for what has no ways. */
export const wayText = ({ direction }: Ceiling): string => (direction === undefined ? '' : ` (${direction})`);

const lastPart = (key: string): string => key.slice(key.indexOf('.') + 1);

/** `nvlink5_oneway_tbps (one-way) 0.9 TB/s`. */
const ceilingText = (ceiling: Ceiling): string =>
  `${lastPart(ceiling.key)}${wayText(ceiling)} ${ceiling.value} ${ceiling.unit}`;

const ofHardware = ({ byKey }: CeilingTable, hardware: string): Ceiling[] =>
  [...byKey.values()].filter(({ key }) => key.startsWith(`${hardware}.`));

/** The part of the table that `name` means: by a device's name, or by the nearest one. */
const hardwareNear = ({ byDevice }: CeilingTable, name: string): string | undefined => {
  const near = nearestName(plainDevice(name), [...byDevice.keys()]);
  return byDevice.get(plainDevice(name)) ?? (near === undefined ? undefined : byDevice.get(near));
};

/** What to write in place of a key that does not exist: keys of the hardware that it names, each link by its ways. */
const insteadOf = (table: CeilingTable, key: string): string => {
  const [device = '', ...rest] = key.split('.');
  const hardware = hardwareNear(table, device);
  const parts = [...new Set(table.byDevice.values())];
  if (hardware === undefined || rest.length === 0)
    return `write <hardware>.<ceiling>; hardware is one of ${parts.join(', ')}`;
  const known = ofHardware(table, hardware);
  const near = nearestName(
    rest.join('.'),
    known.map((ceiling) => lastPart(ceiling.key)),
  );
  const question = near === undefined ? '' : `did you mean ${hardware}.${near}? `;
  return `${question}${hardware} has ${known.map(ceilingText).join(', ')}`;
};

/** The ceiling at a key path. Throws a Fault `ceiling_unknown` that lists what there is for the same hardware. */
export const findCeiling = (table: CeilingTable, key: string): Ceiling => {
  const ceiling = table.byKey.get(key);
  if (ceiling !== undefined) return ceiling;
  throw new Fault('usage', 'ceiling_unknown', `no ceiling is called ${JSON.stringify(key)}`, {
    fix: insteadOf(table, key),
  });
};

/** The same link one way, for a ceiling that adds up both; undefined where the table has none. */
export const oneWayOf = ({ byKey }: CeilingTable, { key, direction }: Ceiling): Ceiling | undefined =>
  direction === 'both-way' ? byKey.get(key.replace(/_([a-z]+)$/, '_oneway_$1')) : undefined;

/** What was measured of the same peak, `hbm3e_best_tbps` of `hbm3e_tbps`; undefined where nothing was. */
export const measuredOf = ({ byKey }: CeilingTable, { key }: Ceiling, kind: 'best' | 'typical'): Ceiling | undefined =>
  byKey.get(key.replace(/_([a-z]+)$/, `_${kind}_$1`));

/** Part of the table for a device, such as `b200_sm100` for `B200`; null when no name fits exactly. */
export const hardwareKey = ({ byDevice }: CeilingTable, device: string): string | null =>
  byDevice.get(plainDevice(device)) ?? null;
