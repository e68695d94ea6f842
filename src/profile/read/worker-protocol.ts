// What the reading thread is asked and what it answers. Faults cross as data, since a thrown error loses its fields.
import type { TransferListItem } from 'node:worker_threads';
import { Fault } from '../../text/fault.ts';
import type { FaultKind } from '../../text/fault.ts';
import type { ProfileSide } from '../model/profile-side.ts';
import { readNsysSqlite } from '../nsys/read-sqlite.ts';
import type { NsysReadOptions } from '../nsys/read-sqlite.ts';

export interface WorkerRequest {
  readonly path: string;
  readonly options: NsysReadOptions;
}

export type WorkerAnswer =
  | { readonly ok: true; readonly side: ProfileSide }
  | {
      readonly ok: false;
      readonly kind: FaultKind;
      readonly code: string;
      readonly message: string;
      readonly fix: string | null;
      readonly path: string | null;
      readonly at: string | null;
    };

export const readInThread = (request: WorkerRequest): { answer: WorkerAnswer; transfer: TransferListItem[] } => {
  try {
    const side = readNsysSqlite(request.path, request.options);
    const { durations, collectives } = side;
    const arrays = [durations, collectives.rank, collectives.kernel, collectives.startNs, collectives.durationNs];
    const buffers = arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
    return { answer: { ok: true, side }, transfer: [...new Set(buffers)] };
  } catch (error) {
    return { answer: asAnswer(error, request.path), transfer: [] };
  }
};

const asAnswer = (error: unknown, path: string): WorkerAnswer => {
  const fault =
    error instanceof Fault ? error : new Fault('internal', 'profile_reader_failed', String(error), { path });
  const { kind, code, message, details } = fault;
  return {
    ok: false,
    kind,
    code,
    message,
    fix: details.fix ?? null,
    path: details.path ?? null,
    at: details.at ?? null,
  };
};

/** The profile, or the fault it was answered with. */
export const answered = (answer: WorkerAnswer): ProfileSide => {
  if (answer.ok) return answer.side;
  const { kind, code, message, fix, path, at } = answer;
  throw new Fault(kind, code, message, {
    ...(fix === null ? {} : { fix }),
    ...(path === null ? {} : { path }),
    ...(at === null ? {} : { at }),
  });
};
