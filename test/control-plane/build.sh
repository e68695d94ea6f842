#!/usr/bin/env bash
# Builds kube-apiserver, kube-controller-manager and kube-scheduler into one program, from the module that Kubernetes publishes. Takes some
# ten minutes of a core the first time; Go keeps what it compiled. Usage: build.sh <file>
set -euo pipefail
out="$(realpath "${1:?usage: build.sh <file>}")"
cd "$(dirname "$0")"
go build -trimpath -ldflags '-s -w' -o "$out" .
