// What the dry run of a campaign says beside its commands: cells, deployments and what puts them back, further steps, what is left out.
import { plural } from '../../render/numbers.ts';
import type { PlannedCell } from '../cells/measure-cell.ts';
import type { Deployment } from './deployment.ts';
import { unusedRunSettings, type RunSettings } from './run-settings.ts';
import type { ArmsPlan } from './arms.ts';
import type { AfterCall } from './after-steps.ts';
import { knowsVerb } from './verb-call.ts';

export interface CampaignPlan {
  readonly work: AfterCall & {
    readonly cells: readonly { readonly cell: string }[];
    readonly keepGoing: boolean;
    readonly maxParallel: number;
    readonly arms: ArmsPlan | null;
    readonly waiting: number | null;
  };
  readonly settings: RunSettings;
  readonly planned: readonly PlannedCell[];
  readonly trials: readonly PlannedCell[];
  readonly deployments: readonly Deployment[];
  /** What each cell says of its own commands. */
  readonly cells: readonly string[];
}

const STEPS = ['dcgm_correlate', 'atlas_aggregate', 'tpm_summary', 'champion_select', 'report_render'] as const;

const armsLine = ({ work: { arms }, trials }: CampaignPlan): string[] =>
  arms === null
    ? []
    : [
        `# arms ${arms.cells.join(', ')} in turn, ${plural(arms.trials, 'trial')} of each load, ${trials.length} to run, into variant-ab/`,
      ];

const restoreLines = ({ deployments }: CampaignPlan): string[] => {
  const release = deployments.flatMap((deployment) => deployment.release ?? [])[0];
  if (release !== undefined)
    return [`# afterwards release ${release.name} goes back to the revision that stands now, or is uninstalled where there is none`];
  return deployments.length === 0 ? [] : ['# the teardown command follows however the run ends'];
}; // prettier-ignore

const countersLine = ({ settings: { dcgm } }: CampaignPlan): string => {
  if (dcgm === 'off') return '# no counters of the GPUs around the cells';
  if (dcgm === undefined) return '# counters of the GPUs: those that are read beside the loads, frozen in the cell';
  const { exporter_url: urls, prometheus_url: url, source = 'auto' } = dcgm;
  return `# counters of the GPUs around each cell: ${urls?.join(', ') ?? url ?? source}; frozen in the cell`;
};

const valuesLines = ({ deployments }: CampaignPlan): string[] =>
  deployments.flatMap(({ values }) =>
    values === null ? [] : [`# writes ${values.path}: ${values.text.replace(/\s+/g, ' ').trim()}`],
  );

/** Lines beside the commands. */
export const planNotes = (plan: CampaignPlan): string[] => {
  const { work, settings, planned } = plan;
  const measured = work.cells.length - planned.length;
  const missing = STEPS.filter((verb) => !knowsVerb(work.productFolder, `perf_tune_report_${verb}`));
  return [
    `# ${plural(planned.length, 'cell')} to measure${measured === 0 ? '' : `, ${measured} hold every point and only get their further steps`}${work.waiting === null ? '' : `; ${work.waiting} wait for a call of their own`}`,
    ...armsLine(plan),
    `# at most ${plural(work.maxParallel, 'cell')} at once where they run on a cluster and deploy nothing; one at a time here`,
    ...(work.keepGoing ? [] : ['# stops at the first cell that is RED or fails']),
    ...valuesLines(plan),
    ...restoreLines(plan),
    countersLine(plan),
    ...plan.cells,
    `# after each cell: correlate counters, aggregate, ${work.baseline === null ? 'no comparison (no baseline is named)' : `compare with ${work.baseline}`}, record as ${work.family}/<cell>`,
    ...missing.map((verb) => `# skipped: this version has no ${verb}`),
    ...unusedRunSettings(settings).map((key) => `# ${key} is not acted on by this version`),
  ];
}; // prettier-ignore
