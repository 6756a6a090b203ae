#!/usr/bin/env bash
# Checks the boards against the types of Grafana's own schema, and the check by faults that it must find.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts @grafana/schema@13.2.3 typescript@5.9.3
cp .ci/boards.ts "$work/"
check() {
    "$work/node_modules/.bin/tsc" --noEmit --strict --skipLibCheck --target es2022 --module nodenext --moduleResolution nodenext "$@"
}
literal() { # the board as TypeScript, changed by the filter of jq
    printf "import type { Board } from './boards.js';\nexport const board: Board = %s;\n" "$(jq "$1" "$2")"
}

for board in dashboards/grafana/*.json; do
    literal . "$board" >"$work/$(basename "$board" .json).ts"
done
check "$work"/api-*.ts
printf '%d boards are what Grafana takes\n' "$(find "$work" -maxdepth 1 -name 'api-*.ts' | wc -l)"

faults=(
    '.editable = "no"'
    'del(.panels[0].type)'
    '.panels[0].gridPos.height = 3'
    '.panels[0].targets[0].query = "up"'
    '.panels[0].options.colourMode = "value"'
    '.panels[5].fieldConfig.defaults.custom.drawStyle = "dots"'
    '.templating.list[1].refresh = "always"'
    '.annotations.list[1].colour = "red"'
)
for number in "${!faults[@]}"; do
    literal "${faults[number]}" dashboards/grafana/api-start.json >"$work/fault-$number.ts"
done
check "$work"/fault-*.ts >"$work/said" && { echo "boards: the check found none of the faults"; exit 1; }
found=$(grep -o 'fault-[0-9]*\.ts(' "$work/said" | sort -u | wc -l)
[[ $found == "${#faults[@]}" ]] || { echo "boards: the check found $found of ${#faults[@]} faults"; exit 1; }
echo "boards: all ${#faults[@]} planted faults were found"
