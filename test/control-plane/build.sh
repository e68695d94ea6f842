#!/usr/bin/env bash
# Builds kube-apiserver, kube-controller-manager and kube-scheduler into one program, from the module that Kubernetes publishes, and beside it
# <file>-leaderworkerset with its <file>-leaderworkerset.yaml, the controller of LeaderWorkerSet and its definition. Takes some twenty
# minutes of a core the first time; Go keeps what it compiled. Usage: build.sh <file>
set -euo pipefail
out="$(realpath "${1:?usage: build.sh <file>}")"
cd "$(dirname "$0")"
go build -trimpath -ldflags '-s -w' -o "$out" .
module="$(cd / && GOFLAGS=-mod=mod go mod download -json sigs.k8s.io/lws@v0.7.0 | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')"
(cd "$module" && go build -trimpath -ldflags '-s -w' -o "$out-leaderworkerset" ./cmd)
install -m 644 "$module/config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml" "$out-leaderworkerset.yaml"
