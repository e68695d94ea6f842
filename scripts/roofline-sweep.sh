#!/bin/sh
# Measures a roofline sweep in the pod that serves: roofline-sweep.sh <ns> <pod> <out> <model> <tokenizer> [concurrencies] [lengths] [container]
# Calls the verb roofline_sweep, which says all that is done; more flags (--dry-run, --endpoint-url …) may follow.
set -eu
if [ $# -lt 5 ]; then
  echo "usage: $0 <ns> <pod> <out> <model> <tokenizer> [\"1 2 4 8 16 32 64 128 192\"] [\"512 1024 2048 4096 8192\"] [container] [flags]" >&2
  exit 2
fi
namespace=$1 pod=$2 out=$3 model=$4 tokenizer=$5
shift 5
concurrencies='1 2 4 8 16 32 64 128 192' lengths='512 1024 2048 4096 8192' container=
case "${1:---}" in -*) ;; *) concurrencies=$1; shift ;; esac
case "${1:---}" in -*) ;; *) lengths=$1; shift ;; esac
case "${1:---}" in -*) ;; *) container=$1; shift ;; esac
exec "${PERFTUNEREPORT:-perftunereport}" roofline_sweep \
  --namespace "$namespace" --pod "$pod" --out "$out" --model "$model" --tokenizer "$tokenizer" \
  --concurrencies "$concurrencies" --isls "$lengths" ${container:+--container "$container"} "$@"
