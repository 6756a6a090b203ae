# shellcheck shell=bash
# What the measurements share: the binary, servers that are stopped at the end, one round of wrk, medians. Sourced, not run.

set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# CI takes the profile that it has built anyway.
profile=${BENCH_PROFILE:-dist}
# shellcheck disable=SC2034 # the scripts that source this file use it
api=${CARGO_TARGET_DIR:-target}/$profile/api
work=$(mktemp -d)
declare -A servers=()

fail() {
    echo "$*" >&2
    exit 1
}

# need COMMAND...: fails when one is not installed.
need() {
    local command
    for command; do
        command -v "$command" >/dev/null || fail "$command is needed, see benches/README.md"
    done
}

build() {
    cargo build --locked --quiet --profile "$profile" --package api
}

# serve PORT COMMAND...: starts COMMAND as a server on PORT (management: PORT + 1), waits until it is ready, leaves its id in $server.
serve() {
    local port=$1 try
    shift
    CENTUM_LISTEN=127.0.0.1:$port CENTUM_MANAGEMENT_LISTEN=127.0.0.1:$((port + 1)) "$@" >>"$work/$port.log" 2>&1 &
    server=$!
    servers[$server]=running
    for ((try = 0; try < 600; try++)); do
        curl --silent --fail --output /dev/null "http://127.0.0.1:$((port + 1))/readyz" && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    tail "$work/$port.log" >&2
    fail "the server on port $port did not become ready"
}

# scenario: one kind of user, who asks for / over and over, in $work/scenario.toml.
scenario() {
    cat >"$work/scenario.toml" <<'TOML'
[[scenario]]
name = "visitor"
[[scenario.step]]
route = "GET /"
TOML
}

# stop SERVER: asks it to stop and waits until it has.
stop() {
    unset "servers[$1]"
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# report WRK-COMMAND...: what wrk says; a single failed request ends the measurement.
report() {
    local report
    report=$("$@")
    if grep -E 'Non-2xx|Socket errors' <<<"$report" >&2; then
        return 1
    fi
    echo "$report"
}

# rate WRK-COMMAND...: requests per second.
rate() {
    report "$@" | awk '/^Requests\/sec/ { print $2 }'
}

# p99 WRK-COMMAND...: microseconds that 99 of 100 requests did not exceed; the command has --latency.
p99() {
    report "$@" | awk '$1 == "99%" { print $2 * ($2 ~ /us$/ ? 1 : $2 ~ /ms$/ ? 1e3 : $2 ~ /s$/ ? 1e6 : 6e7) }'
}

# ratio A B: A over B.
ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f\n", a / b }'
}

# median NUMBER...
median() {
    printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

clean_up() {
    local running
    for running in "${!servers[@]}"; do
        stop "$running"
    done
    rm -rf "$work"
}
trap clean_up EXIT
