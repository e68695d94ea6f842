#!/usr/bin/env bash
# Puts the report into the pull request as one comment, which later pushes update. A token that may not write (a fork) is a warning.
# Reads PERF_REPORT, PERF_GPU, PERF_PROFILED, GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH, GITHUB_SERVER_URL,
# GITHUB_RUN_ID.
set -euo pipefail

marker='<!-- performance-ratchet -->'
number="$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")"
[ -n "$number" ] || exit 0
commit="$(jq -r '.pull_request.head.sha' "$GITHUB_EVENT_PATH")"
comments="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$number/comments"

give_up() {
  echo "::warning title=Pull request comment::$1"
  exit 0
}
# The token goes through a configuration on stdin, so that it never stands in a process list.
api() {
  curl --silent --show-error --fail-with-body --max-time 30 --retry 2 --retry-connrefused --config - "$@" <<EOF
header = "Authorization: Bearer $GITHUB_TOKEN"
header = "Accept: application/vnd.github+json"
header = "X-GitHub-Api-Version: 2022-11-28"
EOF
}

body="$(
  echo "$marker"
  echo '## 📊 Performance Ratchet Report'
  echo
  echo "**Commit**: ${commit:0:7}  "
  echo "**Hardware**: ${PERF_GPU:-unknown}  "
  sed -e '1d' -e 's/^## /### /' -- "$PERF_REPORT"
  if [ "${PERF_PROFILED:-}" = true ]; then
    echo
    echo "📊 Profiling artifacts available in [workflow run]($GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID)"
  fi
)"
# The API takes at most 65,536 characters; the whole report is among the artifacts.
payload="$(jq -n --arg body "$body" '{body: (if ($body | length) > 60000 then $body[:60000] + "\n\n… cut, see the artifacts" else $body end)}')"

existing=""
for ((page = 1; ; page++)); do
  listed="$(api "$comments?per_page=100&page=$page")" || give_up "the comments could not be read"
  existing="$(jq -r --arg marker "$marker" 'map(select(.body | startswith($marker))) | .[0].id // empty' <<<"$listed")"
  if [ -n "$existing" ] || [ "$(jq length <<<"$listed")" -lt 100 ]; then break; fi
done

if [ -n "$existing" ]; then
  target=(--request PATCH "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/comments/$existing")
else
  target=(--request POST "$comments")
fi
api --data "$payload" "${target[@]}" >/dev/null || give_up "the comment could not be written: the token needs pull-requests: write"
