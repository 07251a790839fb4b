#!/usr/bin/env bash
# Trains the stored network anew and lets numpy predict by it; needed when the tensors change.
#
#     make_stored_network.sh .build/release/teller     (needs numpy and safetensors)
set -euo pipefail
teller=$(realpath "$1")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$teller" generate --customers 40 --months 6 --seed 5 --out "$work/bank.csv"
"$teller" import santander "$work/bank.csv" --workspace "$work"
"$teller" train hrnn --workspace "$work" --hidden-dimension 32 --session-hidden-dimension 8 \
  --embedding-dimension 8 --attribute-dimension 8 --epochs 10 --learning-rate 0.02
rm -rf stored
cp -r "$work/models/hrnn-0001" stored
python3 predict_with_numpy.py "$work" hrnn-0001 >stored/predictions.jsonl
python3 - "$work"/dataset/*.safetensors >stored/items.txt <<'PYTHON'
import sys
from safetensors import safe_open
file = safe_open(sys.argv[1], "np")
names, ends = (file.get_tensor("item_ids." + part) for part in ("bytes", "offsets"))
print("\n".join(names[a:b].tobytes().decode() for a, b in zip(ends, ends[1:])))
PYTHON
