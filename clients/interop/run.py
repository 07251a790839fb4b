"""Runs the scenarios of ``scenarios.txt`` with several clients and compares what they see.

``python3 run.py NAME=COMMAND ...``: each client is a program, an agent, that is given the server's
address, reads one request a line from standard input and writes one line of answer. Each has a server
of its own over a copy of the same bank. An answer must be what the scenario says, and the same for all
clients. An agent writes ``NAME=VALUE`` fields with blanks between them, values percent-encoded; lists
have commas, and scores are the 8 hexadecimal digits of a float32, so that they are equal or not.

Behind ``!`` the table tells the test: ``stop``, ``continue`` and ``terminate`` send the server a
signal, ``ended`` waits for its end, ``serve NAME`` puts another in its place (see ``servers``),
``train`` trains a newer model beside it, and ``logged TEXT`` waits until its log says something.

``{TEXT*COUNT}`` stands for so many of a text, each with its number, from 1 on, in the place of ``#``; a
comma at the end of the text stands between them only. So requests reach limits, and pass them.

The suite is complete: it fails when Describe lists a method that no client has called with success.

Needs ``clients/python`` in PYTHONPATH, for its server of tests.
"""

from __future__ import annotations

import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from tests.certificates import SIGNED, Certificates, write_tokens
from tests.real_server import RealServer, make_workspace, run_teller

TABLE = pathlib.Path(__file__).with_name("scenarios.txt")
#: Different in every answer, or from client to client.
VARYING = ("recommendation", "times", "opened")
#: Said by the client itself where the server did not answer, each in its own words; and of a limit
#: that time lifts the server says how long that takes.
OWN_WORDS = (
    *("CANCELLED", "DEADLINE_EXCEEDED", "UNAVAILABLE", "INVALID_ARGUMENT"),
    "RESOURCE_EXHAUSTED",
)
#: Of a field in a message of this program.
SHOWN_BYTES = 400
#: How long the server may take to write a line of its log.
LOG_SECONDS = 10.0
#: The methods that the table's requests call.
METHODS = {
    "describe": "Describe",
    "feedback": "Feedback",
    "health": "Health",
    "many": "RecommendMany",
    "put": "PutItems",
    "recommend": "Recommend",
    "record": "GetRecommendation",
    "records": "ListRecommendations",
    "similar": "SimilarItems",
    "status": "Status",
    "update": "UpdateModels",
}

Fields = dict[str, str]


class Failed(Exception):
    """An answer is not what it should be."""


def unquoted(text: str) -> str:
    return urllib.parse.unquote(text, errors="strict")


def entries(text: str) -> list[str]:
    """The entries of a list."""
    return [unquoted(entry) for entry in text.split(",")] if text else []


def repeated(match: re.Match[str]) -> str:
    """What one ``{TEXT*COUNT}`` stands for."""
    text, count = match[1], int(match[2])
    return "".join(text.replace("#", str(place + 1)) for place in range(count)).removesuffix(",")


class Security:
    """Certificates and tokens of the run, which the table knows by name."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._certificates = Certificates(folder / "certificates")
        self._tokens_path = folder / "tokens"
        self._tokens = write_tokens(self._tokens_path)

    def servers(self) -> dict[str, list[str]]:
        """Options of the servers that ``serve`` starts."""
        options = self._certificates.serve_options
        tokens = ["--tokens", str(self._tokens_path)]
        return {
            "plain": [],
            "tokens": tokens,
            "tls": options("server"),
            "tls_and_tokens": [*options("server"), *tokens],
            "mutual_tls": options("server", "authority"),
            "expired": options("expired"),
            "elsewhere": options("elsewhere"),
        }

    def variables(self) -> Fields:
        """The files and tokens as the table writes them: $client, $client_key, $read_token …"""
        variables = {f"{name}_token": token for name, token in self._tokens.items()}
        for name in ("authority", "stranger", *SIGNED):
            variables[name] = self._certificates.certificate(name)
            variables[f"{name}_key"] = self._certificates.key(name)
        return {name: urllib.parse.quote(value, safe="") for name, value in variables.items()}


class Agent:
    """One client under test, with its server."""

    def __init__(
        self, name: str, command: str, workspace: pathlib.Path, security: Security
    ) -> None:
        self.name = name
        #: The methods that were called with success, and those that the server has.
        self.called: set[str] = set()
        self.described: set[str] = set()
        self._workspace = workspace
        self._log = workspace / "server.log"
        self._servers = security.servers()
        self.variables = security.variables()
        self.serve("plain")
        self._process = subprocess.Popen(
            [*shlex.split(command), self.server.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def serve(self, name: str) -> None:
        """Starts a server over the agent's workspace."""
        options = [*self._servers[name], "--log-level", "info"]
        self.server = RealServer(self._workspace, options=options, log=self._log)
        self.variables["server"] = urllib.parse.quote(self.server.address, safe="")

    def filled(self, text: str) -> str:
        """A text of the table with what its variables and repetitions stand for."""
        text = re.sub(r"\$(\w+)", lambda match: self.variables[match[1]], text)
        return re.sub(r"\{([^{}]*)\*(\d+)\}", repeated, text)

    def ask(self, line: str) -> Fields:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer.endswith("\n"):
            raise Failed(f"{self.name}: the agent ended with {self._process.wait()}")
        fields = dict(field.split("=", 1) for field in answer.split())
        command = line.split()[0]
        if fields["status"] == "OK" and command in METHODS:
            self.called.add(METHODS[command])
        if command == "describe":
            self.described.update(entries(fields.get("methods", "")))
        return fields

    def tell_server(self, what: str) -> None:
        if what.startswith("serve "):
            self.server.close()
            self.serve(what.removeprefix("serve "))
            return
        if what == "train":
            recent = "train popularity --recent-months 1"
            run_teller(*recent.split(), "--workspace", str(self._workspace))
            return
        if what == "ended":
            if code := self.server.wait():
                raise Failed(f"{self.name}: the server ended with {code}")
            return
        if what.startswith("logged "):
            self._wait_for_log(what.removeprefix("logged "))
            return
        names = {"stop": "SIGSTOP", "continue": "SIGCONT", "terminate": "SIGTERM"}
        self.server.signal(signal.Signals[names[what]])

    def _wait_for_log(self, text: str) -> None:
        end = time.monotonic() + LOG_SECONDS
        while text not in self._log.read_text("utf-8"):
            if time.monotonic() > end:
                raise Failed(f"{self.name}: the server's log does not say {text}")
            time.sleep(0.01)

    def check_methods(self) -> None:
        """Raises unless every method of the server was called, and is known here."""
        if missing := self.described - self.called:
            raise Failed(f"{self.name}: never called with success: {', '.join(sorted(missing))}")
        if unknown := self.called - self.described:
            raise Failed(f"{self.name}: Describe lists no {', '.join(sorted(unknown))}")

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self.server.close()
        if self._process.wait() != 0:
            raise Failed(f"{self.name}: the agent ended with {self._process.returncode}")


def check(expectation: str, answer: Fields, variables: Fields) -> str | None:
    """What is wrong with one answer by one expectation; None when it holds."""
    match = re.fullmatch(r"(\w+)(:=|=|#|~|!)(.*)", expectation)
    if match is None:
        raise Failed(f"{expectation!r} is no expectation")
    name, operator, wanted = match.groups()
    if operator == ":=":
        field, index = re.fullmatch(r"(\w+)\[(\d+)\]", wanted).groups()  # type: ignore[union-attr]
        variables[name] = entries(answer[field])[int(index)]
        return None
    if name not in answer:
        return f"has no {name}"
    found = answer[name]
    holds = {
        "=": found == wanted,
        "#": wanted.isdigit() and len(entries(found)) == int(wanted),
        "~": unquoted(wanted) in entries(found) or unquoted(wanted) in unquoted(found),
        "!": unquoted(wanted) not in entries(found),
    }[operator]
    found = found if len(found) < SHOWN_BYTES else f"{len(entries(found))} entries"
    return None if holds else f"{name} is {found or '(empty)'}, not {operator}{wanted}"


def shown(answer: Fields) -> str:
    """An answer as far as a reader of the failure wants it."""
    return str({name: value[:SHOWN_BYTES] for name, value in answer.items()})


def comparable(answer: Fields) -> Fields:
    own = answer.get("status") in OWN_WORDS
    return {
        name: value
        for name, value in answer.items()
        if name not in VARYING and not (own and name == "message")
    }


def run_line(line: str, expectations: str, agents: list[Agent]) -> None:
    answers = [(agent, agent.ask(agent.filled(line))) for agent in agents]
    for agent, answer in answers:
        for expectation in expectations.split():
            wrong = check(agent.filled(expectation), answer, agent.variables)
            if wrong is not None:
                raise Failed(f"{agent.name}: {line}: {wrong}\n  {shown(answer)}")
    first_agent, first = answers[0]
    for agent, answer in answers[1:]:
        if comparable(answer) != comparable(first):
            raise Failed(
                f"{line}: {first_agent.name} and {agent.name} differ"
                f"\n  {shown(first)}\n  {shown(answer)}"
            )


def run(agents: list[Agent]) -> int:
    """Runs the table; the number of scenarios."""
    count = 0
    lines = [
        line.rstrip() for line in TABLE.read_text("utf-8").splitlines() if line.strip(" ")
    ]
    lines = [line for line in lines if not line.startswith("#")]
    for index, line in enumerate(lines):
        if line.startswith(" "):
            continue
        if line.startswith("scenario "):
            count += 1
            print(f"ok so far; {line}", flush=True)
        elif line.startswith("! "):
            for agent in agents:
                agent.tell_server(line[2:])
        else:
            below = lines[index + 1] if index + 1 < len(lines) else ""
            times, _, request = line.partition("x ")
            is_repeated = times.isdigit()
            for _ in range(int(times) if is_repeated else 1):
                run_line(
                    request if is_repeated else line,
                    below if below.startswith(" ") else "status=OK",
                    agents,
                )
    return count


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    agents: list[Agent] = []
    with tempfile.TemporaryDirectory(prefix="teller-interop-") as folder:
        workspace = make_workspace(pathlib.Path(folder))
        security = Security(pathlib.Path(folder))
        try:
            for argument in sys.argv[1:]:
                name, _, command = argument.partition("=")
                copy = pathlib.Path(folder) / name
                shutil.copytree(workspace, copy)
                agents.append(Agent(name, command, copy, security))
            count = run(agents)
            for agent in agents:
                agent.check_methods()
            while agents:
                agents.pop().close()
        except Failed as failure:
            print(f"interop: {failure}", file=sys.stderr)
            return 1
        finally:
            for agent in agents:
                agent.server.close()
    names = ", ".join(argument.partition("=")[0] for argument in sys.argv[1:])
    print(f"{count} scenarios, the same for {names}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
