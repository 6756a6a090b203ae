#!/usr/bin/env bash
# What the service adds to a query: the uncached GET of a user against the same row fetched without the service.
#
#   benches/database.sh [ROUNDS]         5 rounds unless said otherwise
#   BENCH_POSTGRES=postgres://…/postgres benches/database.sh
#                                        another server; the measurement makes a database of its own there and drops it
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

rounds=${1:-5}
users=${BENCH_USERS:-100000}
# The service has two workers with a pool of four each: as many connections as pgbench.
connections=8
port=18080
admin=${BENCH_POSTGRES:-postgres://postgres@127.0.0.1:5432/postgres}
database=centum_bench_$$
need curl pgbench psql wrk

cat >"$work/random.lua" <<LUA
function setup(thread) thread:set("seed", 42) end
function init() math.randomseed(seed) end
function request() return wrk.format("GET", "/api/v1/users/" .. math.random($users)) end
LUA
cat >"$work/random.sql" <<SQL
\set id random(1, $users)
SELECT id, name, email, role, version, created_at, updated_at FROM users WHERE id = :id;
SQL

# start URL: the service without caches on a database that was filled first.
start() {
    DATABASE_URL=$1 "$api" seed --users "$users" --posts-per-user 5 --seed 42 >"$work/seed.log" 2>&1 \
        || { cat "$work/seed.log" >&2; fail "the database could not be filled"; }
    serve "$port" env DATABASE_URL="$1" CENTUM_CACHE=off CENTUM_WORKERS=2 CENTUM_POOL_SIZE=4 "$api" serve
}

# attack SECONDS: requests per second, each for a random user.
attack() {
    : >"$work/$port.log"
    rate wrk -t1 "-c$connections" "-d${1}s" --script "$work/random.lua" "http://127.0.0.1:$port"
}

postgres() {
    pgbench --no-vacuum --protocol=prepared --client="$connections" --jobs=1 --time=5 --file="$work/random.sql" "${admin%/*}/$database" 2>/dev/null \
        | awk '/^tps = / { print $3 }'
}

sqlite() {
    DATABASE_URL=sqlite:$work/bench.db cargo bench --locked --quiet --profile "$profile" --package api --bench sqlite_bare_loop \
        | awk '/ queries\/s/ { for (i = 2; i <= NF; i++) if ($i == "queries/s") print $(i - 1) }'
}

# compare BARE: alternates the service with the command BARE.
compare() {
    local round service bare ratios=()
    attack 2 >/dev/null
    printf '%-8s%12s%12s%14s\n' round service/s bare/s service/bare
    for ((round = 1; round <= rounds; round++)); do
        service=$(attack 5)
        bare=$("$1")
        ratios+=("$(ratio "$service" "$bare")")
        printf '%-8s%12s%12.2f%14s\n' "$round" "$service" "$bare" "${ratios[-1]}"
    done
    printf '%-8s%38s\n\n' median "$(median "${ratios[@]}")"
    if curl --silent "http://127.0.0.1:$((port + 1))/metrics" | grep -E '^cache_gets_total\{.*result="hit"\} [^0]'; then
        fail "the cache answered: nothing was measured"
    fi
    stop "$server"
}

build

echo "PostgreSQL, $users users: GET by a random id without cache against pgbench -M prepared with the same statement, $connections connections each"
psql --quiet "$admin" --command "CREATE DATABASE $database"
trap 'clean_up; psql --quiet "$admin" --command "DROP DATABASE $database"' EXIT
start "${admin%/*}/$database"
psql --quiet "${admin%/*}/$database" --command "VACUUM ANALYZE"
compare postgres

echo "SQLite, $users users: the same request with $connections connections against one thread that runs the same query in a loop"
echo "bare loop: cargo bench -p api --bench sqlite_bare_loop"
start "sqlite:$work/bench.db"
compare sqlite
