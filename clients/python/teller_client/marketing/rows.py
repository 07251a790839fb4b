"""Rows of a CSV or JSON-lines file, each with the place where it ends: a later run begins there."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from .. import recommender_pb2 as pb
from .event import FIELDS, REJECT_FIELDS, make_event

LINE_BYTES_MAX = 1 << 20
_CHUNK_BYTES = 1 << 20


class InputError(Exception):
    """The file cannot be read as what it should be."""


@dataclass(frozen=True)
class Place:
    """Between two rows: bytes and lines before it, and a hash of those bytes."""

    offset: int = 0
    line: int = 0
    sha256: str = hashlib.sha256().hexdigest()


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place of a row; ``column`` counts fields in CSV, characters in JSON."""

    column: int
    message: str


@dataclass(frozen=True)
class Row:
    """A row that was read: an event, or what is wrong. ``values`` are the row's own."""

    line: int
    event: pb.FeedbackEvent | None
    problems: tuple[Problem, ...]
    values: Mapping[str, Any]
    end: Place


class Source:
    """Lines of a stream of bytes, counted and hashed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._offset = 0
        self.line = 0

    def place(self) -> Place:
        """Where reading has come to."""
        return Place(self._offset, self.line, self._hash.hexdigest())

    def skip(self, place: Place) -> None:
        """Reads up to a place of an earlier run; raises InputError when the bytes are others."""
        while self._offset < place.offset:
            data = self._stream.read(min(_CHUNK_BYTES, place.offset - self._offset))
            if not data:
                break
            self._take(data)
        if (self._offset, self._hash.hexdigest()) != (place.offset, place.sha256):
            raise InputError(
                f"the first {place.offset} bytes, which an earlier run has submitted, are not the "
                "same any more"
            )
        self.line = place.line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = self._stream.readline(LINE_BYTES_MAX + 1)
        if not data:
            raise StopIteration
        self.line += 1
        if len(data) > LINE_BYTES_MAX:
            raise InputError(f"line {self.line}: is longer than {LINE_BYTES_MAX} bytes")
        is_first = self._offset == 0
        self._take(data)
        return data.decode("utf-8-sig" if is_first else "utf-8")

    def _take(self, data: bytes) -> None:
        self._offset += len(data)
        self._hash.update(data)


def read_csv(source: Source, start: Place, defaults: Mapping[str, str]) -> Iterator[Row]:
    """Rows of a CSV file with a header, from ``start`` on."""
    # The header's line is the first thing in the file, also where a later run begins.
    try:
        columns = [column.strip() for column in next(csv.reader(source, strict=True), [])]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"line 1: the header cannot be read: {error}") from None
    _check_columns(columns, defaults)
    if start.offset > 0:
        source.skip(start)
    reader = csv.reader(source, strict=True)
    while True:
        line = source.line + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _bad_row(source, line, Problem(1, f"is no CSV: {error}"))
            continue
        except UnicodeDecodeError as error:
            yield _bad_row(source, source.line, Problem(error.start + 1, "is not UTF-8"))
            continue
        if not fields:
            continue
        values = dict(zip(columns, fields, strict=False))
        if len(fields) != len(columns):
            problem = Problem(
                min(len(fields), len(columns)) + 1,
                f"has {len(fields)} fields, the header {len(columns)}",
            )
            yield Row(line, None, (problem,), values, source.place())
            continue
        places = {name: index + 1 for index, name in enumerate(columns)}
        yield _row(source, line, values, defaults, places)


def _check_columns(columns: list[str], defaults: Mapping[str, str]) -> None:
    known = (*FIELDS, *REJECT_FIELDS)
    unknown = [column for column in columns if column not in known]
    if unknown:
        raise InputError(
            f"line 1: column {columns.index(unknown[0]) + 1}, {unknown[0]!r}, is not known; there "
            f"are {', '.join(FIELDS)}"
        )
    repeated = [column for index, column in enumerate(columns) if column in columns[:index]]
    if repeated:
        raise InputError(f"line 1: {repeated[0]!r} stands there twice")
    for name in ("user_id", "item_id", "type"):
        if name not in columns and name not in defaults:
            raise InputError(
                f"line 1: there is no column {name} (--set {name}=... gives it to all rows)"
            )


def read_json_lines(source: Source, start: Place, defaults: Mapping[str, str]) -> Iterator[Row]:
    """Rows of a file with a JSON object on each line, from ``start`` on."""
    source.skip(start)
    while True:
        try:
            text = next(source)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            yield _bad_row(source, source.line, Problem(error.start + 1, "is not UTF-8"))
            continue
        if not text.strip():
            continue
        try:
            values = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            column = error.colno if isinstance(error, json.JSONDecodeError) else 1
            message = error.msg if isinstance(error, json.JSONDecodeError) else "is nested too deep"
            yield _bad_row(source, source.line, Problem(column, f"is no JSON: {message}"))
            continue
        if not isinstance(values, dict):
            yield _bad_row(source, source.line, Problem(1, "is no JSON object"))
            continue
        # Where each field's name stands; the first place where it is a value elsewhere, too.
        places = {name: max(text.find(json.dumps(name)), 0) + 1 for name in values}
        unknown = [name for name in values if name not in (*FIELDS, *REJECT_FIELDS)]
        if unknown:
            message = f"{unknown[0]}: is not known; there are {', '.join(FIELDS)}"
            problem = Problem(places[unknown[0]], message)
            yield Row(source.line, None, (problem,), values, source.place())
            continue
        yield _row(source, source.line, values, defaults, places)


def _row(
    source: Source,
    line: int,
    values: Mapping[str, Any],
    defaults: Mapping[str, str],
    places: Mapping[str, int],
) -> Row:
    given = {name: value for name, value in values.items() if value not in ("", None)}
    event, problems = make_event({**defaults, **given})
    return Row(
        line,
        event,
        tuple(Problem(places.get(name, 1), f"{name}: {message}") for name, message in problems),
        values,
        source.place(),
    )


def _bad_row(source: Source, line: int, problem: Problem) -> Row:
    return Row(line, None, (problem,), {}, source.place())
