#!/usr/bin/env bash
# What lists cost far from their beginning and with long pages, and what a client saves who knows the answer already: on each database.
#
#   benches/lists.sh [ROUNDS]            5 rounds unless said otherwise
#   BENCH_USERS=1000 BENCH_SECONDS=1 benches/lists.sh 1
#                                        less data (100000 users, five posts each) and shorter rounds (5 s)
#   BENCH_POSTGRES=postgres://…/postgres benches/lists.sh
#                                        another server; the measurement makes a database of its own there and drops it
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

rounds=${1:-5}
seconds=${BENCH_SECONDS:-5}
users=${BENCH_USERS:-100000}
posts=$((users * 5))
# Pages of 20; with little data, the middle of the list.
depth=$((posts / 40 < 5000 ? posts / 40 : 5000))
port=18080
here=http://127.0.0.1:$port
admin=${BENCH_POSTGRES:-postgres://postgres@127.0.0.1:5432/postgres}
database=centum_bench_$$
need curl jq psql wrk

# start URL: the service on a database that was filled first.
start() {
    DATABASE_URL=$1 "$api" seed --users "$users" --posts-per-user 5 --seed 42 >"$work/seed.log" 2>&1 \
        || { cat "$work/seed.log" >&2; fail "the database could not be filled"; }
    serve "$port" env DATABASE_URL="$1" "$api" serve
}

# attack MEASURE PATH [HEADER]: rate or p99 of one connection.
attack() {
    : >"$work/$port.log"
    "$1" wrk -t1 -c1 "-d${seconds}s" --latency ${3:+--header "$3"} "$here$2"
}

# compare NAME MEASURE PATH PATH [HEADER]: the first path and the second, which is asked for with HEADER, in turns.
compare() {
    local name=$1 measure=$2 a=$3 b=$4 header=${5:-} round first second firsts=() lasts=() ratios=()
    for ((round = 1; round <= rounds; round++)); do
        # Each goes first every other time.
        if ((round % 2)); then
            first=$(attack "$measure" "$a")
            second=$(attack "$measure" "$b" "$header")
        else
            second=$(attack "$measure" "$b" "$header")
            first=$(attack "$measure" "$a")
        fi
        firsts+=("$first") lasts+=("$second") ratios+=("$(ratio "$second" "$first")")
    done
    row "$name" "$(median "${firsts[@]}")" "$(median "${lasts[@]}")" "$(median "${ratios[@]}")"
}

row() {
    printf '%-52s%12s%12s%16s\n' "$@"
}

# compare_queries NAME PATH PATH: the queries of one request each, by the service's own count.
compare_queries() {
    local first second ratio
    # The user that the list belongs to is in the cache afterwards.
    curl --silent --fail --output /dev/null "$here$2"
    first=$(queries "$2")
    second=$(queries "$3")
    ratio=$(ratio "$second" "$first")
    row "queries: $1" "$first" "$second" "$ratio"
}

queries() {
    header server-timing "$1" | sed -nE 's/.*desc="([0-9]+) quer(y|ies)".*/\1/p'
}

# header NAME PATH: a header of the answer.
header() {
    curl --silent --fail --output /dev/null --write-out "%header{$1}" "$here$2"
}

# compare_known NAME PATH: the whole answer and 304 for who knows it.
compare_known() {
    local known status
    known=$(header etag "$2")
    known="If-None-Match: $known"
    status=$(curl --silent --output /dev/null --write-out '%{http_code}' --header "$known" "$here$2")
    [[ $status == 304 ]] || fail "$2 with $known: $status instead of 304"
    compare "requests/s: $1, 200 and 304" rate "$2" "$2" "$known"
}

# deep_page LIST: the address of the page at $depth, found by following cursors.
deep_page() {
    local page="$1?cursor=start&limit=100" walked
    for ((walked = 0; walked < depth * 20; walked += 100)); do
        page=$(curl --silent --fail "$here$page" | jq --raw-output --exit-status '.links.next') \
            || fail "$1 ends after $walked rows"
    done
    echo "${page/limit=100/limit=20}"
}

measure() {
    local deep list
    deep=$(deep_page /api/v1/posts)
    row "" first second second/first
    compare "p99 in us: posts, first page and page $depth" p99 "/api/v1/posts?cursor=start&limit=20" "$deep"
    for list in users posts users/1/posts; do
        compare_queries "$list, limit 20 and 100" "/api/v1/$list?limit=20" "/api/v1/$list?limit=100"
    done
    compare_queries "posts, without and with authors" "/api/v1/posts?limit=20" "/api/v1/posts?limit=20&include=author"
    compare_queries "posts with authors, limit 20 and 100" "/api/v1/posts?limit=20&include=author" "/api/v1/posts?limit=100&include=author"
    compare_queries "users with posts, limit 20 and 100" "/api/v1/users?limit=20&include=posts" "/api/v1/users?limit=100&include=posts"
    compare_known "a post from the cache" /api/v1/posts/42
    compare_known "a list of posts" "/api/v1/posts?limit=20"
    stop "$server"
    echo
}

build

echo "SQLite, $users users, $posts posts, one connection, medians of $rounds rounds"
start "sqlite:$work/bench.db"
measure

echo "PostgreSQL, the same"
psql --quiet "$admin" --command "CREATE DATABASE $database"
trap 'clean_up; psql --quiet "$admin" --command "DROP DATABASE $database"' EXIT
start "${admin%/*}/$database"
psql --quiet "${admin%/*}/$database" --command "VACUUM ANALYZE"
measure
