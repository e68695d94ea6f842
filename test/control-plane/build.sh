#!/usr/bin/env bash
# Builds kube-apiserver, kube-controller-manager and kube-scheduler into one program, from the module that Kubernetes publishes, and beside it
# the controllers of LeaderWorkerSet, JobSet and Kueue as <file>-<name>, each with <file>-<name>.yaml (its definitions) and
# <file>-<name>-webhooks.yaml. Takes some twenty minutes of a core for each the first time; Go keeps what it compiled. One that cannot be built
# is named, and its check skips. Usage: build.sh <file>
set -euo pipefail
out="$(realpath "${1:?usage: build.sh <file>}")"
cd "$(dirname "$0")"
# Controllers ask the API server for its version, which a plain build does not have.
version=$(sed -n 's|^\tk8s.io/kubernetes v||p' go.mod)
go build -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v$version" -o "$out" .

# controller <name> <module@version> <package> <folder of config>
controller() {
  module="$(cd / && GOFLAGS=-mod=mod go mod download -json "$2" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')" &&
    (cd "$module" && go build -trimpath -ldflags '-s -w' -o "$out-$1" "$3") &&
    sed -s '1i ---' "$module/$4"/crd/bases/*.yaml >"$out-$1.yaml" &&
    cat "$module/$4/webhook/manifests.yaml" >"$out-$1-webhooks.yaml" ||
    echo "build.sh: no $1" >&2
}
controller leaderworkerset sigs.k8s.io/lws@v0.7.0 ./cmd config
controller jobset sigs.k8s.io/jobset@v0.10.1 . config/components
controller kueue sigs.k8s.io/kueue@v0.17.0 ./cmd/kueue config/components
