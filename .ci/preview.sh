#!/usr/bin/env bash
# The page $1 that `dashboards preview` has written, in a browser: every panel is there, nothing is asked elsewhere.
set -euo pipefail
page=$(realpath "$1")
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
browse() { # the page, and what to do with it
    timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile" --window-size=1600,9000 \
        --host-resolver-rules='MAP * ~NOTFOUND' --log-net-log="$work/net" --enable-logging=stderr "${@:2}" "file://$1" 2>"$work/log"
}
# What a page in a file asks for has no origin; what the browser asks for on its own has another one.
asks() { grep -q '"initiator":"null"' "$work/net"; }
complains() { grep -E 'CONSOLE' "$work/log"; }

browse "$page" --dump-dom >"$work/dom"
! complains || { echo 'preview: the page complains'; exit 1; }
! asks || { echo 'preview: the page asks for something elsewhere'; exit 1; }
drawn=$(grep -o '<article' "$work/dom" | wc -l)
panels=$(jq -s '[.[].panels[]] | length' dashboards/grafana/*.json)
[[ $drawn == "$panels" ]] || { echo "preview: $drawn of $panels panels are on the page"; exit 1; }

# A page that does both is told from this one.
sed 's|</main>|<img src="http://elsewhere.invalid/x.png"><script>console.error("planted")</script>&|' "$page" >"$work/fault.html"
browse "$work/fault.html" --dump-dom >"$work/dom"
complains >"$work/said" || { echo 'preview: a planted complaint was not seen'; exit 1; }
asks || { echo 'preview: a planted request was not seen'; exit 1; }

for scheme in light dark; do
    option=(); [[ $scheme == light ]] || option=(--force-dark-mode)
    browse "$page" "${option[@]}" --screenshot="$work/preview-$scheme.png" >"$work/said"
    # A blank page of this size is a tenth of it.
    size=$(stat -c %s "$work/preview-$scheme.png")
    ((size > 500000)) || { echo "preview: the $scheme picture has only $size bytes"; exit 1; }
done
! cmp -s "$work/preview-light.png" "$work/preview-dark.png" || { echo 'preview: it is not dark in the dark'; exit 1; }
echo "preview: $drawn panels on the page, pictures of up to $size bytes"
