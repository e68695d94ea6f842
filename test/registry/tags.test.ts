import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonLine } from '../../src/text/json.ts';
import { currentTags, tagEntry, tagHistory } from '../../src/registry/tags.ts';
import { openLab, placeIn, recordMany, type Lab } from './recording.ts';

const give = (lab: Lab, tag: string, slug: string | null, note?: string) =>
  tagEntry(placeIn(lab), { tag, slug, by: 'ada', secrets: [], ...(note === undefined ? {} : { note }) });

const two = async () => {
  const lab = openLab();
  const [first, second] = await recordMany(lab, 2);
  return { lab, slugs: [first?.slug ?? '', second?.slug ?? ''] as const };
};

describe('the log of tags', () => {
  it('is empty before the first one', async () => {
    const { lab } = await two();
    expect(await tagHistory(placeIn(lab))).toEqual([]);
    expect([...(await currentTags(placeIn(lab)))]).toEqual([]);
  });

  it('says who gave which tag when, and why', async () => {
    const { lab, slugs } = await two();
    const line = await give(lab, 'golden', slugs[0], 'before the upgrade');
    expect(line).toEqual({
      tag: 'golden',
      slug: slugs[0],
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      by: 'ada',
      note: 'before the upgrade',
    });
    expect(await tagHistory(placeIn(lab))).toEqual([line]);
    expect((await give(lab, 'old', slugs[1])).note).toBe('');
  });

  it('takes no name that differs from another tag by case alone, but takes one away under any', async () => {
    const { lab, slugs } = await two();
    await give(lab, 'golden', slugs[0]);
    await expect(give(lab, 'Golden', slugs[1])).rejects.toMatchObject({ code: 'name_differs_by_case' });
    await give(lab, 'golden', slugs[1]);
    await give(lab, 'Golden', null);
    expect([...(await currentTags(placeIn(lab)))]).toEqual([['golden', slugs[1]]]);
  });

  it('loses a line that a crash tore, and nothing else', async () => {
    const { lab, slugs } = await two();
    const { tags } = placeIn(lab);
    await give(lab, 'golden', slugs[0]);
    const whole = readFileSync(tags, 'utf8');
    appendFileSync(tags, '{"tag":"golden","slug":"2026');
    expect([...(await currentTags(placeIn(lab)))]).toEqual([['golden', slugs[0]]]);
    const line = await give(lab, 'release', slugs[1]);
    expect(readFileSync(tags, 'utf8')).toBe(whole + jsonLine(line));
    expect([...(await currentTags(placeIn(lab)))]).toEqual([
      ['golden', slugs[0]],
      ['release', slugs[1]],
    ]);
  });

  it('passes over what a merge left between the lines', async () => {
    const { lab, slugs } = await two();
    await give(lab, 'golden', slugs[0]);
    appendFileSync(placeIn(lab).tags, '=======\n{"tag":"x"}\n');
    await give(lab, 'golden', slugs[1]);
    expect((await tagHistory(placeIn(lab))).map(({ slug }) => slug)).toEqual([slugs[0], slugs[1]]);
    expect((await currentTags(placeIn(lab))).get('golden')).toBe(slugs[1]);
  });

  it('that cannot be read is an error, not an empty one', async () => {
    const { lab } = await two();
    mkdirSync(placeIn(lab).tags);
    await expect(tagHistory(placeIn(lab))).rejects.toMatchObject({ details: { path: placeIn(lab).tags } });
  });

  it('takes no entry that has lost its document', async () => {
    const { lab, slugs } = await two();
    rmSync(join(placeIn(lab).folder, slugs[0], 'baseline.json'));
    await expect(give(lab, 'golden', slugs[0])).rejects.toMatchObject({ code: 'entry_not_found', kind: 'usage' });
    writeFileSync(join(placeIn(lab).folder, 'notes'), '');
    await expect(give(lab, 'golden', 'notes')).rejects.toMatchObject({ code: 'entry_not_found' });
    expect(await tagHistory(placeIn(lab))).toEqual([]);
  });
});
