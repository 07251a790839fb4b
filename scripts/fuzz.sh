#!/usr/bin/env bash
# Feeds mutated bytes to what reads those of strangers, with libFuzzer and the address sanitizer.
#
#   connections   both sides of a connection, and files of tokens
#   text          imports, logs of answers, tables of scores, held-out interactions
#   files         datasets, models and checkpoints of training, behind their checksums
#   records       stored answers, slates, checkpoints of the service, behind theirs; experiments
#
# Usage: fuzz.sh [SECONDS]; they are shared among the surfaces, 60 without. FUZZ_SURFACE names one, or
# some parted by spaces, that have all of them. What is learned stays in .build/fuzz-corpus; an input
# that crashes is named at the end and kept in .build/fuzz-crashes: mend the fault, and keep the input
# in a test.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
surfaces=(connections text files records)
if [ -n "${FUZZ_SURFACE:-}" ]; then
  for name in $FUZZ_SURFACE; do
    [[ " ${surfaces[*]} " == *" $name "* ]] || {
      echo "FUZZ_SURFACE names $name; there are: ${surfaces[*]}" >&2
      exit 1
    }
  done
  read -ra surfaces <<<"$FUZZ_SURFACE"
fi

# The package manager's own option for addresses would have all foreign C instrumented, too, most of
# the time of such a build.
for surface in "${surfaces[@]}"; do
  TELLER_FUZZING=1 swift build --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address \
    --scratch-path .build/fuzz --product "fuzz-$surface"
done

# Files that are only there to be read stay in memory.
shared_memory=/dev/shm
[ -w "$shared_memory" ] || shared_memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d "$shared_memory/teller-fuzz.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# Every golden frame, once for each server and once for the client, whole and in pieces of 3 bytes;
# the server that asks for tokens gets one first.
frames() {
  /usr/bin/python3 - "$1" proto/golden/*.hex <<'PYTHON'
import pathlib
import sys

corpus = pathlib.Path(sys.argv[1])
token = bytes.fromhex(pathlib.Path("proto/golden/credentials.hex").read_text())
(corpus / "tokens").write_bytes(b"\xc0ops admin " + b"a" * 64 + b"\nweb read,feedback " + b"b" * 64)
for path in map(pathlib.Path, sys.argv[2:]):
    frame = bytes.fromhex(path.read_text())
    for first in (0x00, 0x03, 0x40, 0x43, 0x80, 0x83):
        start = bytes([first]) + (token if first >> 6 == 1 else b"")
        (corpus / f"{path.stem}-{first:02x}").write_bytes(start + frame)
PYTHON
}

# Foundation loses the buffer it has read an empty file into.
echo "leak:readBytesFromFile" >"$TMPDIR/suppressions"
export LSAN_OPTIONS=suppressions=$TMPDIR/suppressions:print_suppressions=0
# libFuzzer prints its own account of a crash.
export SWIFT_BACKTRACE=enable=no
mkdir -p .build/fuzz-crashes
for surface in "${surfaces[@]}"; do
  corpus=.build/fuzz-corpus/$surface
  mkdir -p "$corpus"
  if [ "$surface" = connections ]; then frames "$corpus"; fi
  echo "== fuzz-$surface"
  .build/fuzz/debug/fuzz-"$surface" -max_total_time=$((seconds / ${#surfaces[@]})) -max_len=4096 \
    -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix=".build/fuzz-crashes/$surface-" "$corpus"
done
