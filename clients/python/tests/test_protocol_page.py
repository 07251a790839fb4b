"""The tables of ``proto/PROTOCOL.md``, against the client's numbers and the real server's."""

from __future__ import annotations

import re
import unittest

from teller_client import Client
from teller_client import recommender_pb2 as pb
from teller_client.errors import StatusCode
from teller_client.frames import FrameType

from .real_server import ROOT, RealServer, program

SKIPPED = "no teller was built: run 'make build', or set TELLER_BINARY"
PROTO = ROOT / "proto"
PAGE = (PROTO / "PROTOCOL.md").read_text(encoding="utf-8")


def rows(first_cell: str) -> list[list[str]]:
    """The cells of the table whose header begins with ``first_cell``, without the header."""
    lines = PAGE.splitlines()
    (start,) = (at for at, line in enumerate(lines) if line.startswith(f"| {first_cell} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


class PageTests(unittest.TestCase):
    def test_frame_types(self) -> None:
        listed = [(int(row[0]), row[1]) for row in rows("type")]
        self.assertEqual(listed, [(kind.value, kind.name) for kind in FrameType])

    def test_status_codes(self) -> None:
        section = PAGE.split("\n## Status codes\n")[1].split("\n## ")[0]
        listed = re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", section, re.MULTILINE)
        self.assertEqual(
            [(int(number), name) for number, name in listed],
            [(code.value, code.name) for code in StatusCode],
        )

    def test_every_request_is_a_message_of_the_schema(self) -> None:
        section = PAGE.split("\n## Methods\n")[1].split("\n## ")[0]
        named = re.findall(r"\b[A-Z]\w+(?:Request|Response)\b", section)
        self.assertTrue(named)
        schema = pb.DESCRIPTOR.message_types_by_name
        messages = {name for name in schema if name.endswith(("Request", "Response"))}
        self.assertEqual(set(named), messages)

    def test_the_example_is_the_golden_frame(self) -> None:
        section = PAGE.split("\n### Example\n")[1]
        shown = section.split("```")[1].splitlines()[1]
        golden = (PROTO / "golden" / "recommend_request_defaults.hex").read_text(encoding="ascii")
        self.assertEqual(bytes.fromhex(shown), bytes.fromhex(golden))


@unittest.skipUnless(program(), SKIPPED)
class ServerTests(unittest.TestCase):
    def test_methods_and_limits_are_those_of_describe(self) -> None:
        with RealServer() as server, Client(server.address, timeout=30) as client:
            described = client.describe()
        section = PAGE.split("\n## Methods\n")[1].split("\n## ")[0]
        self.assertEqual(
            re.findall(r"^\| (\d+) \| (\w+)", section, re.MULTILINE),
            [(str(method.number), method.name) for method in described.methods],
        )
        fields = [field.name for field in pb.Limits.DESCRIPTOR.fields]
        listed = [(row[0].strip("`"), row[1].replace(",", "")) for row in rows("field of `limits`")]
        self.assertEqual(
            listed, [(name, str(getattr(described.limits, name))) for name in fields]
        )


if __name__ == "__main__":
    unittest.main()
