#!/bin/sh
# Measures the arms of a campaign in turn: run-variant-ab.sh <campaign> [trials], then flags (--dry-run, --keep-going, --resume …).
# Calls the verb campaign_run; the arms are those of the campaign's config (campaign.arms).
set -eu
if [ $# -lt 1 ]; then
  echo "usage: $0 <campaign> [trials] [flags]" >&2
  exit 2
fi
campaign=$1
shift
case "${1:---}" in -*) ;; *) trials=$1; shift ;; esac
exec "${PERFTUNEREPORT:-perftunereport}" campaign_run --campaign "$campaign" ${trials:+--trials "$trials"} "$@"
