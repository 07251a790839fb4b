#!/bin/sh
# Regenerates the C code of the messages from teller/v1/recommender.proto. The result is committed;
# continuous integration runs this script and fails when `git diff --exit-code` shows a change.
# Needs protoc-c 1.4.1 (Debian: protobuf-c-compiler).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target="$root/Sources/CRecommenderMessages"
protoc-c --proto_path="$root/proto/teller/v1" --c_out="$target" \
  "$root/proto/teller/v1/recommender.proto"
mv "$target/recommender.pb-c.h" "$target/include/recommender.pb-c.h"
