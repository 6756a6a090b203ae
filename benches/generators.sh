#!/usr/bin/env bash
# How fast the harness is, and how true, beside other generators: nginx with a JSON answer of 200 bytes on core 0, the generator on core 1.
#
#   benches/generators.sh [ROUNDS]       5 rounds unless said otherwise; BENCH_SECONDS=5 is the length of each
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

rounds=${1:-5}
seconds=${BENCH_SECONDS:-5}
port=18070
url=http://127.0.0.1:$port
need curl jq nginx taskset wrk
oha=$(command -v oha || true)
[[ $oha ]] || echo "oha is left out: 'cargo install oha --locked' puts it on the PATH"
loadtest=${CARGO_TARGET_DIR:-target}/$profile/loadtest
stock=${CARGO_TARGET_DIR:-target}/$profile/examples/stock_goose
cargo build --locked --quiet --profile "$profile" --package loadtest --bins --example stock_goose

cat >"$work/scenario.toml" <<'TOML'
[[scenario]]
name = "visitor"
[[scenario.step]]
route = "GET /"
TOML
body=$(printf '{"data":{"id":"1","text":"%0171d"}}' 0)
cat >"$work/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log warn;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
    server {
        listen 127.0.0.1:$port;
        location / { default_type application/json; return 200 '$body'; }
    }
}
CONF

start_nginx() {
    local try
    taskset -c 0 nginx -c "$work/nginx.conf" 2>>"$work/nginx.log" &
    server=$!
    servers[$server]=running
    for ((try = 0; try < 100; try++)); do
        kill -0 "$server" 2>/dev/null || break
        [[ $(curl --silent "$url/" | wc -c) == 200 ]] && return
        sleep 0.1
    done
    fail "nginx does not answer: $(cat "$work/nginx.log")"
}

# freeze PROCESS: it and its children stand still for 1.2 s.
freeze() {
    local pids
    mapfile -t pids < <(echo "$1"; pgrep -P "$1" || true)
    kill -STOP "${pids[@]}"
    sleep 1.2
    kill -CONT "${pids[@]}"
}

# in_round: waits until the harness says that it is in its round, which it does every three seconds.
in_round() {
    until grep --quiet --no-messages '^round 1' "$work/ours.log"; do sleep 0.1; done
}

# ours OPTIONS...: a run of the harness, whose verdict does not matter here; leaves its run.json in $work/out.
ours() {
    local code=0
    rm -f "$work/out/run.json"
    taskset -c 1 "$loadtest" run --target "$url" --scenario "$work/scenario.toml" --warmup 1s --rounds 1 --round-time "${seconds}s" \
        --out "$work/out" "$@" >"$work/ours.log" 2>&1 &
    echo $! >"$work/ours.pid"
    wait $! || code=$?
    [[ $code == [013] ]] || fail "$(cat "$work/ours.log")"
}

# of_ours JQ: a figure of the last run of the harness.
of_ours() {
    jq -r "$1" "$work/out/run.json"
}

# with_oha OPTIONS...: a run of oha; leaves its report in $work/oha.json.
with_oha() {
    taskset -c 1 "$oha" -z "${seconds}s" --no-tui --output-format json "$@" "$url/" >"$work/oha.json"
}

# All requests, those in spoilt seconds too: a generator that uses its core up has some.
rate_json='.measured.routes[0].sent / .measured.seconds'
cpu_json='[.evidence.rounds[].generator.cpu_seconds] | add * 1e6'
requests_json='.measured.routes[0].sent'

# one GENERATOR: requests per second and microseconds of processor time per request.
one() {
    local requests report cpu
    case $1 in
        wrk)
            report=$({ TIMEFORMAT='cpu %U %S'; time taskset -c 1 wrk -t1 -c64 "-d${seconds}s" "$url/"; } 2>&1)
            ;;
        oha)
            report=$({ TIMEFORMAT='cpu %U %S'; time with_oha -c 64; } 2>&1)
            requests=$(jq '.statusCodeDistribution | add' "$work/oha.json")
            ;;
        goose)
            report=$({ TIMEFORMAT='cpu %U %S'; time taskset -c 1 "$stock" --host "$url" --users 64 --increase-rate 640 \
                --run-time "$seconds" --no-print-metrics --no-telnet; } 2>&1)
            requests=$(awk '/^requests / { print $2 }' <<<"$report")
            ;;
        *)
            ours --users 64 --lane "${1#*:}"
            of_ours "[($rate_json), ($cpu_json) / ($requests_json)] | map(. * 100 | round / 100) | @tsv"
            return
            ;;
    esac
    cpu=$(awk '/^cpu / { print $2 + $3 }' <<<"$report")
    [[ $1 != wrk ]] || requests=$(awk '/ requests in / { print $1 }' <<<"$report")
    awk -v n="$requests" -v s="$seconds" -v cpu="$cpu" 'BEGIN { printf "%.0f\t%.2f\n", n / s, cpu * 1e6 / n }'
}

generators=(wrk loadtest:hyper loadtest:goose goose)
[[ $oha ]] && generators+=(oha)
start_nginx
one wrk >/dev/null
echo "GET of 200 bytes, 64 connections, closed model; each round in another order"
declare -A rates costs
printf '%-8s%-18s%12s%16s\n' round generator requests/s 'µs cpu/request'
for ((round = 1; round <= rounds; round++)); do
    for ((place = 0; place < ${#generators[@]}; place++)); do
        generator=${generators[(place + round) % ${#generators[@]}]}
        figures=$(one "$generator")
        read -r rate cost <<<"$figures"
        rates[$generator]+=" $rate"
        costs[$generator]+=" $cost"
        printf '%-8s%-18s%12s%16s\n' "$round" "$generator" "$rate" "$cost"
    done
done
declare -A middle cheap
for generator in "${generators[@]}"; do
    # shellcheck disable=SC2086 # a list of numbers
    middle[$generator]=$(median ${rates[$generator]}) cheap[$generator]=$(median ${costs[$generator]})
    printf '%-8s%-18s%12s%16s\n' median "$generator" "${middle[$generator]}" "${cheap[$generator]}"
done
echo "loadtest/wrk $(ratio "${middle[loadtest:hyper]}" "${middle[wrk]}"), loadtest/goose $(ratio "${middle[loadtest:hyper]}" "${middle[goose]}")"
echo "processor time per request: wrk/loadtest $(ratio "${cheap[wrk]}" "${cheap[loadtest:hyper]}"), goose/loadtest $(ratio "${cheap[goose]}" "${cheap[loadtest:hyper]}")"

p50_json='.measured.routes[0].p50_ms * 1e3 | round / 1e3'
p99_json='.measured.routes[0].p99_ms * 1e3 | round / 1e3'
fixed=(--rate 2000 --arrival constant)
# milliseconds P: a percentile of oha's.
milliseconds() {
    jq -r ".latencyPercentiles.$1 * 1e3 * 1000 | round / 1000" "$work/oha.json"
}

echo
echo "2 000 requests/s, evenly: p50 and p99 in ms, and what is left when the server, then the generator stands still for 1.2 s"
printf '%-8s%-18s%12s%12s%20s%24s\n' round generator p50 p99 'p99, server' 'p99, generator'
seconds=$((seconds < 10 ? 10 : seconds))
for ((round = 1; round <= rounds; round++)); do
    ours "${fixed[@]}"
    p50=$(of_ours "$p50_json") p99=$(of_ours "$p99_json")
    rm -f "$work/ours.log"
    { in_round; freeze "$server"; } & freezing=$!
    ours "${fixed[@]}"
    wait "$freezing"
    frozen="$(of_ours "$p99_json") $(of_ours .judgement.verdict)"
    rm -f "$work/ours.log"
    { in_round; freeze "$(<"$work/ours.pid")"; } & freezing=$!
    ours "${fixed[@]}"
    wait "$freezing"
    printf '%-8s%-18s%12s%12s%20s%24s\n' "$round" loadtest "$p50" "$p99" "$frozen" \
        "$(of_ours "$p99_json") $(of_ours .judgement.verdict)"
    [[ $oha ]] || continue
    with_oha -c 64 -q 2000 --latency-correction
    p50=$(milliseconds p50) p99=$(milliseconds p99)
    { sleep 2; freeze "$server"; } & freezing=$!
    with_oha -c 64 -q 2000 --latency-correction
    wait "$freezing"
    printf '%-8s%-18s%12s%12s%20s\n' "$round" oha "$p50" "$p99" "$(milliseconds p99)"
done

echo
ours --users 256 &
run=$!
most=0
while kill -0 "$run" 2>/dev/null; do
    kib=$(awk '/^VmHWM/ { print $2 }' "/proc/$(<"$work/ours.pid")/status" 2>/dev/null || true)
    ((${kib:-0} <= most)) || most=$kib
    sleep 0.2
done
echo "memory of the harness at 256 users: $((most / 1024)) MiB at most"
