#!/usr/bin/env bash
# The one check to require before a merge: it passes where every measuring job ran and passed, or where the job `changes` found
# that nothing measured was touched. A job that was skipped or cancelled measured nothing, and GitHub would count it as passed.
# Reads PERF_NEEDED (result of the measuring job), PERF_MEASURED (`false`: nothing to measure), PERF_RUNNER.
set -euo pipefail

if [ "${PERF_MEASURED:-}" = false ] && [ "$PERF_NEEDED" = skipped ]; then
  echo 'nothing that is measured has changed'
  exit 0
fi

[ "$PERF_NEEDED" != success ] || exit 0
case "$PERF_NEEDED" in
  skipped)
    why='nothing was measured: code of a fork does not run on the GPU machine by itself'
    [ -n "${PERF_RUNNER:-}" ] || why='nothing was measured: set the repository variable PERFORMANCE_RUNNER to the labels of your GPU runner'
    ;;
  cancelled) why='the measurement was cancelled' ;;
  *) why='the measurement failed or found a regression, see its job' ;;
esac
echo "::error title=Performance gate::$why"
exit 1
