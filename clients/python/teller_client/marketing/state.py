"""What a run has reached, on disk, so that the next one goes on there."""

from __future__ import annotations

import json
import os
import pathlib
from dataclasses import asdict, dataclass, field, replace

from .rows import InputError, Place

_VERSION = 1


@dataclass(frozen=True)
class Counts:
    """What became of the rows."""

    accepted: int = 0
    duplicate: int = 0
    #: Refused by the server.
    rejected: int = 0
    #: Not sent, because they break a rule that is known here.
    invalid: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.accepted + self.duplicate + self.rejected + self.invalid

    def plus(self, **more: int) -> Counts:
        """With more of some kinds."""
        return replace(self, **{name: getattr(self, name) + count for name, count in more.items()})


@dataclass(frozen=True)
class State:
    """Everything before ``place`` was acknowledged by ``server``."""

    server: str
    place: Place = field(default_factory=Place)
    counts: Counts = field(default_factory=Counts)
    #: Length of the file of rejected rows, and a hash of it.
    rejects_bytes: int = 0
    rejects_sha256: str = ""


def load(path: pathlib.Path, server: str) -> State | None:
    """The state of an earlier run, None where there was none.

    Raises InputError when it is damaged or of another server.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    mend = f"remove {path} to begin anew: what is stored already is answered as duplicate"
    try:
        fields = json.loads(text)
        if fields.pop("version") != _VERSION:
            raise ValueError
        state = State(
            server=fields["server"],
            place=Place(**fields["place"]),
            counts=Counts(**fields["counts"]),
            rejects_bytes=fields["rejects_bytes"],
            rejects_sha256=fields["rejects_sha256"],
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(f"{path}: is no state of this tool; {mend}") from None
    if state.server != server:
        raise InputError(
            f"{path}: is of a run for {state.server}, not {server}; name another with --state"
        )
    return state


def save(path: pathlib.Path, state: State) -> None:
    """Replaces the file in one step: a crash leaves the old state or the new."""
    data = json.dumps({"version": _VERSION, **asdict(state)}, indent=1) + "\n"
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
