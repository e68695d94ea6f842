#!/usr/bin/env bash
# Writes the reports of a finished run into its pull request: one comment for each GPU or matrix cell, which later pushes update. It runs
# in a job of its own that may write and that runs nothing of the pull request; the bundles are data, and are treated as such.
# Reads PERF_BUNDLES (a folder with one folder for each artifact, or one that holds a single artifact), PERF_PULL (number of the pull request), PERF_COMMIT, PERF_RUN_ID,
# GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_SERVER_URL, RUNNER_TEMP.
set -euo pipefail

# The API takes at most 65,536 characters in a comment; the whole report is among the artifacts.
most=60000
comments="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$PERF_PULL/comments"
work="$(mktemp -d "${RUNNER_TEMP:-/tmp}/comment.XXXXXX")"
trap 'rm -rf -- "$work"' EXIT

fail() {
  echo "::error title=Pull request comment::$1"
  exit 1
}
# The token goes through a configuration on stdin, so that it never stands in a process list; long bodies go through files.
api() {
  curl --silent --show-error --fail-with-body --max-time 30 --retry 2 --retry-connrefused --config - "$@" <<EOF
header = "Authorization: Bearer $GITHUB_TOKEN"
header = "Accept: application/vnd.github+json"
header = "X-GitHub-Api-Version: 2022-11-28"
EOF
}
field() { jq -r --arg name "$2" '.[$name] // "" | tostring | gsub("[^A-Za-z0-9 ._()/-]"; " ") | .[:80]' "$1"; }

body_of() {
  local bundle="$1"
  echo "$marker"
  echo '## 📊 Performance Ratchet Report'
  echo
  echo "**Commit**: ${PERF_COMMIT:0:7}  "
  echo "**Hardware**: $(field "$bundle/meta.json" gpu)  "
  if [ -s "$bundle/report.md" ]; then
    sed -e '1d' -e 's/^## /### /' -- "$bundle/report.md"
  else
    echo 'There is no report: the build, the benchmark or the comparison failed, see the run.'
  fi
}
footer="See the [workflow run]($GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$PERF_RUN_ID) for the whole report, the results and the profiles."

existing_id() {
  local page listed found
  for ((page = 1; ; page++)); do
    api "$comments?per_page=100&page=$page" >"$work/listed.json" || return 1
    found="$(jq -r --arg marker "$marker" 'map(select(.body | startswith($marker))) | .[0].id // empty' "$work/listed.json")"
    listed="$(jq length "$work/listed.json")"
    if [ -n "$found" ] || [ "$listed" -lt 100 ]; then
      echo "$found"
      return 0
    fi
  done
}

shopt -s nullglob
written=0
for meta in "$PERF_BUNDLES"/meta.jso[n] "$PERF_BUNDLES"/*/meta.json; do
  bundle="$(dirname -- "$meta")"
  cell="$(jq -r '.cell // "" | tostring | gsub("[^A-Za-z0-9._-]"; "-") | .[:80]' "$meta")"
  marker="<!-- performance-ratchet: $cell -->"
  body_of "$bundle" >"$work/body.md"
  # Cut between lines, so that no table or link is torn.
  jq -n --rawfile body "$work/body.md" --arg footer "$footer" --argjson most "$most" \
    '{body: ((if ($body | length) > $most then ($body[:$most] | sub("\n[^\n]*$"; "")) + "\n\n… cut here, the report goes on.\n" else $body end)
      + "\n" + $footer)}' >"$work/payload.json"
  existing="$(existing_id)" || fail "the comments of pull request $PERF_PULL could not be read"
  if [ -n "$existing" ]; then
    target=(--request PATCH "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/comments/$existing")
  else
    target=(--request POST "$comments")
  fi
  api --data-binary "@$work/payload.json" "${target[@]}" >/dev/null ||
    fail "the comment could not be written: the job needs pull-requests: write"
  echo "comment of $cell written"
  written=$((written + 1))
done
[ "$written" -gt 0 ] || echo "the run left no report to comment"
