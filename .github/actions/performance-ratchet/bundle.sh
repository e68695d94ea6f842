#!/usr/bin/env bash
# Puts everything that later jobs and people need into one folder, which is uploaded as one artifact of this matrix cell: the report, the
# result, the profiles, the baseline, and what they are about. The jobs that may write read it, and run nothing of this one.
# Reads PERF_CELL (empty: the GPU), PERF_GPU, PERF_CODE, PERF_PROFILED, PERF_RESULT, PERF_REPORT, PERF_TARGETS, PERF_BASELINE, GITHUB_SHA,
# GITHUB_EVENT_NAME, RUNNER_TEMP. Sets the outputs `cell` and `folder`.
set -euo pipefail

# Artifact names and markers of comments hold neither blanks nor signs.
cell="$(printf '%s' "${PERF_CELL:-${PERF_GPU:-unknown}}" | tr -c 'A-Za-z0-9._-' '-' | cut -c 1-80)"
folder="$RUNNER_TEMP/performance-ratchet/bundle"
rm -rf -- "$folder"
mkdir -p -- "$folder"

keep() { [ ! -e "$1" ] || cp -R -- "$1" "$folder/$2"; }
keep "$PERF_REPORT" report.md
keep "$PERF_RESULT" result.json
keep "$PERF_TARGETS" profile_targets.json
keep results/nsight nsight
# Only what main measured may become the baseline.
if [[ "$GITHUB_EVENT_NAME" != pull_request* ]]; then keep "$PERF_BASELINE" baseline.json; fi

jq -n --arg cell "$cell" --arg gpu "${PERF_GPU:-unknown}" --arg code "${PERF_CODE:-}" --arg baseline "$PERF_BASELINE" \
  --arg commit "$GITHUB_SHA" --argjson profiled "${PERF_PROFILED:-false}" \
  '{cell: $cell, gpu: $gpu, code: $code, baseline: $baseline, commit: $commit, profiled: $profiled}' >"$folder/meta.json"
echo "cell=$cell" >>"$GITHUB_OUTPUT"
echo "folder=$folder" >>"$GITHUB_OUTPUT"
