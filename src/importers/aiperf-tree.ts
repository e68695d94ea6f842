// Which files of AIPerf's artifact folder repeat the summary in it. AIPerf 0.13 writes the summary of each phase once more under
// `phases/<name>/`, the warm-up's too: read as results they would be repeats of a run that was never made.
import { basename, dirname } from 'node:path';

const SUMMARY = 'profile_export_aiperf.json';

const BESIDE: readonly (readonly [RegExp, string])[] = [
  [/^profile_export_aiperf\.csv$/i, 'the same run as the JSON beside it'],
  [/^profile_export\.jsonl$/i, 'the records of single requests: the summary beside them is read'],
  [/^inputs\.json$/i, 'the prompts of a run'],
  [/^phase_manifest\.json$/i, 'the phases of a run whose summary is read'],
  [/^profile_export_console\.\w+$/i, 'what the tool printed of the run whose summary is read'],
  [/_timeslices\.(json|csv)$/i, 'slices of a run whose summary is read'],
  [/^(server_metrics|gpu_telemetry)_export\./i, 'telemetry, no result'],
];

const PHASE = /^(.*?)(?:^|\/)phases\/[^/]+\/[^/]+$/;
const LOG = /^(.*?)(?:^|\/)logs\/[^/]+$/;

const inFolder = (folder: string, name: string): string =>
  folder === '.' || folder === '' ? name : `${folder}/${name}`;

/** Why a file is no result of its own; undefined where it is one, as far as AIPerf is concerned. `files` are the paths of the tree. */
export const besideAiperfSummary = (path: string, files: ReadonlySet<string>): string | undefined => {
  const hasSummary = (folder: string | undefined): boolean =>
    folder !== undefined && files.has(inFolder(folder, SUMMARY));
  if (hasSummary(PHASE.exec(path)?.[1])) return 'a phase of the run whose summary is read';
  if (hasSummary(LOG.exec(path)?.[1])) return 'a log of the run whose summary is read';
  if (!hasSummary(dirname(path))) return undefined;
  return BESIDE.find(([pattern]) => pattern.test(basename(path)))?.[1];
};
