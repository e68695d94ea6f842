#!/usr/bin/env bash
# Chooses the baseline that the result is compared with. A pull request is judged against the baseline of the commit that it is based on,
# never against one that it brings itself; where that commit has none, nothing is compared and the report says so. Everywhere else it is
# the file in the working folder. Reads PERF_BASELINE, GITHUB_EVENT_NAME, GITHUB_EVENT_PATH, RUNNER_TEMP. Sets the output `path`.
set -euo pipefail

title='Performance baseline'
source "${BASH_SOURCE[0]%/*}/base-commit.sh"
if [ -z "$base" ]; then
  echo "path=$PERF_BASELINE" >>"$GITHUB_OUTPUT"
  exit 0
fi
folder="$RUNNER_TEMP/performance-ratchet/base"
rm -rf -- "$folder"
mkdir -p -- "$folder"
if git cat-file -e "$base:./$PERF_BASELINE" 2>/dev/null; then
  git show "$base:./$PERF_BASELINE" >"$folder/baseline.json"
  echo "baseline of ${base:0:12}"
else
  echo "${base:0:12} has no $PERF_BASELINE: nothing to compare with until main has made one"
fi
echo "path=$folder/baseline.json" >>"$GITHUB_OUTPUT"
