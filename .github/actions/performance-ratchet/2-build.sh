#!/usr/bin/env bash
# Builds what is measured. Reads PERF_BUILD_COMMAND; empty when there is nothing to build.
set -euo pipefail

[ -n "${PERF_BUILD_COMMAND:-}" ] || exit 0
bash -euo pipefail -c "$PERF_BUILD_COMMAND"
