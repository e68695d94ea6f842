#!/usr/bin/env bash
# Compares the result with the baseline. A verdict (0 pass, 1 regression, 3 undecided, 4 not usable) is kept for the last step, so that
# profile, comment and baseline still happen; any other exit code ends the job here.
# Reads PERF_COMMAND, PERF_RESULT, PERF_BASELINE, PERF_REPORT, PERF_TARGETS, PERF_REGRESSION_THRESHOLD, PERF_IMPROVEMENT_THRESHOLD,
# PERF_PROFILE_THRESHOLD, PERF_PROFILE_COMMAND, PERF_WAIVERS, PERF_STRICT. Sets the outputs `code` and `profile`.
set -euo pipefail

read -ra command <<<"$PERF_COMMAND"
arguments=(
  ratchet_check "$PERF_RESULT"
  --baseline "$PERF_BASELINE"
  --regression-threshold "$PERF_REGRESSION_THRESHOLD"
  --improvement-threshold "$PERF_IMPROVEMENT_THRESHOLD"
  --profile-threshold "$PERF_PROFILE_THRESHOLD"
  --output-report "$PERF_REPORT"
  --output-profile-targets "$PERF_TARGETS"
)
[ -z "${PERF_PROFILE_COMMAND:-}" ] || arguments+=(--profile-command "$PERF_PROFILE_COMMAND")
[ -z "${PERF_WAIVERS:-}" ] || arguments+=(--waivers "$PERF_WAIVERS")
[ "${PERF_STRICT:-}" != true ] || arguments+=(--strict)

rm -f -- "$PERF_REPORT" "$PERF_TARGETS"
code=0
# The report below is the summary of this step: the command itself must not add a shorter one.
env -u GITHUB_STEP_SUMMARY "${command[@]}" "${arguments[@]}" || code=$?
case "$code" in
  0 | 1 | 3 | 4) ;;
  *)
    echo "::error title=Performance ratchet::the comparison could not be made (exit code $code)"
    exit "$code"
    ;;
esac

echo "code=$code" >>"$GITHUB_OUTPUT"
# A summary takes at most 1 MiB; the whole report is in the artifact.
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || head -c 900000 -- "$PERF_REPORT" >>"$GITHUB_STEP_SUMMARY"
if grep -q '^Baseline created' "$PERF_REPORT"; then echo "::notice title=Performance ratchet::$(grep -m 1 '^Baseline created' "$PERF_REPORT")"; fi
if jq -e '.targets | length > 0' "$PERF_TARGETS" >/dev/null; then
  echo "profile=true" >>"$GITHUB_OUTPUT"
else
  echo "profile=false" >>"$GITHUB_OUTPUT"
fi
