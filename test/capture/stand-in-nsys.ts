// A program that answers like nsys, with the traps that the real one has, for machines without it. Its sessions and reports
// are files in one folder.
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StandIn {
  /** Environment whose PATH has `nsys`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

const SCRIPT = `#!/bin/sh
echo "$*" >> "$0.calls"
home=$(dirname "$0")
value() { for word in $all; do case $word in --$1=*) echo "\${word#*=}";; esac; done; }
all="$*"
report() { cp "$home/report" "$1.nsys-rep"; printf 'Generated:\\n    %s.nsys-rep\\n' "$1"; }
case "$1 $2" in
  "--version "*) echo 'NVIDIA Nsight Systems version 2025.1.1.0';;
  *" --help") echo "  -t, --trace="; echo "   'cuda', 'nvtx', 'osrt'"; echo "  --cuda-graph-trace="; echo "   'graph' or 'node'";;
  "stats "*) echo '  cuda_gpu_kern_sum -- Kernels';;
  "profile "*) MODE=$(cat "$home/mode"); case $MODE in
      misplaced) report "$home/elsewhere";;
      nothing) echo 'Generated:';;
      hang) echo profiling; exec sleep 60;;
      *) report "$(value output)"; exit "$MODE";; esac;;
  "sessions list") cat "$home/sessions";;
  "start "*) value output > "$home/started";;
  "stop "*) report "$(cat "$home/started")";;
  "export "*) cp "$home/export" "$(value output)";;
esac
`;

/** `mode`: exit code of a profiled program, or the trap to show. */
export const standInNsys = (mode: string, exported: Buffer, sessions = ''): StandIn => {
  const folder = mkdtempSync(join(tmpdir(), 'nsys-stand-in-'));
  mkdirSync(folder, { recursive: true });
  const files: Record<string, string | Buffer> = { nsys: SCRIPT, mode, sessions, export: exported, report: 'a report' };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  chmodSync(join(folder, 'nsys'), 0o755);
  return { folder, env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } };
};
