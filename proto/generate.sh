#!/bin/sh
# Regenerates the code of the messages from teller/v1/recommender.proto: C for the server and the C
# client, Python for its client. The result is committed; continuous integration runs this script
# and fails when `git diff --exit-code` shows a change.
# Needs protoc-c 1.4.1 and protoc 3.21 (Debian: protobuf-c-compiler, protobuf-compiler).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target="$root/Sources/CRecommenderMessages"
protoc-c --proto_path="$root/proto/teller/v1" --c_out="$target" \
  "$root/proto/teller/v1/recommender.proto"
mv "$target/recommender.pb-c.h" "$target/include/recommender.pb-c.h"

# Under its whole name, for one Python process knows each .proto file by name. The module stands in the
# client's package, where it needs no other.
python="$root/clients/python/teller_client"
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
protoc --proto_path="$root/proto" --python_out="$output" --pyi_out="$output" \
  "$root/proto/teller/v1/recommender.proto"
mv "$output/teller/v1/recommender_pb2.py" "$output/teller/v1/recommender_pb2.pyi" "$python/"
