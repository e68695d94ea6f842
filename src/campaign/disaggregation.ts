// A deployment whose prefill and decode run on GPUs of their own: rates over all GPUs beside those over one role, and which role
// the others wait for. Only rates over all GPUs compare with other deployments.
import type { CellIdentity, Role } from './cell-identity.ts';

/** GPUs of a role: recorded, else by the sizes of its workers; 0 where neither says. */
const gpusIn = ({ n_gpus, workers, tp, pp, dp }: Role): number =>
  n_gpus ?? (workers ?? 0) * (tp ?? 0) * (pp ?? 1) * (dp ?? 1);

const summed = (roles: readonly Role[]): number | null => {
  const counts = roles.map(gpusIn);
  return counts.length === 0 || counts.includes(0) ? null : counts.reduce((sum, count) => sum + count, 0);
};

/** GPUs of the roles of a name; null where one of them does not say, or there is none. */
const gpusOfRole = (roles: readonly Role[], name: string): number | null =>
  summed(roles.filter(({ role }) => role === name));

/** GPUs of all roles, by the sizes of their workers where they are not recorded; null where one of them does not say. */
export const gpusBySizes = (roles: readonly Role[]): number | null => summed(roles);

/** What the window gave in all, in tokens per second; null where it is not known. */
export interface WindowTotals {
  readonly output: number | null;
  readonly input: number | null;
}

/** Figures per GPU of one role as tools state them. */
interface RoleRates {
  readonly outputPerDecodeGpu: number | null;
  readonly inputPerPrefillGpu: number | null;
}

const times = (rate: number | null, gpus: number | null): number | null =>
  rate === null || gpus === null ? null : rate * gpus;

const over = (total: number | null, gpus: number | null): number | null =>
  total === null || gpus === null ? null : total / gpus;

/** The whole window's rates, out of rates per GPU of a role where only these are stated. */
export const totalsOfRoles = ({ roles = [] }: CellIdentity, rates: RoleRates): WindowTotals => ({
  output: times(rates.outputPerDecodeGpu, gpusOfRole(roles, 'decode')),
  input: times(rates.inputPerPrefillGpu, gpusOfRole(roles, 'prefill')),
});

/** The fields of a row that only a disaggregated deployment has. */
export const roleRates = ({ disagg, roles = [] }: CellIdentity, totals: WindowTotals, nGpus: number) => {
  const isDisaggregated = disagg === true || roles.length > 0;
  return {
    disagg: disagg ?? (roles.length > 0 ? true : null),
    roles: roles.map((role) => ({ ...role })),
    output_tps_per_gpu_all: isDisaggregated ? over(totals.output, nGpus) : null,
    output_tps_per_decode_gpu: isDisaggregated ? over(totals.output, gpusOfRole(roles, 'decode')) : null,
    input_tps_per_prefill_gpu: isDisaggregated ? over(totals.input, gpusOfRole(roles, 'prefill')) : null,
  };
};

/** Mean parts of the time to the first token in ms; null where no metric says. */
export interface FirstTokenParts {
  readonly queue: number | null;
  readonly prefill: number | null;
  readonly transfer: number | null;
}

/** A role is saturated where requests wait for it longer than it works for them. */
const saturatedRole = (parts: FirstTokenParts, firstDecode: number | null): string | null => {
  const { queue, prefill } = parts;
  if (queue === null || prefill === null) return null;
  if (queue > prefill && queue >= (firstDecode ?? 0)) return 'prefill';
  return firstDecode !== null && firstDecode > prefill + (parts.transfer ?? 0) ? 'decode' : null;
};

/** The parts as a row has them. What is left of the whole after the known parts is the first decode step and its queue. */
export const firstTokenFields = (parts: FirstTokenParts, wholeMs: number | null, isDisaggregated: boolean) => {
  const { queue, prefill, transfer } = parts;
  const known = queue !== null && prefill !== null && (transfer !== null || !isDisaggregated);
  const rest = known && wholeMs !== null ? wholeMs - queue - prefill - (transfer ?? 0) : null;
  const firstDecode = rest === null || rest < 0 ? null : rest;
  return {
    ttft_queue_ms: queue,
    ttft_prefill_ms: prefill,
    ttft_kv_transfer_ms: transfer,
    ttft_first_decode_ms: firstDecode,
    saturated_role: isDisaggregated ? saturatedRole(parts, firstDecode) : null,
  };
};

/** `2x prefill on 8, 4x decode on 16`: what makes one split another configuration. */
export const rolesWord = (roles: readonly Role[] | undefined): string | undefined =>
  roles === undefined || roles.length === 0
    ? undefined
    : roles.map(({ role, workers, n_gpus, tp }) => `${role}${workers ?? ''}-${n_gpus ?? `tp${tp ?? ''}`}`).join('-');
