"""Writes sequence-init.safetensors and sequence-all.safetensors: the network without a panel in
PyTorch, from the equations of HierarchicalNetwork.md and the tensors' names.

    python3 make_sequence_reference.py      (needs torch and safetensors)
"""
import os
import torch
from reference_training import gated_recurrent_unit, random_parameters, write_reference

ITEMS, EMBEDDING, UNITS = 9, 4, 5


def make_events(generator):
    """Customers' (item, opens a session) pairs, longest first; the last one is only predicted."""
    customers = []
    for count in [8, 7, 7, 5, 4, 3, 2, 2]:
        items = torch.randint(ITEMS, (count,), generator=generator).tolist()
        opens = (torch.rand(count, generator=generator) < 0.4).tolist()
        customers.append([(item, bool(open)) for item, open in zip(items, opens)])
    return customers


def forward(p, events, propagates):
    """The logits after each event but the last. [events - 1, items]"""
    table = p["item.embedding"]
    table = table / table.norm(dim=1, keepdim=True)
    user = torch.zeros(UNITS, dtype=torch.float64)
    state = torch.tanh(p["session.start.bias"])
    user_part = torch.zeros(3 * UNITS, dtype=torch.float64)
    states = []
    for step, (item, opens) in enumerate(events[:-1]):
        if step > 0 and opens:
            inputs = state @ p["user.input.weight"] + p["user.bias"][: 3 * UNITS]
            user = gated_recurrent_unit(
                inputs, user, p["user.recurrent.weight"], p["user.bias"][3 * UNITS :])
            state = torch.tanh(user @ p["session.start.weight"] + p["session.start.bias"])
            if propagates:
                user_part = user @ p["session.user.weight"]
        inputs = EMBEDDING**0.5 * table[item] @ p["session.input.weight"]
        inputs = inputs + p["session.bias"][: 3 * UNITS] + user_part
        state = gated_recurrent_unit(
            inputs, state, p["session.recurrent.weight"], p["session.bias"][3 * UNITS :])
        states.append(state)
    queries = torch.stack(states) @ p["output.weight"]
    queries = torch.exp(p["output.scale"]) * queries / queries.norm(dim=1, keepdim=True)
    return queries @ table.T + p["output.bias"][:, 0]


def make(name, propagates, seed):
    generator = torch.Generator().manual_seed(seed)
    shapes = {
        "session.input.weight": (EMBEDDING, 3 * UNITS),
        "session.recurrent.weight": (UNITS, 3 * UNITS),
        "session.bias": (4 * UNITS,), "session.start.weight": (UNITS, UNITS),
        "session.start.bias": (UNITS,), "user.input.weight": (UNITS, 3 * UNITS),
        "user.recurrent.weight": (UNITS, 3 * UNITS), "user.bias": (4 * UNITS,),
        "output.weight": (UNITS, EMBEDDING), "output.scale": (1,),
        "item.embedding": (ITEMS, EMBEDDING), "output.bias": (ITEMS, 1),
    }
    if propagates:
        shapes["session.user.weight"] = (UNITS, 3 * UNITS)
    parameters = random_parameters(shapes, 0.5, generator)
    customers = make_events(generator)
    count = sum(len(events) - 1 for events in customers)

    def normalise(p):
        p["item.embedding"] /= p["item.embedding"].norm(dim=1, keepdim=True)

    with torch.no_grad():
        normalise(parameters)
        parameters["item.embedding"].copy_(parameters["item.embedding"].float().double())

    def loss_of(p):
        logits = [forward(p, events, propagates) for events in customers]
        loss = 0
        for events, rows in zip(customers, logits):
            targets = torch.tensor([item for item, _ in events[1:]])
            loss = loss + torch.nn.functional.cross_entropy(rows, targets, reduction="sum")
        return loss / count, torch.cat(logits)

    lengths = torch.tensor([len(events) for events in customers])
    flat = [event for events in customers for event in events]
    tensors = {
        "lengths": lengths.to(torch.uint8),
        "items": torch.tensor([item for item, _ in flat]).to(torch.uint8),
        "opens": torch.tensor([opens for _, opens in flat]).to(torch.uint8),
    }
    decayed = {n for n in shapes if n.endswith("weight")}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    write_reference(path, parameters, decayed, loss_of, normalise, tensors, {})


make("sequence-init.safetensors", False, 1)
make("sequence-all.safetensors", True, 2)
