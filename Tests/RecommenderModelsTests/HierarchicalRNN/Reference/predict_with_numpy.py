"""Opens a stored network with safetensors and predicts with numpy alone, as 'teller batch' does.

    python3 predict_with_numpy.py WORKSPACE VERSION [VERSION'S FOLDER] > scores.jsonl

Prints a line for each customer: its identifier and every item's score, in the catalogue's order,
for the month after the dataset's last (without a panel: for the next event).
"""
import json
import os
import sys

import numpy as np
from safetensors import safe_open

from panel_features import AGES, bits, walk


def open_tensors(path):
    file = safe_open(path, "np")
    return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def recurrent(p, name, inputs, previous, extra=0):
    """One step of a gated recurrent unit; see HierarchicalNetwork.md for the gates' order."""
    bias, units = p[name + ".bias"], len(previous)
    candidate, reset, update = np.split(inputs + bias[: 3 * units] + extra, 3)
    r, z, n = np.split(previous @ p[name + ".recurrent.weight"], 3)
    reset, update = sigmoid(reset + r), sigmoid(update + z)
    candidate = np.tanh(candidate + reset * (n + bias[3 * units :]))
    return (1 - update) * candidate + update * previous


def customer_attributes(data, description):
    """The columns, and the texts of each categorical one's codes."""
    prefix = "customer_attributes."
    columns = {n[len(prefix) :]: t for n, t in data.items() if n.startswith(prefix)}
    return columns, {
        a["name"]: a.get("categories") or [] for a in description["customer_attributes"]}


def encode_attributes(encoding, columns, categories, customer):
    numbers = []
    for rule in encoding["numeric"]:
        value = np.float32(columns[rule["name"]][customer]) if rule["name"] in columns else np.nan
        known = bool(np.isfinite(value))
        score = np.clip((value - rule["mean"]) / rule["scale"], -5, 5) if known else 0
        numbers += [score, min(score * score, 5), 0 if known else 1]
        if rule.get("logarithm"):
            size = np.sign(value) * np.log1p(abs(value)) if known else 0
            log = rule["logarithm"]
            numbers.append(np.clip((size - log["mean"]) / log["scale"], -5, 5) if known else 0)
        if rule["bandEdges"]:
            band = [0.0] * (len(rule["bandEdges"]) + 1)
            if known:
                band[sum(value >= np.float32(edge) for edge in rule["bandEdges"])] = 1
            numbers += band
    for rule in encoding["categorical"]:
        places = [0.0] * (len(rule["categories"]) + 1)
        place = len(rule["categories"])
        if rule["name"] in columns:
            code = int(columns[rule["name"]][customer])
            names = categories[rule["name"]]
            if code < len(names) and names[code] in rule["categories"]:
                place = rule["categories"].index(names[code])
        places[place] = 1
        numbers += places
    return np.array(numbers, dtype=np.float64)


class Panel:
    """A bank's panel: the probability of each item being taken by a customer without it."""

    def __init__(self, data, description, settings, encoding):
        self.data, self.settings, self.encoding = data, settings, encoding
        self.items = description["items"]
        year, month = description["first_month"].split("-")
        self.first_month = int(year) * 12 + int(month) - 1
        self.months = description["month_count"]
        self.columns, self.categories = customer_attributes(data, description)

    def scores(self, p, customer):
        first, last = self.data["panel.offsets"][customer : customer + 2]
        rows = [
            (int(m), int(h), bool(f & 1)) for m, h, f in zip(
                self.data["panel.months"][first:last], self.data["panel.held"][first:last],
                self.data["panel.flags"][first:last])]
        start = max(rows[0][0], self.months - self.settings["bptt"]) if rows else self.months - 1
        steps = walk(rows, self.items, start, self.months - start, self.first_month)
        attributes = encode_attributes(self.encoding, self.columns, self.categories, customer)
        m = np.tanh(attributes @ p["attributes.weight"] + p["attributes.bias"])
        user = np.tanh(m @ p["user.initial.weight"] + p["user.initial.bias"])
        for step in steps:
            x = p["user.features.weight"][step["features"]].sum(0) + m @ p["user.attributes.weight"]
            if "session.bias" in p:
                state = np.tanh(user @ p["session.start.weight"] + p["session.start.bias"])
                extra = user @ p["session.user.weight"] if "session.user.weight" in p else 0
                for event in step["events"]:
                    inputs = p["session.embedding"][event] @ p["session.input.weight"]
                    state = recurrent(p, "session", inputs, state, extra)
                x = x + state @ p["user.session.weight"]
            user = recurrent(p, "user", x, user)
        z = user @ p["output.weight"] + m @ p["output.attributes.weight"] + p["output.bias"]
        z = z + p["output.month.bias"][step["month_of_year"]]
        z = z + p["output.held.weight"][bits(step["held"])].sum(0)
        for place, item in step["ages"]:
            z[item] += p["output.age.weight"][place, item]
        return sigmoid(z)


class Sequence:
    """Events alone: the probability of each item being the next."""

    def __init__(self, data, description, settings, encoding):
        self.data, self.settings = data, settings
        self.items = description["items"]
        names = description["event_types"]
        negative = {"dropped", "dismissed", "shown", "delete"}
        self.negative = {i for i, name in enumerate(names) if name.lower() in negative}
        self.encoding = encoding
        self.columns, self.categories = customer_attributes(data, description)

    def events(self, customer):
        first, last = self.data["interactions.offsets"][customer : customer + 2]
        usable = [
            (int(self.data["interactions.items"][i]), int(self.data["interactions.timestamps"][i]))
            for i in range(first, last)
            if int(self.data["interactions.event_types"][i]) not in self.negative]
        return usable[-self.settings["event_limit"] :]

    def scores(self, p, customer):
        table = p["item.embedding"]
        width, units = table.shape[1], len(p["session.start.bias"])
        user, part, before = np.zeros(units), 0, None
        start, shift = p["session.start.bias"], 0
        if "attributes.weight" in p:
            attributes = encode_attributes(self.encoding, self.columns, self.categories, customer)
            m = np.tanh(attributes @ p["attributes.weight"] + p["attributes.bias"])
            start = start + m @ p["session.start.attributes.weight"]
            shift = m @ p["output.attributes.weight"]
        state = np.tanh(start)
        events = self.events(customer)
        for item, time in events:
            gap = before is not None and time - before > self.settings["session_gap_seconds"]
            if gap and self.settings["levels"] > 1:
                user = recurrent(p, "user", state @ p["user.input.weight"], user)
                state = np.tanh(user @ p["session.start.weight"] + start)
                part = user @ p["session.user.weight"] if "session.user.weight" in p else 0
            inputs = width**0.5 * table[item] @ p["session.input.weight"]
            state = recurrent(p, "session", inputs, state, part)
            before = time
        query = state @ p["output.weight"] + shift
        query = np.exp(p["output.scale"]) * query / np.linalg.norm(query)
        network = softmax(table @ query + p["output.bias"][:, 0])
        return self.mixed(p, network, [item for item, _ in events][::-1][:10])

    def mixed(self, p, network, recent):
        weights = p["transition.weights"]
        mixture = weights[0] * network
        for number, name in enumerate(["transition.forward", "transition.backward"]):
            rows = {i: self.row(p, name, i, network) for i in recent}
            known = [(i, 1 / (k + 1)) for k, i in enumerate(recent) if rows[i] is not None]
            last, mean = network, network
            if known:
                total = sum(weight for _, weight in known)
                mean = sum(weight / total * rows[i] for i, weight in known)
                if known[0][0] == recent[0]:
                    last = rows[recent[0]]
            mixture = mixture + weights[1 + 2 * number] * last + weights[2 + 2 * number] * mean
        again = network
        if recent:
            again = np.zeros(self.items)
            shares = 1 / np.arange(1, len(recent) + 1)
            np.add.at(again, recent, shares / shares.sum())
        return mixture + weights[5] * again

    def row(self, p, name, item, network):
        """What came after (before) an item, what the row lacks to 1 left to the network; or None."""
        first, last = p[name + ".offsets"][item : item + 2].astype(int)
        if first == last:
            return None
        row = np.zeros(self.items)
        row[p[name + ".items"][first:last].astype(int)] = p[name + ".shares"][first:last]
        return row + (1 - row.sum()) * network


def networks(tensors, metadata):
    """The networks of a file, each with its description; there are several in an ensemble."""
    count = int(metadata.get("networks", 0))
    for prefix in ["network.%d." % i for i in range(count)] or [""]:
        own = {
            n[len(prefix) :]: t.astype(np.float64) for n, t in tensors.items() if n.startswith(prefix)}
        yield own, json.loads(metadata[prefix + "hrnn"])


def main(workspace, version, folder=None):
    folder = folder or os.path.join(workspace, "models", version)
    with open(os.path.join(folder, "manifest.json")) as file:
        settings = json.load(file)["configuration"]
    with open(os.path.join(workspace, "dataset", "dataset.json")) as file:
        pointer = json.load(file)
    description = pointer["description"]
    data, _ = open_tensors(os.path.join(workspace, "dataset", pointer["tensors"]))
    tensors, metadata = open_tensors(os.path.join(folder, "model.safetensors"))
    members = list(networks(tensors, metadata))
    form = Panel if members[0][1]["form"] == "panel" else Sequence
    readers = [form(data, description, settings, own["attributes"]) for _, own in members]
    names, ends = data["customer_ids.bytes"].tobytes(), data["customer_ids.offsets"]
    for customer in range(description["customers"]):
        scores = np.mean(
            [reader.scores(p, customer) for reader, (p, _) in zip(readers, members)], axis=0)
        identifier = names[ends[customer] : ends[customer + 1]].decode()
        print(json.dumps({"user_id": identifier, "scores": [float("%.7g" % s) for s in scores]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
