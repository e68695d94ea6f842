// The pages of the project and what stands in them: fenced blocks with what they need, headings, links.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const PAGES: readonly string[] = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs').map((name) => join('docs', name)),
  'examples/measurements/README.md',
];

export interface Block {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** What must be there to run it: `needs=…` after the language, or in the title above it (`… (needs nsys):`). */
  readonly needs: string | null;
  readonly text: string;
}

const needOf = (info: string, title: string): string | null =>
  /needs=(\S+)/.exec(info)?.[1]?.replaceAll('-', ' ') ?? /\(needs ([^)]+)\):$/.exec(title)?.[1] ?? null;

/** The fenced blocks of a page. */
export const blocksOf = (page: string): Block[] => {
  const lines = readFileSync(page, 'utf8').split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, fence, info = ''] = /^(```+)(.*)$/.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = lines.indexOf(fence, at + 1);
    const title = lines.slice(0, at).findLast((line) => line !== '') ?? '';
    const text = lines.slice(at + 1, end).join('\n');
    blocks.push({ page, line: at + 1, language: info.split(' ')[0] ?? '', needs: needOf(info, title), text });
    at = end;
  }
  return blocks;
};

/** A page without its fenced blocks and code spans. */
export const proseOf = (page: string): string =>
  readFileSync(page, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, (span) => (span.includes('](') ? '' : span));

/** The anchors that GitHub makes of the headings. */
export const anchorsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
