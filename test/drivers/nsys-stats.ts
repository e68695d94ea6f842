// The command that makes CSV files of a report, for tests of the reader of such files.
import type { NsysCall } from '../../src/drivers/nsys.ts';
import type { NsysFacts } from '../../src/drivers/nsys-facts.ts';

/** Report names before 2022.4 by the present name. Source: release notes and `--help-reports` of 2022.4. */
const OLD_REPORTS: Readonly<Record<string, string>> = {
  cuda_api_sum: 'cudaapisum',
  cuda_gpu_kern_sum: 'gpukernsum',
  cuda_gpu_mem_size_sum: 'gpumemsizesum',
  cuda_gpu_mem_time_sum: 'gpumemtimesum',
  cuda_gpu_sum: 'gpusum',
  cuda_gpu_trace: 'gputrace',
  cuda_kern_exec_sum: 'kernexecsum',
  nvtx_pushpop_sum: 'nvtxppsum',
  nvtx_sum: 'nvtxsum',
  osrt_sum: 'osrtsum',
};

/** The name that this version has for a report (`cuda_gpu_kern_sum`), or null when it has none. */
const nsysReportName = (facts: NsysFacts, report: string): string | null =>
  [report, OLD_REPORTS[report]].find((name) => name !== undefined && facts.reports.has(name)) ?? null;

/** `nsys stats` for CSV files `<output>_<report>.csv`; `left_out` names reports that this version does not have. */
export const nsysStatsArgv = (
  facts: NsysFacts,
  { file, output, reports }: { readonly file: string; readonly output: string; readonly reports: readonly string[] },
): NsysCall => {
  const names = reports.map((report) => nsysReportName(facts, report));
  const argv = [
    ...[facts.nsys, 'stats', '--report', names.filter((name) => name !== null).join(',')],
    ...['--format', 'csv', '--output', output, '--force-overwrite=true', '--force-export=true', file],
  ];
  return { argv, left_out: reports.filter((_, index) => names[index] === null) };
};
