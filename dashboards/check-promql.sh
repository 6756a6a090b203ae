#!/usr/bin/env bash
# Lets promtool parse every query of every board, dressed up as a file of rules.
set -euo pipefail
cd "$(dirname "$0")"

rules=$(mktemp)
trap 'rm -f "$rules"' EXIT

for board in grafana/*.json; do
    jq '{groups: [{name: input_filename, rules: [
            .. | .expr? // empty | gsub("\\$__(rate_interval|range)"; "1m") | {record: "panel:query", expr: .}
        ]}]}' "$board" > "$rules"
    promtool check rules --lint=none "$rules"
done
