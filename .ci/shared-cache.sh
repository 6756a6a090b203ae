#!/usr/bin/env bash
# What a shared cache makes of the answers: nginx between the service at $1 and curl, at the address $2, with its files in $3.
set -euo pipefail
cd "$(dirname "$0")"

origin=$1 cache=$2 work=$3
mkdir -p "$work"
sed "s#ORIGIN#$origin#; s#CACHE#$cache#; s#WORK#$work#" nginx.conf >"$work/nginx.conf"
nginx -c "$work/nginx.conf" &
nginx=$!
trap 'kill "$nginx"; wait "$nginx" || true' EXIT
timeout 10 bash -c "until curl -sS -o /dev/null http://$cache/livez 2>/dev/null; do sleep 0.1; done"

checks=0
is() { # what, found, expected
    checks=$((checks + 1))
    [[ $2 == "$3" ]] || { printf 'shared cache: %s: "%s" instead of "%s"\n' "$1" "$2" "$3"; exit 1; }
}
# Asks the cache for $1, with further arguments for curl. Leaves the head and the body in files.
ask() { curl -sS -D "$work/head" -o "$work/answer" "http://$cache$1" "${@:2}"; }
header() { tr -d '\r' <"$work/head" | sed -nE "s/^$1: (.*)/\1/Ip"; }
status() { sed -nE '1s/^[^ ]+ ([0-9]+).*/\1/p' "$work/head"; }
create_post() { # status; prints the address
    curl -fsS -o /dev/null -D - "http://$origin/api/v1/users/1/posts" -H 'Content-Type: application/json' \
        -d "{\"title\": \"Cached\", \"body\": \"$(printf 'All of it. %.0s' {1..300})\", \"status\": \"$1\"}" |
        tr -d '\r' | sed -nE 's/^location: (.*)/\1/Ip'
}

post=$(create_post published)
changing=$(create_post published)
ask "$changing"

# One form after another: each is asked for once, and comes out of the cache from then on, untouched by the others.
forms=('application/json identity' 'application/xml identity' 'application/json gzip' 'application/xml gzip')
declare -A tag body
for form in "${forms[@]}"; do
    read -r media coding <<<"$form"
    ask "$post" -H "Accept: $media" -H "Accept-Encoding: $coding"
    is "$form, the first time" "$(status) $(header X-Cache-Status)" '200 MISS'
    is "the media type of $form" "$(header Content-Type)" "$media"
    is "the coding of $form" "$(header Content-Encoding)" "${coding/identity/}"
    tag[$form]=$(header ETag) body[$form]=$(md5sum <"$work/answer")
done
is 'different tags' "$(printf '%s\n' "${tag[@]}" | sort -u | wc -l)" "${#forms[@]}"
for form in "${forms[@]}"; do
    read -r media coding <<<"$form"
    ask "$post" -H "Accept: $media" -H "Accept-Encoding: $coding"
    is "$form, again" "$(status) $(header X-Cache-Status)" '200 HIT'
    is "the tag of $form" "$(header ETag)" "${tag[$form]}"
    is "the bytes of $form" "$(md5sum <"$work/answer")" "${body[$form]}"
    ask "$post" -H "Accept: $media" -H "Accept-Encoding: $coding" -H "If-None-Match: ${tag[$form]}"
    is "$form, known" "$(status) $(header X-Cache-Status) $(header ETag)" "304 HIT ${tag[$form]}"
done

# What is not for everybody, and what went wrong, is never kept.
draft=$(create_post draft)
for path in "$draft" /api/v1/users/1 '/api/v1/users?limit=2' '/api/v1/posts?limit=2' /api/v1/posts/9000000000 '/api/v1/users?limit=0' /nowhere /readyz; do
    for _ in first again; do
        ask "$path"
        is "$path" "$(header X-Cache-Status)" MISS
    done
done

# Half a minute later: what stayed as it was is confirmed, what changed is fetched.
curl -fsS -o /dev/null -X PATCH "http://$origin$changing" -H 'If-Match: *' -H 'Content-Type: application/json' -d '{"title": "Changed"}'
ask "$changing"
is 'what changed, before its time is up' "$(header X-Cache-Status)" HIT
wait_for() { # path, expected
    for _ in {1..90}; do
        ask "$1" -H 'Accept: application/json' -H 'Accept-Encoding: identity'
        [[ $(header X-Cache-Status) == HIT ]] || break
        sleep 0.5
    done
    is "$1, after its time" "$(status) $(header X-Cache-Status)" "200 $2"
}
wait_for "$post" REVALIDATED
is 'the tag of what was confirmed' "$(header ETag)" "${tag[application/json identity]}"
ask "$changing"
is 'what changed, after its time' "$(status) $(header X-Cache-Status)" '200 EXPIRED'
is 'what it became' "$(jq -r .data.title "$work/answer")" Changed

echo "shared cache: $checks checks passed"
