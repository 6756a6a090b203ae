#!/usr/bin/env bash
# How often `loadtest compare` is right: A/A comparisons must be "not distinguishable", A/B with 10 % more work must be found.
# Both sides are stubs that use the processor for a known time per request.
#
#   benches/compare.sh [COMPARISONS]     20 of the same, half as many with more work
#   BENCH_ROUND=2s benches/compare.sh    longer rounds (500ms)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

comparisons=${1:-20}
round=${BENCH_ROUND:-500ms}
harness=${CARGO_TARGET_DIR:-target}/$profile/loadtest
cargo build --locked --quiet --profile "$profile" --package loadtest
scenario

# compare NUMBER WORK: 1 ms of work per request against WORK; prints the verdict. The seed makes the order of the rounds another one.
compare() {
    local code=0 stub="$harness stub --listen 127.0.0.1:{port} --work"
    "$harness" compare --a "$stub 1ms" --b "$stub $2" --scenario "$work/scenario.toml" --users 4 --warmup 1s \
        --round-time "$round" --seed "$1" --out "$work/out" >"$work/compare.log" 2>&1 || code=$?
    case $code in
    0 | 1 | 3) tail -n 1 "$work/compare.log" ;;
    *) tail "$work/compare.log" >&2; fail "a comparison could not be done" ;;
    esac
}

# repeat NAME TIMES WORK PATTERN: how many verdicts have PATTERN.
repeat() {
    local name=$1 times=$2 number verdict fitting=0
    for ((number = 1; number <= times; number++)); do
        verdict=$(compare "$number" "$3")
        echo "$name $number: $verdict"
        grep --quiet "$4" <<<"$verdict" && fitting=$((fitting + 1))
    done
    summary+=("$name: $fitting of $times $4")
}

summary=()
repeat A/A "$comparisons" 1ms 'not distinguishable'
repeat A/B "$(((comparisons + 1) / 2))" 1.1ms 'B is slower'
printf '%s\n' "${summary[@]}"
