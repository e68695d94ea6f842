// What the first line of a diff says of runs in which one thing was planted, whatever tool recorded them.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import { renderProfileDiffText } from '../../../src/profile/text/diff-text.ts';
import { profileDiffSchema } from '../../../src/profile/diff/profile-diff-schema.ts';
import type { ProfileDiff } from '../../../src/profile/diff/profile-diff-schema.ts';
import type { ProfileSide } from '../../../src/profile/model/profile-side.ts';
import { readProfile } from '../../../src/profile/read/read-profile.ts';
import { SCENARIOS, runsOf } from './scenarios.ts';
import { simulate } from '../simulate-run.ts';
import type { SimulatedEvent } from '../simulate-run.ts';
import { inTemporaryFolder } from '../../sqlite/make-database.ts';
import { writeNsys, writeTorch } from '../write-run.ts';
import type { NsysForm } from '../write-run.ts';

type Side = (name: string, events: readonly SimulatedEvent[]) => Promise<ProfileSide>;

const ranksOf = (events: readonly SimulatedEvent[]): number[] => [...new Set(events.map(({ rank }) => rank))].sort();

const nsysFile =
  (folder: string, form: NsysForm = {}): Side =>
  async (name, events) => {
    const path = join(folder, `${name}.sqlite`);
    writeNsys(path, events, form);
    return readProfile([path], { cacheDir: folder });
  };

/** One file a rank, each on a clock of its own. */
const nsysFiles =
  (folder: string): Side =>
  async (name, events) => {
    const paths = ranksOf(events).map((rank) => {
      const path = join(folder, `${name}-${rank}.sqlite`);
      writeNsys(path, events, { ranks: [rank], clockNs: 1e9 * rank + 12_345, host: `node-${rank >> 1}` });
      return path;
    });
    return readProfile(paths, { cacheDir: folder });
  };

const torchFiles =
  (folder: string, processGroups = true): Side =>
  async (name, events) => {
    const paths = ranksOf(events).map((rank) => {
      const path = join(folder, `${name}-${rank}.json`);
      writeTorch(path, events, { rank, processGroups });
      return path;
    });
    return readProfile(paths, { cacheDir: folder });
  };

const DOORS = {
  'an nsys export': (folder: string) => nsysFile(folder),
  'an export in no order of time': (folder: string) => nsysFile(folder, { shuffled: true }),
  'exports of one rank each, on clocks of their own': nsysFiles,
  'torch traces': (folder: string) => torchFiles(folder),
  'torch traces that name no process groups': (folder: string) => torchFiles(folder, false),
} as const;

const diffThrough = (
  door: (folder: string) => Side,
  [before, after]: readonly SimulatedEvent[][],
): Promise<ProfileDiff> =>
  inTemporaryFolder(async (folder) => {
    const side = door(folder);
    return diffProfiles([await side('before', before ?? [])], [await side('after', after ?? [])]);
  });

describe.each(Object.entries(DOORS))('the first line of %s names', (_form, door) => {
  test.each(SCENARIOS)('$name', async (scenario) => {
    const diff = await diffThrough(door, runsOf(scenario).map(simulate));
    expect(diff.first_line).toMatch(scenario.says);
    if (scenario.never !== undefined) expect(diff.first_line).not.toMatch(scenario.never);
    expect(diff.verdict).toBe(scenario.verdict);
    profileDiffSchema.parse(diff);
    const text = renderProfileDiffText(diff);
    expect(text.split('\n')[0]).toBe(diff.first_line);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1500);
  });
});

/** To nine digits, since sums over rows in another order differ in the last ones; of two equally long calls either is named. */
const toNineDigits = (diff: ProfileDiff): unknown =>
  JSON.parse(
    JSON.stringify(diff, (key, value: unknown) => {
      if (key === 'slowest_start_ns') return undefined;
      return typeof value === 'number' ? Number(value.toPrecision(9)) : value;
    }),
  );

const partsOf = ({ step }: ProfileDiff): number =>
  Object.entries(step ?? {}).reduce((sum, [name, ns]) => sum + (name === 'change_ns' ? 0 : (ns ?? 0)), 0);

/** A side whose collectives were not matched when it was read. */
const matchedLate = ({ matched: _, ...side }: ProfileSide): ProfileSide => side;

describe('laws that hold for every scenario:', () => {
  test.each(SCENARIOS)('$name', (scenario) =>
    inTemporaryFolder(async (folder) => {
      const [first = [], second = []] = runsOf(scenario).map(simulate);
      const [plain, shuffled] = [nsysFile(folder), nsysFile(folder, { shuffled: true })];
      const [before, after] = [await plain('a', first), await plain('b', second)];
      const diff = diffProfiles([before], [after]);
      const swapped = diffProfiles([after], [before]);

      for (const each of [diff, swapped]) expect(partsOf(each)).toBeCloseTo(each.step?.change_ns ?? 0, 3);

      expect(swapped.totals.delta_ns).toBe(-diff.totals.delta_ns);
      const opposite = new Map(swapped.kernels.map((row) => [row.name, row.delta_ns]));
      for (const row of diff.kernels) expect(opposite.get(row.baseline_name ?? row.name)).toBe(-row.delta_ns);
      if (diff.verdict === 'RED') expect(swapped.headline.change_pct).toBeLessThan(0);

      expect(diffProfiles([matchedLate(before)], [matchedLate(after)])).toEqual(diff);

      expect(diffProfiles([after], [after])).toMatchObject({ verdict: 'GREEN', adverse: [], same_capture: true });

      const other = diffProfiles([await shuffled('c', first)], [await shuffled('d', second)]);
      const { baseline, candidate } = diff;
      expect(toNineDigits({ ...other, baseline, candidate })).toEqual(toNineDigits(diff));
    }),
  );
});
