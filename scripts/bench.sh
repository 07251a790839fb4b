#!/usr/bin/env bash
# Loads a server over an invented bank with the network trained, and prints throughput, latency and
# the server's CPU time per request. Usage: [BENCH_PEER=COMMAND] bench.sh TELLER
set -euo pipefail

teller=$1
. "$(dirname "$0")/server.sh"

"$teller" generate --customers "${BENCH_CUSTOMERS:-20000}" --months 17 --out "$folder/bank.csv"
"$teller" import santander "$folder/bank.csv" "${workspace[@]}" >/dev/null
"$teller" train all "${workspace[@]}"
start_server "$teller" --exploration-weight 0

for load in "1 1" "16 1" "64 16" "16 16"; do
  read -r connections outstanding <<<"$load"
  printf '\n%s connections x %s outstanding\n' "$connections" "$outstanding"
  "$teller" bench rpc --server "$address" --connections "$connections" \
    --outstanding "$outstanding" --seconds "${BENCH_SECONDS:-5}" "${workspace[@]}" |
    tee "$folder/last"
done

# Open loop: requests are sent when they are due, whatever the server does. Half of what 16 x 16
# reached, and a rate that a rival reaches too.
half=$(awk '$1 == "requests/s" { gsub(",", "", $2); print int($2 / 2) }' "$folder/last")
for rate in "$half" "${BENCH_RATE:-44000}"; do
  printf '\n16 connections, %s requests a second, sent on time\n' "$rate"
  "$teller" bench rpc --server "$address" --connections 16 --rate "$rate" \
    --seconds "${BENCH_SECONDS:-5}" "${workspace[@]}"
done

# A rival's benchmark, to be compared in the same minutes.
if [[ -n ${BENCH_PEER:-} ]]; then
  printf '\n%s\n' "$BENCH_PEER"
  bash -c "$BENCH_PEER"
fi

# The same load on servers that were started otherwise.
other_load() {
  printf '\n16 connections x 16 outstanding, %s\n' "$1"
  stop_server
  start_server "$teller" "${@:2}"
  "$teller" bench rpc --server "$address" --seconds "${BENCH_SECONDS:-5}" "${workspace[@]}" \
    "${counting[@]}"
}
counting=()
other_load "no record of answers" --exploration-weight 0 --recommendation-log off
other_load "exploring as a server does by default"
${CC:-cc} -O2 -shared -fPIC -o "$folder/count-allocations.so" "$(dirname "$0")/count-allocations.c"
counting=(--allocations "$folder/allocations")
export ALLOCATIONS_FILE=$folder/allocations
preload=$folder/count-allocations.so
other_load "every allocation of the server counted" --exploration-weight 0
other_load "the same without a record" --exploration-weight 0 --recommendation-log off
preload=
stop_server
start_server "$teller" --exploration-weight 0

printf '\n%s idle connections beside 20,000 requests a second\n' "${BENCH_IDLE:-10000}"
"$teller" bench rpc --server "$address" --rate 20000 --idle "${BENCH_IDLE:-10000}" \
  --seconds "${BENCH_SECONDS:-5}" "${workspace[@]}"

printf '\nmodels changed every %s s\n' "${BENCH_RELOAD_EVERY:-3}"
"$teller" train hrnn --seed 2 "${workspace[@]}"
"$teller" bench rpc --server "$address" --rate 20000 --reload-every "${BENCH_RELOAD_EVERY:-3}" \
  --seconds "${BENCH_RELOAD_SECONDS:-30}" "${workspace[@]}"

printf '\n%s s at full load\n' "${BENCH_LONG_SECONDS:-600}"
"$teller" bench rpc --server "$address" --seconds "${BENCH_LONG_SECONDS:-600}" "${workspace[@]}"

printf '\nfeedback, and Recommend beside\n'
"$teller" bench feedback --server "$address" --seconds "${BENCH_SECONDS:-5}" "${workspace[@]}"

printf '\nrestart over %s events\n' "${BENCH_EVENTS:-10000000}"
"$teller" bench restart --events "${BENCH_EVENTS:-10000000}" --folder "$folder/events" "${workspace[@]}"

stop_server
printf '\n%s changes to a record of answers\n' "${BENCH_TAMPERS:-1000}"
"$teller" bench tamper --changes "${BENCH_TAMPERS:-1000}" --folder "$folder/tamper" \
  "${workspace[@]}"

printf '\n%s kills under load\n' "${BENCH_KILLS:-1000}"
"$teller" bench crash --kills "${BENCH_KILLS:-1000}" --folder "$folder/crash" "${workspace[@]}"

printf '\n%s full disks\n' "${BENCH_FULL_DISKS:-100}"
"$teller" bench full-disk --rounds "${BENCH_FULL_DISKS:-100}" --folder "$folder/full-disk" \
  "${workspace[@]}"
