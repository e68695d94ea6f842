// What the first line of a diff says of runs in which one thing was planted, without a file between: fast enough to be asked often.
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import { profileDiffSchema } from '../../../src/profile/diff/profile-diff-schema.ts';
import { asText } from './diff-text.ts';
import { SCENARIOS, runsOf } from './scenarios.ts';
import { simulatedSide } from '../simulated-side.ts';

const FOLDER = new URL('../../fixtures/profile/scenarios/', import.meta.url).pathname;

/** The name up to its first comma, as a file is called. */
const fileOf = (name: string): string => (/^[^,;:]+/.exec(name)?.[0] ?? name).toLowerCase().replaceAll(' ', '-');

describe('the first line names', () => {
  test.each(SCENARIOS)('$name', async (scenario) => {
    const [before, after] = runsOf(scenario).map((run) => [simulatedSide(run)]);
    const diff = diffProfiles(before ?? [], after ?? []);
    expect(diff.first_line).toMatch(scenario.says);
    if (scenario.never !== undefined) expect(diff.first_line).not.toMatch(scenario.never);
    expect(diff.verdict).toBe(scenario.verdict);
    profileDiffSchema.parse(diff);
    const { headline, totals, clock, step, adverse, collectives, first_line, next_lever } = diff;
    await expect(
      `${asText({ headline, totals, clock, step, adverse, collectives, first_line, next_lever })}\n`,
    ).toMatchFileSnapshot(`${FOLDER}${fileOf(scenario.name)}.txt`);
    const { change_ns: change = 0, ...parts } = diff.step ?? {};
    expect(Object.values(parts).reduce<number>((sum, ns) => sum + (ns ?? 0), 0)).toBeCloseTo(change, 3);
    const swapped = diffProfiles(after ?? [], before ?? []);
    expect(swapped.totals.delta_ns).toBe(-diff.totals.delta_ns);
    expect(diffProfiles(after ?? [], after ?? [])).toMatchObject({ verdict: 'GREEN', adverse: [], same_capture: true });
  });
});
