#!/usr/bin/env bash
# Commits the baselines that a run on the main branch measured, pushes them, and checks that they are there. It runs in a job of its own
# that may write, after the measuring jobs, and runs neither build nor benchmark. Anywhere but on main it does nothing.
# Reads PERF_BUNDLES (a folder with one folder for each artifact, or one that holds a single artifact), PERF_MAIN_BRANCH, GITHUB_EVENT_NAME, GITHUB_REF, GITHUB_SHA.
set -euo pipefail

main="${PERF_MAIN_BRANCH:-main}"
if [ "$GITHUB_REF" != "refs/heads/$main" ] || [[ "$GITHUB_EVENT_NAME" == pull_request* ]]; then
  echo "the baseline is kept on $main only"
  exit 0
fi

fail() {
  echo "::error title=Performance baseline::$1"
  exit 1
}
blob() { git rev-parse --quiet --verify "$1:./$2" || echo none; }

shopt -s nullglob
declare -A before=()
for meta in "$PERF_BUNDLES"/meta.jso[n] "$PERF_BUNDLES"/*/meta.json; do
  bundle="$(dirname -- "$meta")"
  [ -s "$bundle/baseline.json" ] || continue
  path="$(jq -r '.baseline' "$meta")"
  case "$path" in
    /* | ../* | */../* | */.. | .git/* | '') fail "$path is no path for a baseline" ;;
  esac
  [ -z "${before[$path]:-}" ] || fail "two matrix cells keep $path: give each a baseline of its own"
  before[$path]="$(blob HEAD "$path")"
  mkdir -p -- "$(dirname -- "$path")"
  cp -- "$bundle/baseline.json" "$path"
  git add -- "$path" || fail "$path cannot be added; is it ignored?"
done
if [ "${#before[@]}" = 0 ]; then
  echo "no baseline was measured"
  exit 0
fi
paths=("${!before[@]}")
if git diff --cached --quiet -- "${paths[@]}"; then
  echo "${paths[*]} unchanged"
  exit 0
fi
git -c user.name='performance-ratchet' -c user.email='performance-ratchet@users.noreply.github.com' \
  commit --quiet --message "Update performance baseline for ${GITHUB_SHA:0:12} [skip ci]" -- "${paths[@]}"

for attempt in 1 2 3; do
  if git push --quiet origin "HEAD:refs/heads/$main"; then break; fi
  git fetch --quiet origin "$main" || fail "the push was refused and $main cannot be fetched"
  for path in "${paths[@]}"; do
    [ "$(blob FETCH_HEAD "$path")" = "${before[$path]}" ] || fail "another run changed the baseline; the next run judges against that one"
  done
  [ "$attempt" -lt 3 ] || fail "the push was refused three times; the job needs contents: write"
  git -c user.name='performance-ratchet' -c user.email='performance-ratchet@users.noreply.github.com' \
    rebase --quiet FETCH_HEAD || fail "the baseline does not apply to $main"
done

git fetch --quiet origin "$main" || fail "$main cannot be fetched to check the push"
for path in "${paths[@]}"; do
  [ "$(blob FETCH_HEAD "$path")" = "$(blob HEAD "$path")" ] || fail "the push was accepted, but $main does not hold the baseline"
done
echo "${paths[*]} pushed to $main and checked"
