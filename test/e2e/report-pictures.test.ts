// The pages of a report as an agent sees them: through the built server two images and links to the others, each of which can be read.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, freshRoot, removeRoot, type Connection } from './connect.ts';

interface Block {
  readonly type: string;
  readonly uri?: string;
  readonly name?: string;
  readonly mimeType?: string;
  readonly data?: string;
  readonly text?: string;
}

const MOST_BYTES = 150_000;

/** Width, height and number of colours, from the head of a PNG with a palette. */
const pngFacts = (base64: string | undefined) => {
  const bytes = Buffer.from(base64 ?? '', 'base64');
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  expect(bytes.length).toBeLessThan(MOST_BYTES);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), bytes: bytes.length };
};

let root: string;
let client: Connection;
let blocks: readonly Block[];
beforeAll(async () => {
  root = freshRoot();
  client = await connect('2.x client, 2026-07-28', { root });
  const result = await client.request('tools/call', {
    name: 'perf_tune_report_report_smoke',
    arguments: { out: join(root, 'smoke/report.pdf') },
  });
  blocks = Object(result)['content'];
}, 60_000);
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

describe('the answer of report_smoke to an agent', () => {
  test('carries the first page and the page of what is missing as images of at most 150 kB', () => {
    const images = blocks.filter(({ type }) => type === 'image');
    expect(images.map(({ mimeType }) => mimeType)).toEqual(['image/png', 'image/png']);
    expect(images.map(({ data }) => pngFacts(data))).toEqual([
      { width: 900, height: expect.any(Number), bytes: expect.any(Number) },
      { width: 900, height: expect.any(Number), bytes: expect.any(Number) },
    ]);
  });

  test('links to the other pages, of which each is drawn when it is read', async () => {
    const links = blocks.filter(({ mimeType, type }) => type === 'resource_link' && mimeType === 'image/png');
    const total = Number(/ of (\d+):/.exec(links[0]?.name ?? '')?.[1]);
    expect(links).toHaveLength(total - 2);
    expect(links[0]?.name).toBe(`page 2 of ${total}: heatmap`);
    for (const { uri } of links) {
      const { contents } = Object(await client.request('resources/read', { uri }));
      expect(contents).toMatchObject([{ uri, mimeType: 'image/png' }]);
      expect(pngFacts(contents[0].blob)).toMatchObject({ width: 900 });
    }
    await expect(client.request('resources/read', { uri: 'perf://pictures/0000000000000000' })).rejects.toThrow(
      'not kept any more',
    );
  });

  test('links to the PDF and the status as before', () => {
    const links = blocks.filter(({ type, mimeType }) => type === 'resource_link' && mimeType !== 'image/png');
    expect(links.map(({ name }) => name)).toEqual(['report.pdf', 'report_status.json']);
  });

  test('warns of what is missing in words that leave room: what brings each stands on the terminal alone', () => {
    const text = blocks[0]?.text ?? '';
    expect(text).toContain('warning: page ncu is missing: no cell has ncu_kernels.json\n');
    expect(text).not.toContain('perf_tune_report_import_ncu');
  });

  test('says of another ending what is wrong with it', async () => {
    const refused = Object(
      await client.request('tools/call', { name: 'perf_tune_report_report_smoke', arguments: { out: 'a.txt' } }),
    );
    expect(refused.content[0].text).toContain('fix: give out otherwise: it does not end in .pdf or .html');
  });

  test('has no pictures for a dry run', async () => {
    const { content } = Object(
      await client.request('tools/call', { name: 'perf_tune_report_report_smoke', arguments: { dry_run: true } }),
    );
    expect(content.map(({ type }: Block) => type)).toEqual(['text']);
  });
});
