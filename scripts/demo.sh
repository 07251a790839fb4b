#!/usr/bin/env bash
# Shows the whole way: a bank's CSV, models, a server, recommendations, and feedback that changes
# them. Usage: demo.sh TELLER
set -euo pipefail

teller=$1
. "$(dirname "$0")/server.sh"

# Shows a command as one would type it, then runs it.
run() {
  printf '\n$ teller %s\n' "${*//$folder\//}"
  "$teller" "$@"
}

run generate --customers "${DEMO_CUSTOMERS:-20000}" --months 17 --seed 1 --out "$folder/bank.csv" \
  --truth "$folder/next-month.csv"
run import santander "$folder/bank.csv" "${workspace[@]}"
run train all "${workspace[@]}"
run evaluate "${workspace[@]}" | tee "$folder/evaluation"
# The first table's rows: model, MAP@7, …
awk '$1 == "popularity" && !p { p = $2 } $1 == "hrnn" && !h { h = $2 } END { exit !(h > p) }' \
  "$folder/evaluation" || { echo "the network is no better than popularity" >&2; exit 1; }

printf '\n$ teller serve --listen 127.0.0.1:0 --response-window 60 --workspace workspace &\n'
start_server "$teller" --response-window 60
echo "listening $address"

# The first customer of the last month, and the best item for that customer.
customer=$(tail -n 1 "$folder/bank.csv" | cut -d, -f2 | tr -d ' ')
field() { sed -n "s/.*\"$1\":\\[\"\\([^\"]*\\)\".*/\\1/p"; }
first=$("$teller" recommend --server "$address" --user "$customer" --k 3 --json | tail -n 1 | field item_ids)

run recommend --server "$address" --user "$customer" --k 3
run similar --server "$address" --item "$first" --k 3
run feedback --server "$address" --user "$customer" --item "$first" --type accepted
run recommend --server "$address" --user "$customer" --k 3

after=$("$teller" recommend --server "$address" --user "$customer" --k 3 --json | tail -n 1 | field item_ids)
if [ "$first" = "$after" ]; then
  echo "the answer did not change after the feedback" >&2
  exit 1
fi

# Two cold products: one is put and told of by hand, and customers of known wishes meet two more.
run items put --server "$address" --item green_loan --name "Green loan" --category loan
run simulate --server "$address" --truth "$folder/next-month.csv" --requests "${DEMO_REQUESTS:-6000}" \
  --product green_card=0.15 --product dull_card=0.0005
run status --server "$address" | tee "$folder/status"
awk '$1 == "green_card" && $2 == "graduated" { good = 1 } $1 == "green_card" { good_shown = $3 }
  $1 == "dull_card" { bad_shown = $3 }
  END { gsub(",", "", good_shown); gsub(",", "", bad_shown); exit !(good && bad_shown * 5 < good_shown + 0) }' "$folder/status" ||
  { echo "the good product was not taken up, or the bad one shown too often" >&2; exit 1; }

cat <<TEXT

green_card, which one in seven takes who looks at it, was tried and taken up: it is shown where it is
wanted. dull_card was tried and is hardly shown any more.

Customer $customer accepted $first, which is no longer recommended: $after leads now.

Next:
  teller import santander train_ver2.csv.zip     your own bank's history
  teller train hrnn --epochs 12 --seed 7         other settings; 'teller train --help' lists them
  teller batch --k 7 --out recommendations.csv   everybody's next products
  teller serve --listen 127.0.0.1:7001           then call it: proto/PROTOCOL.md, clients/
TEXT
