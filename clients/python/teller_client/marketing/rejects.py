"""The file of rows that were not accepted: the input's form with the reason, to mend and submit."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import pathlib
from collections.abc import Sequence
from typing import BinaryIO, cast

from .event import REJECT_FIELDS
from .rows import Row


class RejectsFile:
    """Appends behind the ``length`` bytes an earlier run has noted; what stands there beyond is of
    a batch that was cut short, and is overwritten.

    A file that was taken away is begun anew. One that was changed (mended in its place, perhaps) is
    not touched: FileExistsError. Nothing is opened before there is something to write.
    """

    def __init__(self, path: pathlib.Path | None, form: str, length: int, sha256: str) -> None:
        self.path = path
        self._form = form
        self.length = length
        self._hash = hashlib.sha256()
        # The columns stand in the file already when an earlier run wrote it.
        self._columns: list[str] | None = None
        if path is None or length == 0:
            return
        try:
            with open(path, "rb") as file:
                self._hash.update(file.read(length))
        except FileNotFoundError:
            self.length = 0
            return
        if self._hash.hexdigest() != sha256:
            raise FileExistsError(
                errno.EEXIST, "was changed since the last run: move it away or name another", path
            )

    @property
    def sha256(self) -> str:
        """A hash of the ``length`` bytes."""
        return self._hash.hexdigest()

    def append(self, rejects: Sequence[tuple[Row, str]]) -> None:
        """Writes rows and why, and waits until they are on the disk."""
        if self.path is None or not rejects:
            return
        mode = "r+b" if self.length > 0 else "wb"
        with open(self.path, mode) as file:
            if self._form == "csv" and self._columns is None:
                self._columns = self._read_columns(cast(BinaryIO, file)) or _columns(rejects)
            file.truncate(self.length)
            file.seek(self.length)
            data = self._text(rejects).encode("utf-8", "surrogatepass")
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            self.length = file.tell()
            self._hash.update(data)

    def _read_columns(self, file: BinaryIO) -> list[str]:
        if self.length == 0:
            return []
        text = file.readline().decode("utf-8")
        return next(csv.reader([text]))

    def _text(self, rejects: Sequence[tuple[Row, str]]) -> str:
        if self._form != "csv":
            return "".join(
                json.dumps({**row.values, **_reason(row, why)}, ensure_ascii=False) + "\n"
                for row, why in rejects
            )
        output = io.StringIO()
        writer = csv.DictWriter(
            output, self._columns or [], restval="", extrasaction="ignore", lineterminator="\n"
        )
        if self.length == 0:
            writer.writeheader()
        writer.writerows({**row.values, **_reason(row, why)} for row, why in rejects)
        return output.getvalue()


def _columns(rejects: Sequence[tuple[Row, str]]) -> list[str]:
    # A row that could not be read has no columns.
    names = [name for row, _ in rejects for name in row.values if name not in REJECT_FIELDS]
    return list(dict.fromkeys([*names, *REJECT_FIELDS]))


def _reason(row: Row, why: str) -> dict[str, str | int]:
    return {"reject_line": row.line, "reject_reason": why}
