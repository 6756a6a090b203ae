#!/usr/bin/env bash
# What telemetry costs: the cached GET of a user with everything on against the same with CENTUM_TELEMETRY=off.
#
#   benches/telemetry.sh [ROUNDS]        10 rounds unless said otherwise
#   BENCH_CORES=shared benches/telemetry.sh
#                                        the service as it starts by itself, and wrk on the same cores
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

rounds=${1:-10}
path=/api/v1/users/42
declare -A port=([off]=18080 [on]=18090)
need curl taskset valgrind wrk
if [[ ${BENCH_CORES:-apart} == shared ]]; then
    workers=0 server_core=() client_core=()
    where='as many workers as cores, wrk with 32 connections on the same cores'
else
    workers=1 server_core=(taskset -c 0) client_core=(taskset -c 1)
    where='one worker on core 0, wrk with 32 connections on core 1'
fi

build
DATABASE_URL=sqlite:$work/off.db "$api" seed --users 10000 --posts-per-user 5 --seed 42 >"$work/seed.log" 2>&1 \
    || { cat "$work/seed.log" >&2; fail "the database could not be filled"; }
cp "$work/off.db" "$work/on.db"

# start MODE [COMMAND...]: the service in that mode, under COMMAND.
start() {
    local mode=$1
    shift
    serve "${port[$mode]}" env DATABASE_URL="sqlite:$work/$mode.db" CENTUM_TELEMETRY="$mode" CENTUM_WORKERS="$workers" "$@" "$api" serve
}

# attack MODE SECONDS: requests per second. The log is emptied, so that ten rounds fill no disk.
attack() {
    : >"$work/${port[$1]}.log"
    rate "${client_core[@]}" wrk -t1 -c32 "-d${2}s" "http://127.0.0.1:${port[$1]}$path"
}

echo "GET $path, cached; $where, log lines to a file"
start off "${server_core[@]}"
off_server=$server
start on "${server_core[@]}"
on_server=$server
attack off 2 >/dev/null
attack on 2 >/dev/null

printf '%-8s%12s%12s%12s\n' round off/s on/s on/off
ratios=()
for ((round = 1; round <= rounds; round++)); do
    # Each goes first every other time.
    if ((round % 2)); then
        off=$(attack off 5)
        on=$(attack on 5)
    else
        on=$(attack on 5)
        off=$(attack off 5)
    fi
    ratios+=("$(ratio "$on" "$off")")
    printf '%-8s%12s%12s%12s\n' "$round" "$off" "$on" "${ratios[-1]}"
done
printf '%-8s%36s\n\n' median "$(median "${ratios[@]}")"
stop "$off_server"
stop "$on_server"

workers=1
# count MODE REQUESTS: leaves the instructions of a whole run in $instructions.
count() {
    local request
    start "$1" valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$work/callgrind"
    for ((request = 0; request < $2; request++)); do
        printf 'url = "http://127.0.0.1:%s%s"\noutput = "/dev/null"\n' "${port[$1]}" "$path"
    done | curl --silent --show-error --fail-early --fail --config -
    stop "$server"
    instructions=$(awk '/ Collected : / { print $4 }' "$work/callgrind")
    [[ $instructions ]] || fail "valgrind counted nothing: $(cat "$work/callgrind")"
}

# The difference of two runs: what the start and the end cost falls out.
few=2000
many=22000
declare -A per_request
for mode in off on; do
    count "$mode" "$few"
    start_up=$instructions
    count "$mode" "$many"
    per_request[$mode]=$(((instructions - start_up) / (many - few)))
done
echo "instructions per request of the whole server: off ${per_request[off]}, on ${per_request[on]}, on/off $(ratio "${per_request[on]}" "${per_request[off]}")"
