// The pages of the speed of light that this version does not draw: each with what it needs, so that the page of completeness is true.
import { plural } from '../../render/numbers.ts';
import type { Capture } from '../evidence.ts';
import { omitted, type PagePlan } from '../page-plan.ts';

interface Undrawn {
  readonly page: string;
  readonly capture: Capture;
  readonly what: string;
  readonly verb: string;
}

const UNDRAWN: readonly Undrawn[] = [
  { page: 'sol', capture: 'kernels', what: 'kernels.json', verb: 'perf_tune_report_import_nsys or import_zymtrace' },
  { page: 'ncu', capture: 'ncuKernels', what: 'ncu_kernels.json', verb: 'perf_tune_report_import_ncu' },
];

/** One plan for each page. */
export const speedOfLightPages: readonly PagePlan[] = UNDRAWN.map(
  ({ page, capture, what, verb }): PagePlan =>
    ({ evidence: { captured } }) =>
      captured[capture].length === 0
        ? omitted(page, `no cell has ${what}`, `bring it with ${verb}`)
        : omitted(
            page,
            `${plural(captured[capture].length, 'cell')} ${captured[capture].length === 1 ? 'has' : 'have'} ${what}, but this version does not draw it`,
            `read it in the cells: ${captured[capture].slice(0, 3).join(', ')}`,
          ),
);
