// Files that stand beside measurements and are none: each is refused by name, with the file to give in its place.
import { hasMembers } from './json-fields.ts';
import { type Fault, inputFault } from '../text/fault.ts';

interface Foreign {
  readonly recognise: (head: string) => boolean;
  readonly code: string;
  readonly what: string;
  readonly fix: string;
}

const FOREIGN: readonly Foreign[] = [
  {
    recognise: (head) => hasMembers(head, 'benchmark_phase', 'x_request_id', 'metrics'),
    code: 'per_request_records',
    what: 'holds the records of single requests, which are not a measurement',
    fix: 'give profile_export_aiperf.json from the same folder',
  },
  {
    recognise: (head) => hasMembers(head, 'timestamp_ns', 'dcgm_url', 'telemetry_data'),
    code: 'telemetry_records',
    what: 'holds GPU telemetry, which is not a measurement',
    fix: 'give profile_export_aiperf.json from the same folder',
  },
  {
    recognise: (head) => /^:::MLLOG /m.test(head),
    code: 'detail_log',
    what: 'is the detail log of LoadGen',
    fix: 'give mlperf_log_summary.txt from the same folder',
  },
  {
    recognise: (head) => hasMembers(head, 'power_valid', 'reasons', 'telemetry_source'),
    code: 'power_validation_record',
    what: 'says whether power was measured, and holds no measurement',
    fix: 'give the agg_*.json file from the same folder',
  },
];

/** Codes of the faults of such files. */
export const FOREIGN_CODES: readonly string[] = FOREIGN.map(({ code }) => code);

/** The fault for a file that is known not to be a measurement. */
export const foreignFault = (path: string, head: string): Fault | undefined => {
  const found = FOREIGN.find(({ recognise }) => recognise(head));
  return found && inputFault(found.code, `${path} ${found.what}`, { path, fix: found.fix });
};
