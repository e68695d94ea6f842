#!/usr/bin/env bash
# Runs the benchmark. A result of an earlier run is removed first: a benchmark that crashes has no result, which is neither a pass nor
# a regression. Reads PERF_BENCH_COMMAND and PERF_RESULT.
set -euo pipefail

rm -f -- "$PERF_RESULT"
mkdir -p -- "$(dirname -- "$PERF_RESULT")"
bash -euo pipefail -c "$PERF_BENCH_COMMAND"
if [ ! -s "$PERF_RESULT" ]; then
  echo "::error title=Benchmark::the benchmark ended well but wrote no $PERF_RESULT"
  exit 1
fi
