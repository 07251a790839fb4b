# Sourced by the other scripts: a temporary folder, and a server over a workspace in it. The folder
# and the server go when the script ends.

folder=$(mktemp -d "${TMPDIR:-/tmp}/teller.XXXXXX")
workspace=(--workspace "$folder/workspace")
server_pid=
# A library that servers are started with.
preload=

cleanup() {
  [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
  [ -z "$server_pid" ] || wait "$server_pid" 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT

# Starts the server on a free port, with further options, and sets `address` once it answers.
start_server() {
  LD_PRELOAD=$preload "$1" serve --listen 127.0.0.1:0 "${workspace[@]}" "${@:2}" >"$folder/address" 2>"$folder/log" &
  server_pid=$!
  for _ in $(seq 600); do
    grep -q '^listening ' "$folder/address" && break
    kill -0 "$server_pid" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
  done
  address=$(sed -n 's/^listening //p' "$folder/address")
}

# Stops the server and waits for it to end.
stop_server() {
  kill "$server_pid"
  wait "$server_pid" || true
  server_pid=
}
