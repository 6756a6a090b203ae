#!/usr/bin/env bash
# A live service on PostgreSQL: promtool reads its metrics, and it stops when it is told to.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
name=centum_ci_$$
cleanup() {
    [[ -z ${server:-} ]] || kill -TERM "$server" 2>/dev/null || true
    dropdb --if-exists --force --maintenance-db="$TEST_DATABASE_URL" "$name" || true
    rm -rf "$work"
}
trap cleanup EXIT
server=
createdb --maintenance-db="$TEST_DATABASE_URL" "$name"
database=$(sed -E "s#/[^/?]+(\?|\$)#/$name\1#" <<<"$TEST_DATABASE_URL")

# This build has no export of traces: it says so, once, and serves.
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 \
    CENTUM_LISTEN=127.0.0.1:0 CENTUM_MANAGEMENT_LISTEN=127.0.0.1:9465 DATABASE_URL=$database target/release/api serve >"$work/log" &
server=$!
timeout 30 bash -c 'until curl -fsS 127.0.0.1:9465/readyz >/dev/null 2>&1; do sleep 0.1; done'
grep -c 'this build exports no traces' "$work/log"
address=$(sed -nE 's/.*"public":"([^"]+)".*/\1/p' "$work/log")
for path in users users/1 posts posts/1 nowhere; do
    curl -sS -o /dev/null -w "%{http_code} /api/v1/$path\n" "http://$address/api/v1/$path"
done
curl -fsS 127.0.0.1:9465/metrics >"$work/metrics"
promtool check metrics <"$work/metrics"
printf '%d series, promtool finds nothing to say\n' "$(grep -vc '^#' "$work/metrics")"
CENTUM_MANAGEMENT_LISTEN=127.0.0.1:9465 target/release/api healthcheck
curl -fsS 127.0.0.1:9465/debug/queries | jq -e '.queries | length > 15' >"$work/queries"
curl -fsS -H 'Accept: text/html' 127.0.0.1:9465/debug/queries | grep -c '<h2 id="users.list">'
target/release/api queries | diff docs/queries.md -
target/release/api errors | diff docs/errors.md -
kill -TERM "$server"
wait "$server"
server=
tail -n 1 "$work/log"
