import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findCampaign, slugOf } from '../../src/campaign/find-campaign.ts';

let root: string;
const campaign = (name: string, source = ''): string => {
  const folder = join(root, 'campaigns', name);
  mkdirSync(join(folder, 'cells'), { recursive: true });
  writeFileSync(join(folder, 'SOURCE.md'), `# Perf-report campaign\n\n${source}`);
  return folder;
};
const find = (name: string): string =>
  findCampaign(name, { campaigns: join(root, 'campaigns'), path: (path) => resolve(root, path) });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'campaigns-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a campaign is found', () => {
  test('by path, folder name, slug and experiment id', () => {
    const folder = campaign('20260523T010203Z-kimi', '- experiment_id: exp-20260523T010203Z\n');
    for (const name of [folder, '20260523T010203Z-kimi', 'kimi', 'exp-20260523T010203Z'])
      expect(find(name)).toBe(folder);
  });

  test('by its slug also where the stamp stands behind it', () => {
    const folder = campaign('kimi-20260523T010203Z');
    expect(find('kimi')).toBe(folder);
    expect(slugOf(folder)).toBe('kimi');
  });

  test('by the slug that it was begun with, where an experiment id names the folder', () => {
    const folder = campaign('ab-20260523T010203Z', '# Perf-report campaign: a-b\n\n- cells: 2\n');
    expect([find('a-b'), find('ab')]).toEqual([folder, folder]);
    expect(() => find('a-bb')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ fix: 'did you mean a-b?' }) }),
    );
  });

  test('never by a part of another slug', () => {
    campaign('20260523T010203Z-foo-bar');
    expect(() => find('bar')).toThrow('no campaign bar in');
  });

  test('a slug of two campaigns lists both', () => {
    campaign('20260523T010203Z-kimi');
    campaign('20260524T010203Z-kimi');
    expect(() => find('kimi')).toThrow('kimi is the slug of 2 campaigns: 20260523T010203Z-kimi, 20260524T010203Z-kimi');
  });

  test('a link out of the campaigns folder is not followed', () => {
    mkdirSync(join(root, 'campaigns'));
    const outside = join(root, 'outside', 'cells');
    mkdirSync(outside, { recursive: true });
    symlinkSync(join(root, 'outside'), join(root, 'campaigns', 'kimi'));
    expect(() => find('kimi')).toThrow();
  });

  test('the nearest name is offered', () => {
    campaign('20260523T010203Z-kimi');
    expect(() => find('kimy')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ fix: 'did you mean kimi?' }) }),
    );
  });
});
