#!/usr/bin/env bash
# The boards as a page, from the Prometheus at $1, in a browser, with its files in $2: every panel is there, nothing is asked elsewhere.
# Prometheus must have seen the service under load for a minute.
set -euo pipefail
cd "$(dirname "$0")/.."

prometheus=$1 work=$2
browse() { # the page, and what to do with it
    timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile" --window-size=1600,9000 \
        --host-resolver-rules='MAP * ~NOTFOUND' --log-net-log="$work/net" --enable-logging=stderr "${@:2}" "file://$1" 2>"$work/log"
}
# What a page in a file asks for has no origin; what the browser asks for on its own has another one.
asks() { grep -q '"initiator":"null"' "$work/net"; }
complains() { grep -E 'CONSOLE' "$work/log"; }

cargo run --locked --quiet --package dashboards -- preview --prometheus "$prometheus" --range 5m --out "$work/preview.html"

browse "$work/preview.html" --dump-dom >"$work/dom"
! complains || { echo 'preview: the page complains'; exit 1; }
! asks || { echo 'preview: the page asks for something elsewhere'; exit 1; }
drawn=$(grep -o '<article' "$work/dom" | wc -l)
panels=$(jq -s '[.[].panels[]] | length' dashboards/grafana/*.json)
[[ $drawn == "$panels" ]] || { echo "preview: $drawn of $panels panels are on the page"; exit 1; }

# A page that does both is told from this one.
sed 's|</main>|<img src="http://elsewhere.invalid/x.png"><script>console.error("planted")</script>&|' "$work/preview.html" >"$work/fault.html"
browse "$work/fault.html" --dump-dom >"$work/dom"
complains >"$work/said" || { echo 'preview: a planted complaint was not seen'; exit 1; }
asks || { echo 'preview: a planted request was not seen'; exit 1; }

for scheme in light dark; do
    option=(); [[ $scheme == light ]] || option=(--force-dark-mode)
    browse "$work/preview.html" "${option[@]}" --screenshot="$work/preview-$scheme.png" >"$work/said"
    # A blank page of this size is a tenth of it.
    size=$(stat -c %s "$work/preview-$scheme.png")
    ((size > 500000)) || { echo "preview: the $scheme picture has only $size bytes"; exit 1; }
done
! cmp -s "$work/preview-light.png" "$work/preview-dark.png" || { echo 'preview: it is not dark in the dark'; exit 1; }
echo "preview: $drawn panels on the page, pictures of up to $size bytes"
