"""What every reference run has in common: random parameters, ten steps of training, a file.

The optimiser is that of the program: AdamW with decoupled decay of the weights alone, gradients
shortened to a length, and a one-cycle learning rate. All is computed in float64.
"""
import torch
from safetensors.torch import save_file

STEPS = 10
LEARNING_RATE = 0.01
WEIGHT_DECAY = 0.1
# Short enough that every step's gradient is shortened.
GRADIENT_CLIP = 0.25


def gated_recurrent_unit(inputs, previous, recurrent_weight, recurrent_bias):
    """inputs: [.., 3 units], biases included, in the order candidate, reset, update."""
    units = previous.shape[-1]
    candidate, reset, update = inputs.split(units, -1)
    r, z, n = (previous @ recurrent_weight).split(units, -1)
    reset = torch.sigmoid(reset + r)
    update = torch.sigmoid(update + z)
    candidate = torch.tanh(candidate + reset * (n + recurrent_bias))
    return (1 - update) * candidate + update * previous


def random_parameters(shapes, scale, generator):
    # Rounded to float32 at once, so that what is stored is what was computed with.
    return {
        name: (torch.randn(shape, generator=generator) * scale).double().requires_grad_()
        for name, shape in shapes.items()
    }


def write_reference(path, parameters, decayed, loss_of, changed, tensors, metadata):
    """loss_of(parameters) -> (mean loss, logits); changed(parameters) follows each step."""
    loss, logits = loss_of(parameters)
    loss.backward()
    stored = dict(tensors)
    for name, value in parameters.items():
        stored["parameter." + name] = value.detach().clone()
        gradient = torch.zeros_like(value) if value.grad is None else value.grad
        stored["gradient." + name] = gradient.clone()
    stored["logits"] = logits.detach()
    groups = [
        {"params": [parameters[n] for n in parameters if n in decayed], "weight_decay": WEIGHT_DECAY},
        {"params": [parameters[n] for n in parameters if n not in decayed], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=STEPS, cycle_momentum=False)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss, _ = loss_of(parameters)
        losses.append(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), GRADIENT_CLIP)
        optimizer.step()
        if step + 1 < STEPS:
            schedule.step()
        with torch.no_grad():
            changed(parameters)
    stored["losses"] = torch.tensor(losses, dtype=torch.float64)
    metadata = {
        "steps": str(STEPS), "learning_rate": str(LEARNING_RATE),
        "weight_decay": str(WEIGHT_DECAY), "gradient_clip": str(GRADIENT_CLIP),
        "torch": torch.__version__, **metadata,
    }
    stored = {
        name: (value.float() if value.is_floating_point() else value).contiguous()
        for name, value in stored.items()
    }
    save_file(stored, path, metadata)
    print(path, "losses", " ".join("%.5f" % loss for loss in losses))
