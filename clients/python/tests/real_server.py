"""The real server on an invented bank, for tests and for the tours of samples.

As a program it runs a command with the server's address in the place of ``{server}``::

    python3 -m tests.real_server python3 samples/01_recommend.py {server}

With ``--secure`` the server has TLS, asks for a client certificate and for a token, and these are
files for the client: ``{ca}``, ``{certificate}`` and its ``{key}``, ``{token}`` with all roles and
``{read_token}`` with one, ``{stranger}`` and ``{stranger_key}``, a certificate of nobody the server
knows.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from .certificates import Certificates, write_tokens

ROOT = pathlib.Path(__file__).parents[3]


def program() -> str | None:
    """The server's program: TELLER_BINARY, or what was built last; None where there is none."""
    given = os.environ.get("TELLER_BINARY")
    if given:
        return given
    built = [ROOT / ".build" / kind / "teller" for kind in ("release", "debug")]
    there = [path for path in built if path.is_file()]
    return str(max(there, key=lambda path: path.stat().st_mtime)) if there else None


class RealServer:
    """`teller serve` on a free port, over a bank of 200 customers.

    ``workspace`` None makes the bank in a folder of its own. ``log`` is a file for what it says, which is
    added to; None leaves it where this program's goes.
    """

    def __init__(
        self,
        workspace: pathlib.Path | None = None,
        model: str = "popularity",
        options: Sequence[str] = (),
        log: pathlib.Path | None = None,
    ) -> None:
        found = program()
        assert found is not None, "no teller was built"
        self._program = found
        self._folder = tempfile.mkdtemp(prefix="teller-clients-")
        self._workspace = workspace or make_workspace(pathlib.Path(self._folder))
        self._log = None if log is None else log.open("ab")
        self._process = subprocess.Popen(
            [
                *(self._program, "serve", "--listen", "127.0.0.1:0", "--log-level", "warning"),
                # Answers to the same question are compared: nothing may be tried.
                *("--exploration-weight", "0"),
                *("--model", model, "--workspace", str(self._workspace), *options),
            ],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("listening "), f"the server did not start: {line!r}"
        self.address = line.split()[1]

    def __enter__(self) -> RealServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def signal(self, number: signal.Signals) -> None:
        """Sends the server a signal; of SIGSTOP it waits until the server stands still."""
        self._process.send_signal(number)
        if number == signal.SIGSTOP:
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def wait(self) -> int:
        """Waits until the server has ended; its exit code."""
        return self._process.wait()

    def close(self) -> None:
        """Kills the server and removes its folder."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        if self._log is not None:
            self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def make_workspace(folder: pathlib.Path) -> pathlib.Path:
    """Makes up a bank, imports it and trains the quick models."""
    workspace, bank = folder / "workspace", folder / "bank.csv"
    generate = f"generate --customers 200 --months 4 --seed 1 --out {bank}"
    for arguments in (generate, f"import santander {bank}", "train popularity", "train sims"):
        is_generating = arguments.startswith("generate")
        run_teller(*arguments.split(), *([] if is_generating else ["--workspace", str(workspace)]))
    return workspace


def run_teller(*arguments: str) -> None:
    """Runs the program; raises when it fails."""
    teller = program()
    assert teller is not None, "no teller was built"
    command = [teller, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def secure(folder: pathlib.Path) -> tuple[list[str], dict[str, str]]:
    """Options of a server with TLS, client certificates and tokens; files for a client."""
    certificates = Certificates(folder / "certificates")
    tokens = write_tokens(folder / "tokens")
    token, read_token = folder / "token", folder / "read_token"
    token.write_text(tokens["all"] + "\n")
    read_token.write_text(tokens["read"] + "\n")
    files = {
        "{ca}": certificates.certificate("authority"),
        "{certificate}": certificates.certificate("client"),
        "{key}": certificates.key("client"),
        "{token}": str(token),
        "{read_token}": str(read_token),
        "{stranger}": certificates.certificate("strange_client"),
        "{stranger_key}": certificates.key("strange_client"),
    }
    options = certificates.serve_options("server", "authority")
    # Of those it does not let in the client says enough.
    return [*options, "--tokens", str(folder / "tokens"), "--log-level", "error"], files


def main() -> int:
    """Runs a command against a server of its own."""
    command = sys.argv[1:]
    options: list[str] = []
    with tempfile.TemporaryDirectory(prefix="teller-clients-") as folder:
        words: dict[str, str] = {}
        if command[:1] == ["--secure"]:
            command = command[1:]
            options, words = secure(pathlib.Path(folder))
        with RealServer(options=options) as server:
            words["{server}"] = server.address
            for word, text in words.items():
                command = [part.replace(word, text) for part in command]
            return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
