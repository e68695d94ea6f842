#!/usr/bin/env bash
# Commits the baseline on the main branch, pushes it, and checks that it is there. Anywhere else it does nothing.
# Reads PERF_BASELINE, PERF_MAIN_BRANCH, GITHUB_EVENT_NAME, GITHUB_REF, GITHUB_SHA.
set -euo pipefail

main="${PERF_MAIN_BRANCH:-main}"
if [ "$GITHUB_REF" != "refs/heads/$main" ] || [[ "$GITHUB_EVENT_NAME" == pull_request* ]]; then
  echo "the baseline is kept on $main only"
  exit 0
fi
[ -e "$PERF_BASELINE" ] || exit 0

fail() {
  echo "::error title=Performance baseline::$1"
  exit 1
}
blob() { git rev-parse --quiet --verify "$1:./$PERF_BASELINE" || echo none; }

git add -- "$PERF_BASELINE" || fail "$PERF_BASELINE cannot be added; is it ignored?"
if git diff --cached --quiet -- "$PERF_BASELINE"; then
  echo "$PERF_BASELINE is unchanged"
  exit 0
fi
before="$(blob HEAD)"
git -c user.name='performance-ratchet' -c user.email='performance-ratchet@users.noreply.github.com' \
  commit --quiet --message "Update performance baseline for ${GITHUB_SHA:0:12} [skip ci]" -- "$PERF_BASELINE"
wanted="$(blob HEAD)"

for attempt in 1 2 3; do
  if git push --quiet origin "HEAD:refs/heads/$main"; then break; fi
  git fetch --quiet origin "$main" || fail "the push was refused and $main cannot be fetched"
  [ "$(blob FETCH_HEAD)" = "$before" ] || fail "another run changed the baseline; the next run judges against that one"
  [ "$attempt" -lt 3 ] || fail "the push was refused three times; the job needs contents: write"
  git -c user.name='performance-ratchet' -c user.email='performance-ratchet@users.noreply.github.com' \
    rebase --quiet FETCH_HEAD || fail "the baseline does not apply to $main"
done

git fetch --quiet origin "$main" || fail "$main cannot be fetched to check the push"
[ "$(blob FETCH_HEAD)" = "$wanted" ] || fail "the push was accepted, but $main does not hold the baseline"
echo "$PERF_BASELINE pushed to $main and checked"
