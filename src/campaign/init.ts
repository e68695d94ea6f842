// Begins a campaign: a folder with its frozen config, where its code comes from, and empty rooms for cells and commands. The
// folder appears whole or not at all, and an existing one is never touched.
import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeNew } from '../fs/atomic-file.ts';
import { publishDerived } from '../fs/publish-folder.ts';
import { ensureIgnoredFolder } from '../fs/root.ts';
import { safeSegment } from '../fs/safe-path.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { timeSlug, type Moment } from '../text/time.ts';
import { runBlocksOf, type CampaignConfig, type ReadConfig } from './config.ts';
import { STAMP } from './find-campaign.ts';
import {
  cellsFolder,
  commandsFolder,
  configPath,
  provenancePath,
  solSummaryPath,
  sourcePath,
  summaryPath,
} from './layout.ts';
import { flatLineage, type Lineage } from './lineage.ts'; // prettier-ignore

export interface InitRequest {
  /** Absolute path of the YAML. */
  readonly configPath: string;
  readonly read: ReadConfig;
  readonly slug: string | undefined;
  readonly experimentId: string | undefined;
  readonly family: string | undefined;
  /** Absolute path of the evidence bundle; null when there is none. */
  readonly evidenceBundle: string | null;
  readonly lineage: Lineage | undefined;
  readonly now: Moment;
  /** Folder of all campaigns. */
  readonly campaigns: string;
}

export interface InitPlan {
  readonly folder: string;
  readonly slug: string;
  readonly experimentId: string;
  readonly family: string;
}

const slugify = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '') || 'campaign'; // prettier-ignore

/** `20261128T224000Z`. */
const stampOf = (now: Moment): string => timeSlug(now).replace(/(T\d{6})\d{6}Z$/, '$1Z');

/** How the campaign will be called and where it will lie. Throws a Fault `unsafe_segment`, `experiment_id_undated` or `campaign_exists`. */
export const planInit = (request: InitRequest): InitPlan => {
  const { read: { config }, now, campaigns } = request; // prettier-ignore
  const stem = basename(request.configPath).replace(/\.ya?ml$/i, '');
  const slug = safeSegment(request.slug ?? slugify(config.name ?? stem), 'slug');
  const given = request.experimentId ?? config.experiment_id;
  const experimentId = safeSegment(given ?? `${stampOf(now)}-${slug}`, 'experiment_id');
  if (!STAMP.test(experimentId))
    throw inputFault('experiment_id_undated', `experiment_id ${experimentId} has no time stamp`, {
      fix: `add one: ${slug}-${stampOf(now)}`,
    });
  const folder = join(campaigns, experimentId);
  if (existsSync(folder))
    throw new Fault('refused', 'campaign_exists', `${folder} exists and is not touched`, {
      path: folder,
      fix: 'give another --experiment-id, or go on in that campaign',
    });
  return { folder, slug, experimentId, family: request.family ?? config.family ?? '' };
};

const backendsOf = ({ cells }: CampaignConfig): string[] => [
  ...new Set(cells.flatMap((cell) => [...(cell.backend === undefined ? [] : [cell.backend]), ...runBlocksOf(cell)])),
];

const sourcePage = (request: InitRequest, plan: InitPlan): string => {
  const { config } = request.read;
  const bullets: readonly (readonly [string, string])[] = [
    ['captured_at', stampOf(request.now)],
    ['config', request.configPath],
    ['cells', String(config.cells.length)],
    ['backend(s)', backendsOf(config).join(', ') || 'none: the campaign imports'],
    ['experiment_id', plan.experimentId],
    ['family', plan.family],
    ['evidence_bundle_path', request.evidenceBundle ?? ''],
    ...Object.entries(request.lineage === undefined ? {} : flatLineage(request.lineage)),
  ];
  const lines = bullets.filter(([, value]) => value !== '').map(([key, value]) => `- ${key}: ${value.replace(/\s+/g, ' ')}`);
  return `# Perf-report campaign: ${plan.slug}\n\n${lines.join('\n')}\n`;
}; // prettier-ignore

const summaryPage = (slug: string): string =>
  `# Verdict\n\nNot decided yet: ${slug} holds no champion. \`champion_select\` writes one, with what it still lacks.\n`;

const solPage = (slug: string): string =>
  `# Speed of light\n\nNothing of ${slug} is grounded yet: bring kernels (\`import_nsys\`, \`import_ncu\`), counters (\`dcgm_correlate\`) or a sweep (\`import_roofline_sweep\`).\n`;

/** Writes the campaign that was planned. Throws a Fault where its name was taken meanwhile. */
export const initCampaign = async (request: InitRequest, plan: InitPlan): Promise<void> => {
  await ensureIgnoredFolder(request.campaigns);
  await publishDerived(join(request.campaigns, '.staging'), plan.folder, async (staged) => {
    await mkdir(cellsFolder(staged));
    await mkdir(commandsFolder(staged));
    await writeNew(configPath(staged), request.read.text);
    await writeNew(sourcePath(staged), sourcePage(request, plan));
    await writeNew(summaryPath(staged), summaryPage(plan.slug));
    await writeNew(solSummaryPath(staged), solPage(plan.slug));
    await writeNew(provenancePath(staged), jsonFile(request.lineage ?? {}));
    await chmod(configPath(staged), 0o444);
  });
};

/** True for a folder that may be an evidence bundle: it holds a SOURCE.md. */
export const isEvidenceBundle = (path: string): boolean =>
  statSync(join(path, 'SOURCE.md'), { throwIfNoEntry: false })?.isFile() === true;
