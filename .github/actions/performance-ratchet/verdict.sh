#!/usr/bin/env bash
# Ends the job with the verdict of the comparison, after everything else was done. Reads PERF_CODE.
set -euo pipefail

case "$PERF_CODE" in
  0) exit 0 ;;
  1) echo "::error title=Performance ratchet::performance regressed, see the report" ;;
  3) echo "::error title=Performance ratchet::the samples settle nothing, see the report for the trials needed" ;;
  4) echo "::error title=Performance ratchet::the measurement cannot be used, see the report" ;;
esac
exit "$PERF_CODE"
