// The calls that bring a roofline sweep into a campaign: one that measures it on a server that the config names, and one that imports it.
// Names what the config says and asks for the rest; starts nothing.
import { basename } from 'node:path';
import type { JsonValue } from '../../text/json.ts';
import type { NextStep } from '../../verb/next-step.ts';
import { runBlocksOf, type CampaignConfig, type CellConfig } from '../config.ts';

const text = (value: JsonValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** Where a cell is served, as `roofline_sweep` names it; null where its config does not say, or nobody here can ask there. */
const serverOf = (cell: CellConfig): NextStep['input'] | null => {
  const { run_on: on } = cell;
  const settings = runBlocksOf(cell).map((block) => cell[block] ?? {});
  const of = (...keys: readonly string[]): string | undefined => settings.flatMap((block) => keys.flatMap((key) => text(block[key]) ?? []))[0];
  const endpoint_url = of('endpoint_url', 'url');
  const pod = of('bench_pod') ?? on?.pod?.pod;
  const namespace = of('namespace') ?? on?.pod?.namespace;
  const served_model = of('served_model', 'model');
  if (pod !== undefined && namespace !== undefined) return { namespace, pod, endpoint_url, served_model };
  return endpoint_url === undefined || on !== undefined ? null : { endpoint_url, served_model };
}; // prettier-ignore

/** Measure it, then import it; the first cell that says where it is served is named. */
export const sweepCalls = (campaign: string, config: CampaignConfig | null): NextStep[] => {
  const cells = config?.cells ?? [];
  const named = cells.flatMap((cell) => {
    const server = serverOf(cell);
    return server === null ? [] : [{ cell, server }];
  })[0];
  const out = `${basename(campaign)}-sweep`;
  const measure: NextStep =
    named === undefined
      ? { verb: 'perf_tune_report_roofline_sweep', input: { endpoint_url: '<server>', out, model: cells[0]?.model ?? '<model>', dry_run: true }, with: 'the server of a cell' }
      : { verb: 'perf_tune_report_roofline_sweep', input: { ...named.server, out, model: named.cell.model, dry_run: true } };
  return [measure, { verb: 'perf_tune_report_import_roofline_sweep', input: { campaign, bundle: '<folder of a sweep>' }, with: 'a roofline sweep' }];
}; // prettier-ignore
