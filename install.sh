#!/usr/bin/env bash
# Installs profile-and-optimize for this user: checks Node, installs and builds, proves the server over stdio, runs the main
# job on bundled measurements, prints the client configuration. Idempotent, no sudo, writes only below the prefix.
set -eu

usage() {
  cat <<'USAGE'
usage: bash install.sh [--prefix DIR] [--dry-run] [--uninstall] [--help]

  --prefix DIR   where to install (default: ~/.local/share/profile-and-optimize);
                 programs are linked into DIR/bin
  --dry-run      print what would be done, change nothing
  --uninstall    remove what an earlier run installed below the prefix (measurements are never touched)
  --help         this text

exit codes: 0 done, 2 wrong flag, 3 Node too old or missing, 4 self-check failed
USAGE
}

here=$(cd "$(dirname "$0")" && pwd)
prefix="${HOME:-}/.local/share/profile-and-optimize"
dry=""
uninstall=""
while [ $# -gt 0 ]; do
  case "$1" in
    --prefix) [ $# -ge 2 ] || { echo "install.sh: --prefix wants a folder" >&2; exit 2; }; prefix=$2; shift ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --dry-run) dry=1 ;;
    --uninstall) uninstall=1 ;;
    --help|-h) usage; exit 0 ;;
    *) echo "install.sh: unknown flag $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done
case "$prefix" in
  "") echo "install.sh: --prefix is empty" >&2; exit 2 ;;
  /.local/share/profile-and-optimize) echo "install.sh: HOME is not set; give --prefix" >&2; exit 2 ;;
  /*) ;;
  *) prefix="$(pwd)/$prefix" ;;
esac

say() { printf '%s\n' "$*"; }
act() {
  if [ -n "$dry" ]; then say "would run: $*"; else "$@"; fi
}

# The marker lists every file that was installed, so that --uninstall removes those and no other.
marker="$prefix/.profile-and-optimize"
templates=".github/actions/performance-ratchet .github/workflows/performance-ratchet.yml .github/workflows/performance-comment.yml .github/workflows/autotune.yml"
scripts="scripts/roofline-sweep.sh scripts/run-variant-ab.sh"
# Programs of this platform that reports are made with, as the install brought them.
native="node_modules/@myriaddreamin node_modules/@resvg"
parts="dist schemas configs skills docs examples $native $scripts $templates"
papers="package.json LICENSE THIRD_PARTY_NOTICES README.md AGENTS.md CHANGELOG.md CONTRIBUTING.md SECURITY.md"
programs="profile-and-optimize profile-and-optimize-mcp perftunereport bench"
if [ -n "$uninstall" ]; then
  if [ ! -f "$marker" ]; then
    say "nothing installed in $prefix"
    exit 0
  fi
  while IFS= read -r file; do
    act rm -f "$prefix/$file"
  done < "$marker"
  act rm -f "$marker"
  act rm -rf "$prefix/quickstart"
  [ -z "$dry" ] || exit 0
  for part in $parts .github scripts bin node_modules; do
    [ ! -d "$prefix/$part" ] || find "$prefix/$part" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  done
  rmdir "$prefix" 2>/dev/null || true
  say "removed from $prefix what was installed there"
  exit 0
fi

# Measurements may lie there already: the default prefix is also where they are kept outside of repositories.
if [ -d "$prefix" ] && [ ! -f "$marker" ] && ls -A "$prefix" | grep -qvxE 'experiments|campaigns'; then
  echo "install.sh: $prefix holds other files; choose an empty --prefix" >&2
  exit 2
fi

if ! command -v node >/dev/null 2>&1; then
  echo "install.sh: Node 20.19 or newer is needed and node is not on PATH" >&2
  exit 3
fi
if ! node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)'; then
  echo "install.sh: Node $(node --version) is too old; 20.19 or newer is needed" >&2
  exit 3
fi
say "node $(node --version)"

if [ -n "$dry" ]; then
  say "would run: install packages and build in $here"
else
  (cd "$here" && node scripts/setup.mjs) || { echo "install.sh: build failed" >&2; exit 4; }
fi

act mkdir -p "$prefix/bin"
for part in $parts $papers; do
  [ -e "$here/$part" ] || continue
  if [ -n "$dry" ]; then
    say "would copy: $part to $prefix"
  else
    # Stage beside the target and swap, so that a running server never sees half a folder.
    mkdir -p "$(dirname "$prefix/$part")"
    rm -rf "$prefix/.new-part" "$prefix/.old-part"
    cp -R "$here/$part" "$prefix/.new-part"
    [ ! -e "$prefix/$part" ] || mv "$prefix/$part" "$prefix/.old-part"
    mv "$prefix/.new-part" "$prefix/$part"
    rm -rf "$prefix/.old-part"
  fi
done
for program in $programs; do
  act ln -sfn "../dist/$program.mjs" "$prefix/bin/$program"
done
if [ -z "$dry" ]; then
  {
    for part in $parts $papers; do
      [ ! -e "$here/$part" ] || (cd "$here" && find "$part" \( -type f -o -type l \))
    done
    for program in $programs; do say "bin/$program"; done
  } > "$marker.new"
  mv "$marker.new" "$marker"
fi

if [ -n "$dry" ]; then
  say "would run: self-check over stdio, quickstart on bundled measurements"
  exit 0
fi

# The quickstart's files stay, so that the paths it prints can be opened.
work="$prefix/quickstart"
rm -rf "$work"
mkdir -p "$work"
say ""
say "self-check: tools/list over stdio"
node "$here/scripts/self-check.mjs" "$prefix/dist/profile-and-optimize-mcp.mjs" "$prefix/schemas/verbs" || exit 4

say ""
say "main job on bundled measurements"
cli="$prefix/dist/profile-and-optimize.mjs"
samples="$prefix/examples/measurements"
say "\$ profile-and-optimize perf_baseline_record --family quickstart --measurement vllm_serve --source $samples/vllm-serve-baseline.json"
node "$cli" perf_baseline_record --family quickstart --measurement vllm_serve \
  --source "$samples/vllm-serve-baseline.json" --repo-root "$work" || exit 4
say ""
say "\$ profile-and-optimize perf_baseline_diff --baseline quickstart/vllm_serve@latest --current $samples/vllm-serve-regressed.json"
node "$cli" perf_baseline_diff --baseline quickstart/vllm_serve@latest \
  --current "$samples/vllm-serve-regressed.json" --repo-root "$work" || exit 4

server="$prefix/dist/profile-and-optimize-mcp.mjs"
cat <<CONFIG

installed in $prefix
programs:    $prefix/bin (add it to PATH)

Claude Code: claude mcp add profile_and_optimize --scope user -- node "$server"
Codex:       codex mcp add profile_and_optimize -- node "$server"
Cursor:      add to ~/.cursor/mcp.json
             {"mcpServers": {"profile_and_optimize": {"command": "node", "args": ["$server"]}}}
CONFIG
