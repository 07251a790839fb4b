#!/usr/bin/env bash
# Feeds mutated frames to both sides of a connection, with libFuzzer and the address sanitizer.
# Usage: fuzz.sh [SECONDS]; 60 without. What it learns stays in .build/fuzz-corpus; an input that
# crashes is named at the end: mend the fault, and keep the input as a frame of a test.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
corpus=.build/fuzz-corpus
mkdir -p "$corpus" .build/fuzz-crashes

TELLER_FUZZING=1 swift build --sanitize=fuzzer --sanitize=address --scratch-path .build/fuzz \
  --product fuzz-connections

# Every golden frame, once for each server and once for the client, whole and in pieces of 3 bytes;
# the server that asks for tokens gets one first.
/usr/bin/python3 - "$corpus" proto/golden/*.hex <<'PYTHON'
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
exec .build/fuzz/debug/fuzz-connections -max_total_time="$seconds" -max_len=4096 -timeout=10 \
  -print_final_stats=1 -artifact_prefix=.build/fuzz-crashes/ "$corpus"
