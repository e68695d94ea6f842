#!/usr/bin/env bash
# Captures a profile of every configuration that regressed or gained much. The command of each stands in the targets file as a list of
# words; a capture that fails is a warning, since the verdict does not depend on it. Reads PERF_TARGETS.
set -euo pipefail

count="$(jq '.targets | length' "$PERF_TARGETS")"
for ((index = 0; index < count; index++)); do
  config="$(jq -r ".targets[$index].config | gsub(\"[^[:print:]]\"; \" \")" "$PERF_TARGETS")"
  if [ "$(jq ".targets[$index].capture == null" "$PERF_TARGETS")" = true ]; then
    echo "::warning title=Profile::$config has no profile command"
    continue
  fi
  mapfile -d '' -t words < <(jq -j ".targets[$index].capture.argv[] | . + \"\\u0000\"" "$PERF_TARGETS")
  mkdir -p -- "$(dirname -- "$(jq -r ".targets[$index].capture.export" "$PERF_TARGETS")")"
  echo "profiling $config"
  "${words[@]}" || echo "::warning title=Profile::the capture of $config failed"
done
