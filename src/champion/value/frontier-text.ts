// The frontier as the block of a HANDOFF.md. Text alone: takes what was ranked, and ranks nothing.
import { formatNumber } from '../../render/numbers.ts';
import { markdownLine, markdownText } from '../../render/escape.ts';
import { markdownTable } from '../../render/markdown.ts';
import { costText, unlockText, type RankedLever } from './lever.ts';
import type { Frontier } from './frontier.ts';

const COLUMNS = [
  { title: '#', align: 'right' },
  { title: 'lever' },
  { title: 'expected unlock' },
  { title: 'gate' },
  { title: 'cost of the gate', align: 'right' },
  { title: '% per GPU hour', align: 'right' },
  { title: 'evidence' },
] as const;

const rowOf = (lever: RankedLever): string[] => [
  String(lever.rank),
  lever.lever,
  unlockText(lever),
  lever.gate,
  costText(lever),
  lever.value_per_gpu_hour === null ? '' : formatNumber(lever.value_per_gpu_hour, 3),
  lever.evidence.join('; '),
];

const bullet = (text: string): string => `- ${markdownLine(markdownText(text))}`;

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [[`**${title}**`, '', ...lines.map(bullet)].join('\n')];

/** Why there is no table. */
const emptyText = ({ missing }: Frontier): string =>
  missing.length === 0
    ? 'No lever is left: every measured cell stands at the wall of its hardware.'
    : 'No lever is known, and no wall is documented: the frontier is not exhausted.';

/** The inside of the block, without its markers; ends without a newline. */
export const frontierMarkdown = (frontier: Frontier, campaign: string, at: string): string => {
  const { levers, banked, walls, missing, excluded } = frontier;
  return [
    '## Frontier',
    markdownLine(markdownText(`Campaign ${campaign}, ${at}. Ranked by expected gain for the GPU hours of its gate; each gain is an estimate until its gate has passed.`)),
    levers.length === 0 ? emptyText(frontier) : markdownTable(COLUMNS, levers.map(rowOf)),
    ...section('Missing', missing),
    ...section('At the wall', walls.map(({ cell, says }) => `${cell}: ${says}`)),
    ...section('Banked', banked.map(({ lever, because }) => `${lever}: ${because}`)),
    ...section('Left out, cannot be true', excluded.map(({ cell, concurrency, because }) => `${cell} at concurrency ${concurrency}: ${because}`)),
  ].join('\n\n');
}; // prettier-ignore
