// Keeps what a capture of counters gave: the readings' summary and the frozen snapshot in the capture's folder, and the snapshot once more
// in the cell that it is of. Where no ceiling of the hardware fits there is no snapshot, and that is said.
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { onFile } from '../../fs/io-fault.ts';
import { hardwareKey, type CeilingTable } from '../../hardware/ceilings.ts';
import { CAPTURE_FILES, freeze, summarise, writeCapture, type CaptureSummary } from '../../telemetry/capture.ts';
import type { Captured } from '../../telemetry/captured.ts';

export interface KeepAsk {
  readonly folder: string;
  readonly table: CeilingTable;
  /** The cell's own copy of the snapshot. */
  readonly frozen?: string | undefined;
  /** Part of the table; wins over the names of the GPUs. */
  readonly hwKey?: string | undefined;
  /** Of the cell, where the GPUs have no name. */
  readonly hardware?: string | undefined;
  readonly quant?: string | undefined;
  readonly namespace?: string | undefined;
  readonly selector?: string | undefined;
}

export interface KeptCapture {
  readonly summary: CaptureSummary;
  /** Null where there is none. */
  readonly frozen: string | null;
  /** Where the snapshot is, or why there is none. */
  readonly says: string;
}

/** Throws a Fault `no_gpu_readings` where nothing was read. */
export const keepCapture = async (captured: Captured, ask: KeepAsk): Promise<KeptCapture> => {
  const { folder, table, frozen: copy, hwKey, hardware, quant, namespace, selector } = ask;
  const summary = summarise(captured);
  const snapshot = freeze(captured, summary, {
    table,
    hwKey,
    otherwise: hardware === undefined ? null : hardwareKey(table, hardware),
    quant,
    namespace,
    podSelector: selector,
    capturedBy: `${userInfo().username}@${hostname()}`,
  });
  const text = 'text' in snapshot ? snapshot.text : null;
  await writeCapture(folder, summary, text, { frozen: text === null ? null : CAPTURE_FILES.frozen });
  if ('reason' in snapshot) return { summary, frozen: null, says: snapshot.reason };
  const path = join(folder, CAPTURE_FILES.frozen);
  const isCopied = copy !== undefined && !existsSync(copy);
  if (isCopied) {
    await onFile(copy, () => mkdir(dirname(copy), { recursive: true }));
    await onFile(copy, () => copyFile(path, copy));
  }
  const shown = isCopied ? copy : path;
  return { summary, frozen: shown, says: `frozen: ${shown}` };
};
