"""The command line of the tool."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import pathlib
import ssl
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import BinaryIO, TextIO

from ..address import Address
from ..client import Client
from ..errors import TellerError, Unavailable
from ..retry import NO_RETRY
from . import rows as readers
from . import state as states
from .event import FIELDS
from .rejects import RejectsFile
from .rows import InputError, Row, Source
from .state import State
from .submit import Submission, batch_size_is_good

EXIT_ACCEPTED = 0
EXIT_REJECTED = 1
EXIT_USAGE = 64
EXIT_DATA = 65
EXIT_NO_INPUT = 66
EXIT_UNAVAILABLE = 69
EXIT_CANNOT_WRITE = 73
EXIT_REFUSED = 77
EXIT_INTERRUPTED = 130

#: Problems printed before the rest is left to the file of rejected rows.
_PROBLEMS_SHOWN_MAX = 20
_PROGRESS_SECONDS = 1.0

_DESCRIPTION = """\
Submits feedback to a Teller server from a CSV file with a header, or from JSON lines.

Each row is one event. Columns: user_id, item_id, type (shown, clicked, accepted, dismissed,
dropped), time (ISO 8601, UTC where no zone is given, or milliseconds since 1970), and where
known event_id, recommendation_id, session_id, channel, value, impression_item_ids (in CSV
separated by "|"). A row without event_id needs a time: its id is then made of its fields, so
that the same row counts once, however often and from whichever file it is submitted.

What was acknowledged is noted in FILE.state. A run that was interrupted, even killed, goes on
there when it is started again; rows added since are submitted, too. Rows that were not accepted
are written to FILE.rejects.csv (or .jsonl) with the reason, to be mended and submitted.
"""
_EPILOGUE = """\
example:
  teller-feedback --server 127.0.0.1:7001 --set channel=mail campaign.csv

exit codes: 0 all accepted (now or before), 1 some rows were not, 64 wrong use, 65 no such format,
66 no input, 69 no server, 73 cannot write, 77 the server refuses the caller, 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the tool; returns its exit code."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as error:
        # argparse ends with 2 for wrong use.
        return EXIT_USAGE if error.code else 0
    try:
        return _Run(options).run()
    except _UsageError as error:
        return _fail(EXIT_USAGE, str(error))
    except InputError as error:
        return _fail(EXIT_DATA, f"{options.file}: {error}")
    except FileNotFoundError as error:
        return _fail(EXIT_NO_INPUT, f"{error.filename}: {error.strerror}")
    except OSError as error:
        return _fail(EXIT_CANNOT_WRITE, f"{error.filename or ''}: {error.strerror or error}")


class _UsageError(Exception):
    pass


def _fail(code: int, message: str) -> int:
    print(f"teller-feedback: {message}", file=sys.stderr)
    return code


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    """Whom the tool trusts and who it is; None for no TLS."""
    own = options.tls_certificate
    if not (options.tls or options.tls_ca or own or options.tls_server_name):
        return None
    file = options.tls_ca
    try:
        context = ssl.create_default_context(cafile=file)
        if own is not None:
            file = own if options.tls_key is None else f"{own} and {options.tls_key}"
            context.load_cert_chain(own, options.tls_key)
    except OSError as error:
        # OpenSSL does not say which of the files it was, nor more than "PEM lib" of most.
        is_pem = isinstance(error, ssl.SSLError)
        reason = "no certificate and key in PEM form" if is_pem else error.strerror
        raise _UsageError(f"{file}: {reason}") from None
    return context


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="teller-feedback",
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", metavar="FILE", help="a file, or - for standard input")
    add("--server", metavar="HOST:PORT", help="where the server listens")
    add("--format", choices=("csv", "jsonl"), help="else by the file's name; csv for -")
    add(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="a value for rows that do not give one; may be repeated",
    )
    add("--batch", type=int, default=500, help="events in one request, 1 to 1000 (500)")
    add("--timeout", type=float, default=30.0, help="seconds for one request (30)")
    add("--patience", type=float, default=60.0, help="seconds to wait for the server (60)")
    add("--state", type=pathlib.Path, help="FILE.state; for - none")
    add("--rejects", type=pathlib.Path, help="FILE.rejects.csv or .jsonl; for - none")
    add("--dry-run", action="store_true", help="check every row, send nothing, write nothing")
    add("--json", action="store_true", help="print the report as one JSON object")
    add("--progress", action="store_true", help="tell how far it is, not only on a terminal")
    add("--token-file", type=pathlib.Path, help="a bearer token, on one line")
    add("--tls", action="store_true", help="speak TLS; trusts the system's authorities")
    add("--tls-ca", metavar="FILE", help="speak TLS; trusts these authorities")
    add("--tls-certificate", metavar="FILE", help="the client's certificate and its chain")
    add("--tls-key", metavar="FILE", help="its private key, where it is not in the same file")
    add("--tls-server-name", metavar="NAME", help="the name in the server's certificate")
    return parser


class _Run:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._defaults = self._read_defaults()
        self._form: str = options.format or self._form_by_name()
        if not options.dry_run and options.server is None:
            raise _UsageError("--server HOST:PORT is missing (or --dry-run)")
        if options.server is not None:
            try:
                Address.parse(options.server)
            except ValueError as error:
                raise _UsageError(f"--server: {error}") from None
        if not batch_size_is_good(options.batch):
            raise _UsageError(f"--batch: is {options.batch}, 1 to 1000 are allowed")
        if options.timeout <= 0 or options.patience < 0:
            raise _UsageError("--timeout and --patience must be positive")
        self._shown = 0
        self._told_at = time.monotonic()
        self._tells = options.progress or sys.stderr.isatty()

    def _read_defaults(self) -> dict[str, str]:
        defaults: dict[str, str] = {}
        for setting in self._options.set:
            name, equals, value = setting.partition("=")
            if not equals or name not in FIELDS or name == "event_id":
                fields = ", ".join(name for name in FIELDS if name != "event_id")
                raise _UsageError(f"--set {setting}: must be FIELD=VALUE with one of {fields}")
            defaults[name] = value
        return defaults

    def _form_by_name(self) -> str:
        suffix = pathlib.Path(self._options.file).suffix.lower()
        return "jsonl" if suffix in (".jsonl", ".ndjson", ".json") else "csv"

    def run(self) -> int:
        options = self._options
        state_path, rejects_path = self._paths()
        state: State | None = None
        if state_path is not None and not options.dry_run:
            state = states.load(state_path, options.server)
        if state is None:
            state = State(options.server or "")
            if rejects_path is not None and not options.dry_run and rejects_path.exists():
                raise FileExistsError(
                    errno.EEXIST,
                    "is there from another run: move it away or name another",
                    rejects_path,
                )
        before = state.counts.rows
        if before > 0 and self._tells:
            print(f"going on behind row {before:,}", file=sys.stderr)
        with contextlib.ExitStack() as stack:
            stream: BinaryIO = sys.stdin.buffer
            if options.file != "-":
                stream = stack.enter_context(open(options.file, "rb"))
            client = None if options.dry_run else stack.enter_context(self._client())
            submission = Submission(
                client,
                state,
                state_path,
                RejectsFile(rejects_path, self._form, state.rejects_bytes, state.rejects_sha256),
                batch_size=options.batch,
                patience=options.patience,
                on_batch=self._tell,
            )
            return self._submit(submission, Source(stream), before)

    def _submit(self, submission: Submission, source: Source, before: int) -> int:
        read = readers.read_csv if self._form == "csv" else readers.read_json_lines
        rows = read(source, submission.state.place, self._defaults)
        code = None
        try:
            submission.run(self._shown_rows(rows))
        except KeyboardInterrupt:
            code = _fail(EXIT_INTERRUPTED, "interrupted; started again, it goes on")
        except Unavailable as error:
            code = _fail(EXIT_UNAVAILABLE, f"{error}; started again, it goes on")
        except TellerError as error:
            code = _fail(EXIT_REFUSED, f"{error}; started again, it goes on")
        self._report(submission, before)
        counts = submission.state.counts
        if code is None:
            code = EXIT_REJECTED if counts.rejected + counts.invalid > 0 else EXIT_ACCEPTED
        return code

    def _paths(self) -> tuple[pathlib.Path | None, pathlib.Path | None]:
        options = self._options
        state, rejects = options.state, options.rejects
        if options.file != "-":
            state = state or pathlib.Path(options.file + ".state")
            rejects = rejects or pathlib.Path(f"{options.file}.rejects.{self._form}")
        return state, rejects

    def _client(self) -> Client:
        options = self._options
        token = None
        if options.token_file is not None:
            token = options.token_file.read_text("utf-8").strip()
        return Client(
            options.server,
            timeout=options.timeout,
            retry=NO_RETRY,
            token=token,
            tls=_tls(options),
            server_hostname=options.tls_server_name,
        )

    def _shown_rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            for problem in row.problems:
                self._shown += 1
                if self._shown <= _PROBLEMS_SHOWN_MAX:
                    place = f"{self._options.file}:{row.line}:{problem.column}"
                    print(f"{place}: {problem.message}", file=sys.stderr)
                elif self._shown == _PROBLEMS_SHOWN_MAX + 1:
                    print("... and more", file=sys.stderr)
            yield row

    def _tell(self, state: State) -> None:
        now = time.monotonic()
        if not self._tells or now - self._told_at < _PROGRESS_SECONDS:
            return
        self._told_at = now
        counts = state.counts
        print(
            f"{counts.rows:,} rows: {counts.accepted:,} accepted, {counts.duplicate:,} duplicate, "
            f"{counts.rejected + counts.invalid:,} not accepted",
            file=sys.stderr,
        )

    def _report(self, submission: Submission, before: int) -> None:
        state, options = submission.state, self._options
        rejects = submission._rejects.path if state.rejects_bytes > 0 else None
        if options.json:
            report = {
                "file": options.file,
                "rows": state.counts.rows,
                "rows_before": before,
                **asdict(state.counts),
                "reasons": dict(submission.reasons.most_common()),
                "rejects_file": None if rejects is None else str(rejects),
            }
            print(json.dumps(report, ensure_ascii=False))
            return
        _print_report(submission, options.file, before, options.dry_run, rejects, sys.stdout)


def _print_report(
    submission: Submission,
    file: str,
    before: int,
    is_dry: bool,
    rejects: pathlib.Path | None,
    output: TextIO,
) -> None:
    counts = submission.state.counts
    earlier = f", {before:,} of them in earlier runs" if before else ""
    print(f"{file}: {counts.rows:,} rows{earlier}", file=output)
    print(f"{'good' if is_dry else 'accepted':10} {counts.accepted:,}", file=output)
    if not is_dry:
        print(f"duplicate  {counts.duplicate:,}", file=output)
        print(f"rejected   {counts.rejected:,}", file=output)
    print(f"invalid    {counts.invalid:,}", file=output)
    for reason, count in submission.reasons.most_common(5):
        print(f"  {count:,} x {reason}", file=output)
    if rejects is not None:
        print(f"what was not accepted is in {rejects}", file=output)
