#!/usr/bin/env bash
# Executes every block of README that is marked `sh`, in order, as it stands. A line that serves runs in the background until its block ends.
set -euo pipefail
cd "$(dirname "$0")/.."

# `cargo test --workspace` has run before, on both databases.
skip='^cargo test --workspace$'
work=$(mktemp -d)
cleanup() {
    [[ -z ${server:-} ]] || kill -TERM "$server" 2>/dev/null || true
    dropdb --if-exists --maintenance-db="$TEST_DATABASE_URL" centum 2>/dev/null || true
    rm -rf "$work" "$work.log" my-service centum.db centum.db-shm centum.db-wal
}
trap cleanup EXIT
server=
rm -rf my-service centum.db centum.db-shm centum.db-wal
dropdb --if-exists --maintenance-db="$TEST_DATABASE_URL" centum

awk -v work="$work" '/^```sh$/ { n++; inside = 1; next } /^```$/ { inside = 0 } inside { print > sprintf("%s/%02d", work, n) }' README.md

for block in "$work"/*; do
    while IFS= read -r line; do
        [[ -z $line || $line == \#* || $line =~ $skip ]] && continue
        printf -- '\n--- %s\n' "$line"
        if [[ $line == *' serve' || $line == *' -- up '* ]]; then
            # `exec` so that the signal reaches cargo's child, not a shell.
            bash -c "${line/cargo run/exec cargo run}" >"$work.log" 2>&1 &
            server=$!
            timeout 600 bash -c 'until curl -fsS 127.0.0.1:9464/readyz >/dev/null 2>&1; do sleep 0.2; done'
            if [[ $line == *' -- up '* ]]; then
                # What the boards show needs as much traffic as their windows are long.
                timeout 120 bash -c 'until curl -fsS 127.0.0.1:9090/api/v1/query --data-urlencode "query=count_over_time(loadtest_users[1m]) > 45" 2>/dev/null |
                    grep -q \"value\"; do sleep 0.5; done'
            fi
        else
            code=0
            bash -euo pipefail -c "$line" || code=$?
            # A machine that is busy concludes nothing: that is an answer of the harness, not a fault of the page.
            [[ $code == 0 || ($code == 3 && $line == *'-p loadtest'*) ]] || exit "$code"
        fi
    done <"$block"
    if [[ -n $server ]]; then
        # What it started is its own to stop, as after Ctrl-C.
        kill -TERM "$server"
        timeout 60 tail --pid="$server" -f /dev/null || { echo "readme: this does not stop: $(ps -o args= "$server")"; exit 1; }
        wait "$server" || { echo 'readme: what served did not end well'; cat "$work.log"; exit 1; }
        server=
    fi
done
