#!/usr/bin/env bash
# Loads a server over an invented bank with the network trained, and prints throughput, latency and
# the server's CPU time per request. Usage: bench.sh TELLER
set -euo pipefail

teller=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/teller-bench.XXXXXX")
server_pid=
cleanup() {
  [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
  [ -z "$server_pid" ] || wait "$server_pid" 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT

workspace=(--workspace "$folder/workspace")
"$teller" generate --customers "${BENCH_CUSTOMERS:-20000}" --months 17 --out "$folder/bank.csv"
"$teller" import santander "$folder/bank.csv" "${workspace[@]}" >/dev/null
"$teller" train all "${workspace[@]}"
"$teller" serve --listen 127.0.0.1:0 "${workspace[@]}" >"$folder/address" 2>"$folder/log" &
server_pid=$!
for _ in $(seq 600); do
  grep -q '^listening ' "$folder/address" && break
  kill -0 "$server_pid" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  sleep 0.1
done
address=$(sed -n 's/^listening //p' "$folder/address")

for load in "1 1" "16 1" "16 16" "64 16"; do
  read -r connections outstanding <<<"$load"
  printf '\n%s connections x %s outstanding\n' "$connections" "$outstanding"
  "$teller" bench rpc --server "$address" --connections "$connections" \
    --outstanding "$outstanding" --seconds "${BENCH_SECONDS:-5}" "${workspace[@]}"
done
