"""Writes panel-init, panel-all and panel-one-level.safetensors: the network of a bank's panel in
PyTorch, from the equations of HierarchicalNetwork.md and the tensors' names.

    python3 make_panel_reference.py      (needs torch and safetensors)
"""
import os
import torch
from panel_features import AGES, JOINING_MONTHS, bits, walk
from reference_training import gated_recurrent_unit, random_parameters, write_reference

ITEMS, ATTRIBUTES, PROJECTION, EMBEDDING, SESSION, USER = 5, 3, 4, 3, 4, 6
MONTHS, FIRST_MONTH_NUMBER = 7, 2015 * 12
FEATURES = 3 * ITEMS + JOINING_MONTHS + 1 + 2 + 12
RANKING_WEIGHT, HAZARD_WEIGHT = 1.0, 0.5


def make_customers(generator):
    """(rows, attributes) of customers, the longest history first; some have gaps."""
    def draw():
        return torch.rand(1, generator=generator).item()

    customers = []
    for first in [0, 0, 0, 1, 1, 2, 3, 4]:
        held, rows = 1, []
        for month in range(first, MONTHS):
            for item in range(ITEMS):
                if draw() < 0.25:
                    held ^= 1 << item
            if month in (first, MONTHS - 1) or draw() > 0.15:
                rows.append((month, held, draw() < 0.7))
        customers.append((rows, torch.randn(ATTRIBUTES, generator=generator).double()))
    return customers


def unit(p, name, inputs, previous):
    bias, units = p[name + ".bias"], previous.shape[-1]
    return gated_recurrent_unit(
        inputs + bias[: 3 * units], previous, p[name + ".recurrent.weight"], bias[3 * units :])


def forward(p, steps, attributes, levels, propagates):
    """The logits of each step. [steps, items]"""
    m = torch.tanh(attributes @ p["attributes.weight"] + p["attributes.bias"])
    user = torch.tanh(m @ p["user.initial.weight"] + p["user.initial.bias"])
    logits = []
    for step in steps:
        inputs = p["user.features.weight"][step["features"]].sum(0)
        inputs = inputs + m @ p["user.attributes.weight"]
        if levels == 2:
            state = torch.tanh(user @ p["session.start.weight"] + p["session.start.bias"])
            for event in step["events"]:
                x = p["session.embedding"][event] @ p["session.input.weight"]
                if propagates:
                    x = x + user @ p["session.user.weight"]
                state = unit(p, "session", x, state)
            inputs = inputs + state @ p["user.session.weight"]
        user = unit(p, "user", inputs, user)
        z = user @ p["output.weight"] + m @ p["output.attributes.weight"] + p["output.bias"]
        z = z + p["output.month.bias"][step["month_of_year"]]
        z = z + p["output.held.weight"][bits(step["held"])].sum(0)
        for place, item in step["ages"]:
            one = torch.zeros(ITEMS, dtype=torch.float64)
            one[item] = 1
            z = z + one * p["output.age.weight"][place, item]
        logits.append(z)
    return torch.stack(logits)


def loss_of_step(z, step):
    free = [item for item in range(ITEMS) if not step["held"] >> item & 1]
    taken = torch.tensor([float(step["taken"] >> item & 1) for item in free], dtype=torch.float64)
    z = z[free]
    ranking = -(torch.log_softmax(z, 0) * taken).sum()
    hazard = torch.nn.functional.binary_cross_entropy_with_logits(z, taken, reduction="sum")
    return RANKING_WEIGHT * ranking + HAZARD_WEIGHT * hazard


def make(name, levels, propagates, seed):
    generator = torch.Generator().manual_seed(seed)
    shapes = {
        "attributes.weight": (ATTRIBUTES, PROJECTION), "attributes.bias": (PROJECTION,),
        "user.initial.weight": (PROJECTION, USER), "user.initial.bias": (USER,),
        "user.features.weight": (FEATURES, 3 * USER),
        "user.attributes.weight": (PROJECTION, 3 * USER),
        "user.recurrent.weight": (USER, 3 * USER), "user.bias": (4 * USER,),
        "output.weight": (USER, ITEMS), "output.held.weight": (ITEMS, ITEMS),
        "output.age.weight": (2 * (AGES + 1), ITEMS),
        "output.attributes.weight": (PROJECTION, ITEMS),
        "output.month.bias": (12, ITEMS), "output.bias": (ITEMS,),
    }
    if levels == 2:
        shapes.update({
            "session.embedding": (2 * ITEMS, EMBEDDING),
            "session.input.weight": (EMBEDDING, 3 * SESSION),
            "session.recurrent.weight": (SESSION, 3 * SESSION), "session.bias": (4 * SESSION,),
            "session.start.weight": (USER, SESSION), "session.start.bias": (SESSION,),
            "user.session.weight": (SESSION, 3 * USER),
        })
    if propagates:
        shapes["session.user.weight"] = (USER, 3 * SESSION)
    parameters = random_parameters(shapes, 0.5, generator)
    customers = make_customers(generator)
    walks = [
        walk(rows, ITEMS, rows[0][0], MONTHS - 1 - rows[0][0], FIRST_MONTH_NUMBER)
        for rows, _ in customers
    ]
    assert [len(steps) for steps in walks] == sorted((len(s) for s in walks), reverse=True)
    taken = sum(
        bin(step["taken"]).count("1") for steps in walks for step in steps if step["has_target"])

    def loss_of(p):
        logits = [
            forward(p, steps, attributes, levels, propagates)
            for steps, (_, attributes) in zip(walks, customers)
        ]
        loss = sum(
            loss_of_step(z, step)
            for rows, steps in zip(logits, walks) for z, step in zip(rows, steps)
            if step["has_target"])
        return loss / taken, torch.cat(logits)

    flat = [row for rows, _ in customers for row in rows]
    tensors = {
        "rows": torch.tensor([len(rows) for rows, _ in customers]).to(torch.uint8),
        "months": torch.tensor([month for month, _, _ in flat]).to(torch.uint8),
        "held": torch.tensor([held for _, held, _ in flat]).to(torch.uint8),
        "active": torch.tensor([active for _, _, active in flat]).to(torch.uint8),
        "attributes": torch.stack([attributes for _, attributes in customers]),
    }
    decayed = {n for n in shapes if n.endswith("weight")} | {"session.embedding"}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    metadata = {
        "first_month": str(FIRST_MONTH_NUMBER), "months": str(MONTHS), "taken": str(taken),
        "ranking_weight": str(RANKING_WEIGHT), "hazard_weight": str(HAZARD_WEIGHT),
    }
    write_reference(path, parameters, decayed, loss_of, lambda p: None, tensors, metadata)


if __name__ == "__main__":
    make("panel-init.safetensors", 2, False, 1)
    make("panel-all.safetensors", 2, True, 2)
    make("panel-one-level.safetensors", 1, False, 3)
