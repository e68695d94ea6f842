// Reports of made-up campaigns through the real verbs, with sweeps, captures, counters and a selection, verified from their file alone.
import { expect, test } from 'vitest';
import { scratchFolder } from '../fs/scratch.ts';
import { verifyReport } from '../../src/report/verify/verify-report.ts';
import { MADE_UP, madeUpCampaign, rendered } from './made-up.ts';

const PRODUCT = { name: 'profile-and-optimize', version: '0.1.0', sha: null };

test.each(Object.entries(MADE_UP))('the report of %s follows from what it carries', async (name, made) => {
  const { pdf } = await rendered(await madeUpCampaign(scratchFolder(`verified-${name}`), made));
  const found = await verifyReport(Buffer.from(pdf), 'report.pdf', PRODUCT, new AbortController().signal);
  expect(found.differences).toEqual([]);
  expect(found).toMatchObject({ sameBuild: true, sameBytes: true });
}, 120_000); // prettier-ignore
