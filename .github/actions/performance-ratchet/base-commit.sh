# To be sourced. Sets `base` to the commit that a pull request is based on, and leaves it empty where no pull request runs. Ends the step
# where that commit is not in the checkout. Reads GITHUB_EVENT_NAME, GITHUB_EVENT_PATH, and `title`, the title of the error.
base=''
if [[ "$GITHUB_EVENT_NAME" == pull_request* ]]; then
  base="$(jq -r '.pull_request.base.sha' "$GITHUB_EVENT_PATH")"
  if ! git rev-parse --quiet --verify "$base^{commit}" >/dev/null; then
    echo "::error title=$title::commit $base of the base branch is not in the checkout: set fetch-depth: 0"
    exit 1
  fi
fi
