#!/usr/bin/env python3
"""Computes ranking metrics of seeded random rankings by scikit-learn and by set formulas in numpy.

Usage: make_reference.py VERSION.json      (needs numpy and scikit-learn)
The committed reference.json was written with the versions that it names.

NDCG and log-loss are scikit-learn's own; average precision is its average_precision_score over the
first k places, rescaled from the hits found to min(k, relevant). Recall, precision, hit rate and
reciprocal rank are computed from the 0/1 matrix of hits, Gini from the mean absolute difference,
calibration errors in numpy with the program's rule for bins.
"""
import json
import sys

import numpy
import sklearn
from sklearn.metrics import average_precision_score, log_loss, ndcg_score

generator = numpy.random.default_rng(20160528)
cases = []
for case in range(40):
    items = int(generator.integers(5, 40))
    ranked = generator.permutation(items)[: int(generator.integers(2, items + 1))]
    relevant = generator.choice(items, size=int(generator.integers(1, min(items, 9))), replace=False)
    truth = numpy.isin(numpy.arange(items), relevant).astype(float)
    # Unranked items share the lowest score, and are counted as not found.
    hits = numpy.isin(ranked, relevant).astype(float)
    metrics = {}
    for k in (1, 5, 7, 10, 25):
        top = hits[:k]
        found = int(top.sum())
        average = 0.0
        if found and len(top) > 1:
            average = average_precision_score(top, -numpy.arange(len(top)))
        elif found:
            average = 1.0
        # Positions instead of items: a list that is complete for scikit-learn, misses included.
        length = max(len(ranked) + len(relevant), k, 2)
        gains = numpy.zeros(length)
        gains[: len(hits)] = hits
        missing = len(relevant) - int(hits.sum())
        if missing:
            gains[length - missing:] = 1.0
            # What is not ranked must not be found in k places.
            if length - missing < k:
                gains = numpy.concatenate([gains[: len(hits)], numpy.zeros(k), numpy.ones(missing)])
        order = -numpy.arange(len(gains), dtype=float)
        metrics[str(k)] = {
            "average_precision": average * found / min(k, len(relevant)),
            "ndcg": ndcg_score([gains], [order], k=k),
            "recall": found / len(relevant),
            "precision": found / k,
            "hit_rate": float(found > 0),
            "reciprocal_rank": float(numpy.max(top / (1 + numpy.arange(len(top))), initial=0.0)),
        }
    cases.append({
        "ranked": ranked.tolist(), "relevant": sorted(relevant.tolist()), "metrics": metrics})

exposures = generator.integers(0, 50, size=24)
gini = numpy.abs(exposures[:, None] - exposures[None, :]).mean() / (2 * exposures.mean())
having = generator.integers(0, 100, size=24)
novelty = numpy.average(-numpy.log2((having + 1) / 101), weights=exposures)

probabilities = generator.beta(0.5, 3, size=2000).astype(numpy.float32)
outcomes = (generator.random(2000) < probabilities ** 1.2).astype(int)


def calibration_error(probabilities, pairs, positives, bins=20):
    """ECE with bins of equal mass that never part floats with the same upper 16 bits."""
    group = probabilities.view(numpy.uint32) >> 16
    groups = numpy.unique(group)
    mass = numpy.array([pairs[group == g].sum() for g in groups])
    predicted = numpy.array([(probabilities.astype(float) * pairs)[group == g].sum() for g in groups])
    observed = numpy.array([positives[group == g].sum() for g in groups])
    total, error, start, done = mass.sum(), 0.0, 0, 0
    for end in range(1, len(groups) + 1):
        if mass[:end].sum() * bins >= total * (done + 1):
            error += abs(predicted[start:end].sum() - observed[start:end].sum())
            start, done = end, done + 1
    return error / total, done


error, bins = calibration_error(probabilities, numpy.ones(2000, dtype=int), outcomes)

# Hazards as small as a bank's, each for many pairs.
hazards = numpy.exp(generator.normal(-7.5, 1.5, size=300)).astype(numpy.float32)
pairs = generator.integers(200, 3000, size=300)
positives = generator.binomial(pairs, numpy.minimum(1.3 * hazards, 1))
hazard_error, hazard_bins = calibration_error(hazards, pairs, positives)
mean = positives.sum() / pairs.sum()
hazard_loss = log_loss(
    numpy.tile([1, 0], 300), numpy.clip(numpy.repeat(hazards.astype(float), 2), 1e-7, 1 - 1e-7),
    sample_weight=numpy.stack([positives, pairs - positives], axis=1).ravel())

with open(sys.argv[1], "w") as file:
    json.dump({
        "made_by": f"numpy {numpy.__version__}, scikit-learn {sklearn.__version__}",
        "cases": cases,
        "exposure": {
            "exposures": exposures.tolist(), "customers_with_item": having.tolist(),
            "customers": 100, "gini": gini, "novelty": novelty},
        "calibration": {
            "probabilities": [float(p) for p in probabilities], "outcomes": outcomes.tolist(),
            "log_loss": log_loss(outcomes, numpy.clip(probabilities.astype(float), 1e-7, 1 - 1e-7)),
            "expected_calibration_error": error, "bins": bins},
        "hazards": {
            "probabilities": [float(p) for p in hazards], "pairs": pairs.tolist(),
            "positives": positives.tolist(), "log_loss": hazard_loss,
            "constant_log_loss": log_loss(
                [1, 0], [mean, mean], sample_weight=[mean, 1 - mean]),
            "expected_calibration_error": hazard_error,
            "relative_calibration_error": hazard_error / mean, "bins": hazard_bins},
    }, file, separators=(",", ":"))
    file.write("\n")
