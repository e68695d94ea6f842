#!/usr/bin/env bash
# Says whether a pull request touches anything that is measured. It takes the place of `paths` of the trigger: GitHub would then not run
# the workflow at all, and a required check that never runs blocks the merge for ever. Everything that is no pull request is measured.
# Reads PERF_PATHS (globs, divided by blanks), GITHUB_EVENT_NAME, GITHUB_EVENT_PATH. Sets the output `measured` to true or false.
set -euo pipefail

title='Performance paths'
source "${BASH_SOURCE[0]%/*}/base-commit.sh"
if [ -z "$base" ]; then
  echo "measured=true" >>"$GITHUB_OUTPUT"
  exit 0
fi
read -ra globs <<<"$PERF_PATHS"
touched="$(git diff --name-only "$base...HEAD" -- "${globs[@]/#/:(top,glob)}")"
if [ -n "$touched" ]; then
  echo "measured, for: $(head -n 1 <<<"$touched")"
  echo "measured=true" >>"$GITHUB_OUTPUT"
else
  echo "::notice title=Performance gate::no file that is measured has changed: $PERF_PATHS"
  echo "measured=false" >>"$GITHUB_OUTPUT"
fi
