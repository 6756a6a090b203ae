#!/usr/bin/env bash
# pg_stat_statements must be loaded when a server starts: a server of its own, for the one test that asks it.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(pg_config --bindir 2>/dev/null || dirname "$(find /usr/lib/postgresql -name initdb | sort -V | tail -n 1)")
port=5499
work=$(mktemp -d)
# PostgreSQL refuses to run as root.
as=()
if [[ $(id -u) == 0 ]]; then
    as=(setpriv --reuid=postgres --regid=postgres --init-groups)
    chown postgres "$work"
fi
cleanup() {
    "${as[@]}" "$bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
"${as[@]}" "$bin/initdb" -D "$work/data" -A trust -U postgres -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$work/data" -l "$work/log" -w \
    -o "-p $port -k $work -c shared_preload_libraries=pg_stat_statements -c fsync=off" start >/dev/null
# Every test binary is asked for it: to build one alone would build most of the workspace again, with other features.
out=$(TEST_DATABASE_URL=postgres://postgres@127.0.0.1:$port/postgres cargo test --workspace --locked -- statements:: 2>&1) || {
    echo "$out"
    exit 1
}
grep '^test .*statements::' <<<"$out"
grep -q ' 1 passed' <<<"$out"
! grep -q '^skipped:' <<<"$out"
