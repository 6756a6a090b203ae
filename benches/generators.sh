#!/usr/bin/env bash
# How fast the harness is, and how true, beside other generators: nginx with a JSON answer of 200 bytes on core 0, the generator on core 1.
#
#   benches/generators.sh [ROUNDS]       5 rounds unless said otherwise; BENCH_SECONDS=4 is the length of each
#   BENCH_SECONDS=1 benches/generators.sh 1      only to see that it runs: goose as it ships, which takes minutes to build, is left out
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

rounds=${1:-5}
seconds=${BENCH_SECONDS:-4}
port=18070
url=http://127.0.0.1:$port
need curl jq nginx pgrep taskset wrk
generators=(wrk loadtest loadtest:goose)
oha=$(command -v oha || true)
if [[ $oha ]]; then generators+=(oha); else echo "oha is left out: 'cargo install oha --locked' puts it on the PATH"; fi
loadtest=${CARGO_TARGET_DIR:-target}/$profile/loadtest
stock=${CARGO_TARGET_DIR:-target}/$profile/examples/stock_goose
binaries=(--bins)
if ((rounds > 1)); then generators+=(goose) binaries+=(--example stock_goose); fi
cargo build --locked --quiet --profile "$profile" --package loadtest "${binaries[@]}"

scenario
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

# in_round: waits until the harness says that it is in its round, which it does every three seconds. It sleeps meanwhile: to ask again and again
# would take the time of a hundredth of the requests.
in_round() {
    until [[ -e $work/ours.log ]]; do sleep 0.1; done
    grep --quiet --max-count 1 '^round 1' < <(tail --lines=+1 --follow "$work/ours.log" 2>/dev/null)
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
            if [[ $1 == loadtest:goose ]]; then ours --users 64 --lane goose; else ours --users 64; fi
            of_ours "[($rate_json), ($cpu_json) / ($requests_json)] | map(. * 100 | round / 100) | @tsv"
            return
            ;;
    esac
    cpu=$(awk '/^cpu / { print $2 + $3 }' <<<"$report")
    [[ $1 != wrk ]] || requests=$(awk '/ requests in / { print $1 }' <<<"$report")
    awk -v n="$requests" -v s="$seconds" -v cpu="$cpu" 'BEGIN { printf "%.0f\t%.2f\n", n / s, cpu * 1e6 / n }'
}

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
for generator in "${generators[@]}"; do
    [[ $generator != loadtest ]] || continue
    echo "loadtest/$generator: requests/s $(ratio "${middle[loadtest]}" "${middle[$generator]}")," \
        "processor time per request $(ratio "${cheap[loadtest]}" "${cheap[$generator]}")"
done

# The same way for all: so many connections, and a request every half millisecond.
fixed=(--rate 2000 --arrival constant --max-users 64)
of_route() {
    of_ours ".measured.routes[0].${1}_ms * 1e3 | round / 1e3"
}
# of_oha P: a percentile of oha's, in milliseconds.
of_oha() {
    jq -r ".latencyPercentiles.$1 * 1e6 | round / 1e3" "$work/oha.json"
}

# in_the_middle PROCESS: freezes it when the run has gone on for three seconds.
in_the_middle() {
    in_round
    freeze "$(cat "$1")"
}

# at_fixed_rate WAY: p50 and p99 in milliseconds, and the verdict where there is one.
at_fixed_rate() {
    local freezing
    case $1 in
        loadtest*)
            rm -f "$work/ours.log"
            case $1 in
                *server*) echo "$server" >"$work/frozen"; in_the_middle "$work/frozen" & freezing=$! ;;
                *generator*) in_the_middle "$work/ours.pid" & freezing=$! ;;
            esac
            ours "${fixed[@]}"
            ;;
        oha*)
            [[ $1 != *server* ]] || { { sleep 2; freeze "$server"; } & freezing=$!; }
            if [[ $1 == *sending* ]]; then with_oha -c 64 -q 2000; else with_oha -c 64 -q 2000 --latency-correction; fi
            ;;
    esac
    [[ ! ${freezing:-} ]] || wait "$freezing"
    case $1 in
        loadtest*) echo "$(of_route p50) $(of_route p99) $(of_ours .judgement.verdict)" ;;
        oha*) echo "$(of_oha p50) $(of_oha p99) -" ;;
    esac
}

echo
echo "2 000 requests/s, evenly, 64 connections at most: milliseconds"
ways=(loadtest 'loadtest, frozen server' 'loadtest, frozen generator')
[[ ! $oha ]] || ways+=('oha, from its sending on' oha 'oha, frozen server')
declare -A half most
printf '%-8s%-30s%10s%10s  %s\n' round generator p50 p99 verdict
for ((round = 1; round <= rounds; round++)); do
    for ((place = 0; place < ${#ways[@]}; place++)); do
        way=${ways[(place + round) % ${#ways[@]}]}
        # Frozen in its middle, a round must be long enough to have one.
        if [[ $way == *frozen* ]]; then seconds=6; else seconds=${BENCH_SECONDS:-4}; fi
        figures=$(at_fixed_rate "$way")
        read -r p50 p99 verdict <<<"$figures"
        half[$way]+=" $p50"
        most[$way]+=" $p99"
        printf '%-8s%-30s%10s%10s  %s\n' "$round" "$way" "$p50" "$p99" "$verdict"
    done
done
for way in "${ways[@]}"; do
    # shellcheck disable=SC2086 # a list of numbers
    half[$way]=$(median ${half[$way]}) most[$way]=$(median ${most[$way]})
    printf '%-8s%-30s%10s%10s\n' median "$way" "${half[$way]}" "${most[$way]}"
done
echo "p99, the generator frozen to undisturbed: $(ratio "${most[loadtest, frozen generator]}" "${most[loadtest]}")"
if [[ $oha ]]; then
    for way in 'oha, from its sending on' oha; do
        echo "loadtest/$way: p50 $(ratio "${half[loadtest]}" "${half[$way]}"), p99 $(ratio "${most[loadtest]}" "${most[$way]}")"
    done
    echo "loadtest/oha, frozen server: p99 $(ratio "${most[loadtest, frozen server]}" "${most[oha, frozen server]}")"
fi

echo
ours --users 256 &
run=$!
peak=0
while kill -0 "$run" 2>/dev/null; do
    kib=$(awk '/^VmHWM/ { print $2 }' "/proc/$(<"$work/ours.pid")/status" 2>/dev/null || true)
    ((${kib:-0} <= peak)) || peak=$kib
    sleep 0.2
done
echo "memory of the harness at 256 users: $((peak / 1024)) MiB at most"
