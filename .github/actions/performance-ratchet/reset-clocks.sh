#!/usr/bin/env bash
# Gives the GPU its free clocks back. Runs after everything else, whatever happened before; a GPU that stays locked is an error.
# Reads PERF_GPU_INDEX and PERF_LOCKED (the output of the first step).
set -euo pipefail

[ "${PERF_LOCKED:-}" = true ] || exit 0
for run in nvidia-smi "sudo -n nvidia-smi"; do
  # shellcheck disable=SC2086 -- two words on purpose
  if $run --id="$PERF_GPU_INDEX" --reset-gpu-clocks >/dev/null 2>&1; then
    echo "clocks of GPU $PERF_GPU_INDEX reset"
    exit 0
  fi
done
echo "::error title=GPU clocks::GPU $PERF_GPU_INDEX is still locked: run nvidia-smi --reset-gpu-clocks on this machine"
exit 1
