#!/usr/bin/env bash
# The page /docs of the service at $1 in a browser, with its files in $2: every operation is there, and nothing was refused or asked elsewhere.
set -euo pipefail

address=$1 work=$2
browse() {
    timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile" --window-size=1280,2400 \
        --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' --virtual-time-budget=10000 --enable-logging=stderr "$@" "http://$address/docs" 2>>"$work/log"
}
browse --dump-dom >"$work/dom"
browse --screenshot="$work/docs.png" >/dev/null

ids=$(curl -fsS "http://$address/openapi.json" | jq -r '.paths[][] | "operations-\(.tags[0])-\(.operationId)"')
for id in $ids; do
    grep -q "id=\"$id\"" "$work/dom" || { echo "docs: $id is not on the page"; exit 1; }
done
grep -q 'How to begin' "$work/dom"
if grep -E 'CONSOLE' "$work/log"; then
    echo 'docs: the page complains'
    exit 1
fi
# A blank page of this size is a tenth of it.
size=$(stat -c %s "$work/docs.png")
((size > 100000)) || { echo "docs: the picture has only $size bytes"; exit 1; }
echo "docs: $(wc -w <<<"$ids") operations on the page, a picture of $size bytes"
