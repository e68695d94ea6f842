#!/usr/bin/env bash
# Locks the clocks of one GPU, so that times of two runs can be compared. Where that cannot be done it says so and goes on; it never
# locks a clock that this GPU does not have.
# Reads PERF_GPU_INDEX, PERF_GPU_CLOCK_MHZ (empty: the default application clock). Sets the outputs `locked` and `gpu`.
set -euo pipefail

smi() { nvidia-smi --id="$PERF_GPU_INDEX" "$@" 2>/dev/null || sudo -n nvidia-smi --id="$PERF_GPU_INDEX" "$@"; }
query() { nvidia-smi --id="$PERF_GPU_INDEX" "$1" --format=csv,noheader,nounits 2>/dev/null | tr -d ' ' || true; }
go_on_unlocked() {
  echo "::warning title=GPU clocks::$1; measuring with free clocks"
  echo "locked=false" >>"$GITHUB_OUTPUT"
  exit 0
}

if ! command -v nvidia-smi >/dev/null; then
  echo "gpu=unknown" >>"$GITHUB_OUTPUT"
  go_on_unlocked "nvidia-smi is not installed"
fi
gpu="$(nvidia-smi --id="$PERF_GPU_INDEX" --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1 || true)"
echo "gpu=${gpu:-unknown}" >>"$GITHUB_OUTPUT"

clock="${PERF_GPU_CLOCK_MHZ:-}"
[ -n "$clock" ] || clock="$(query --query-gpu=clocks.default_applications.graphics | head -n 1)"
[[ "$clock" =~ ^[0-9]+$ ]] || go_on_unlocked "this GPU names no default clock, set gpu-clock-mhz"
query --query-supported-clocks=graphics | grep -qx "$clock" || go_on_unlocked "${clock} MHz is no clock of ${gpu:-this GPU}"

smi --persistence-mode=1 >/dev/null || true
smi --lock-gpu-clocks="$clock,$clock" >/dev/null || go_on_unlocked "the clocks of ${gpu:-this GPU} could not be locked"
echo "locked=true" >>"$GITHUB_OUTPUT"
echo "GPU $PERF_GPU_INDEX (${gpu:-unknown}) locked to $clock MHz"
