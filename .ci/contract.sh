#!/usr/bin/env bash
# The contract, judged by tools that nobody here wrote: linters of the document, schemathesis, REDbot, nginx as a shared cache, a browser.
# Each prints one line if it has nothing to say.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
name=centum_contract_$$
cleanup() {
    mapfile -t jobs < <(jobs -p)
    ((${#jobs[@]} == 0)) || kill -TERM "${jobs[@]}" 2>/dev/null || true
    dropdb --if-exists --force --maintenance-db="$TEST_DATABASE_URL" "$name" || true
    rm -rf "$work"
}
trap cleanup EXIT

# Runs a command for five minutes at most, and shows what it prints only if it fails: then all of it, and the name of the gate.
quietly() {
    local gate=$1
    shift
    timeout 300 "$@" >"$work/$gate.out" 2>&1 || {
        cat "$work/$gate.out"
        echo "$gate: failed"
        exit 1
    }
}

python3 -m venv "$work/venv"
quietly pip "$work/venv/bin/pip" install --quiet schemathesis redbot &
quietly npm npm install --prefix "$work/node" --no-fund --no-audit --loglevel=error @stoplight/spectral-cli @redocly/cli
wait $!

quietly spectral "$work/node/node_modules/.bin/spectral" lint --ruleset .ci/spectral.yaml --fail-severity warn api/openapi.json
echo 'spectral: 0 errors, 0 warnings'
quietly redocly env REDOCLY_TELEMETRY=off "$work/node/node_modules/.bin/redocly" lint --config .ci/redocly.yaml api/openapi.json
if grep -A 3 '^\[[0-9]' "$work/redocly.out"; then
    echo 'redocly: warnings'
    exit 1
fi
echo 'redocly: 0 errors, 0 warnings'

# Starts the service on the database $2 with its management listener on port $3; it ends with this shell. Leaves the address in $address.
serve() {
    DATABASE_URL=$2 target/release/api seed --users 300 --posts-per-user 5 --seed 42 >/dev/null
    CENTUM_LISTEN=127.0.0.1:0 CENTUM_MANAGEMENT_LISTEN=127.0.0.1:$3 DATABASE_URL=$2 target/release/api serve >"$work/$1.log" &
    server=$!
    trap 'kill -TERM "$server"; wait "$server" || true' EXIT
    timeout 30 bash -c "until curl -fsS 127.0.0.1:$3/readyz >/dev/null 2>&1; do sleep 0.1; done"
    address=$(sed -nE 's/.*"public":"([^"]+)".*/\1/p' "$work/$1.log")
}

# Stops it, and sees that it ends well.
stop() {
    trap - EXIT
    kill -TERM "$server"
    wait "$server"
}

# Always the same requests, in all phases, with all checks.
contract() {
    quietly "schemathesis-$1" "$work/venv/bin/schemathesis" run "http://$address/openapi.json" \
        --seed 4 --max-examples 30 --max-time 110 --no-color
    printf 'schemathesis on %s: 0 failures, %s\n' "$1" "$(grep -oE '[0-9]+ generated' "$work/schemathesis-$1.out")"
}

one() { curl -fsS "http://$address/api/v1/posts?limit=1&status=$1" | jq -r '.data[0].id'; }
caches() {
    local paths=(/ /api/v1 '/api/v1/users?limit=5' '/api/v1/users?cursor=start' /api/v1/users/2 "/api/v1/posts/$(one published)"
        "/api/v1/posts/$(one draft)" "/api/v1/posts/$(one published)?include=author" /api/v1/users/2/posts /openapi.json /docs /docs/start.js
        /docs/swagger-ui.css /errors /errors/EMAIL_TAKEN /livez /readyz /api/v1/posts/9000000000 '/api/v1/users?limit=0' /nowhere)
    for path in "${paths[@]}"; do
        timeout 60 "$work/venv/bin/python" .ci/ask_redbot.py "http://$address$path"
    done
    printf 'redbot on %s: no bad note on %d addresses\n' "$1" "${#paths[@]}"
    timeout 120 .ci/shared-cache.sh "$address" "127.0.0.1:$2" "$work/nginx-$1"
}

on_sqlite() {
    serve SQLite "sqlite:$work/contract.db" 9466
    mkdir "$work/page"
    .ci/page.sh "$address" "$work/page"
    caches SQLite 9467
    contract SQLite
    stop
}
on_postgres() {
    createdb --maintenance-db="$TEST_DATABASE_URL" "$name"
    serve PostgreSQL "$(sed -E "s#/[^/?]+(\?|\$)#/$name\1#" <<<"$TEST_DATABASE_URL")" 9468
    caches PostgreSQL 9469
    contract PostgreSQL
    stop
}
# Both at once: most of the time is the judges' own. A shell of its own for each, so that the first fault ends it.
(on_sqlite) &
sqlite=$!
(on_postgres) &
postgres=$!
wait "$sqlite"
wait "$postgres"
