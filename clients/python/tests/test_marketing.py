"""The marketing tool: rows, state, batches and command line, without a server."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import pathlib
import tempfile
import unittest
from typing import Any, cast

from teller_client import InvalidArgument, RetryPolicy, Unavailable
from teller_client import recommender_pb2 as pb
from teller_client.client import Client
from teller_client.marketing import state as states
from teller_client.marketing.command import main
from teller_client.marketing.event import make_event
from teller_client.marketing.rejects import RejectsFile
from teller_client.marketing.rows import InputError, Place, Row, Source, read_csv, read_json_lines
from teller_client.marketing.state import State
from teller_client.marketing.submit import Submission

HEADER = b"user_id,item_id,type,time\n"
GOOD = {"user_id": "u", "item_id": "i", "type": "shown", "time": "2026-11-01T10:00:00+01:00"}


def rows(data: bytes, form: str = "csv", start: Place | None = None, **defaults: str) -> list[Row]:
    read = read_csv if form == "csv" else read_json_lines
    return list(read(Source(io.BytesIO(data)), start or Place(), defaults))


def problems(row: Row) -> list[tuple[int, int, str]]:
    return [(row.line, problem.column, problem.message) for problem in row.problems]


class EventTests(unittest.TestCase):
    def event(self, **fields: Any) -> pb.FeedbackEvent:
        event, found = make_event({**GOOD, **fields})
        self.assertEqual(found, [])
        assert event is not None
        return event

    def problem(self, **fields: Any) -> str:
        event, found = make_event({**GOOD, **fields})
        self.assertIsNone(event)
        self.assertEqual(len(found), 1, found)
        return ": ".join(found[0])

    def test_times(self) -> None:
        for text, expected in (
            ("2016-06-01", 1_464_739_200_000),
            ("2016-06-01T00:00:00Z", 1_464_739_200_000),
            ("2016-06-01 02:00:00.250+02:00", 1_464_739_200_250),
            ("1464739200000", 1_464_739_200_000),
            (1_464_739_200_000, 1_464_739_200_000),
        ):
            self.assertEqual(self.event(time=text).time_ms, expected)
        self.assertRegex(self.problem(time="1464739200"), "time: .*seconds")
        self.assertRegex(self.problem(time="yesterday"), "time: 'yesterday' is neither ISO 8601")
        self.assertRegex(self.problem(time="1969-12-31"), "before 1970")
        self.assertRegex(self.problem(time=True), "neither")

    def test_other_fields(self) -> None:
        event = self.event(
            user_id=15889, type=" Accepted ", value="12.5", impression_item_ids="a|b", channel="ü"
        )
        self.assertEqual((event.user_id, event.type, event.value), ("15889", 3, 12.5))
        self.assertEqual(list(event.impression_item_ids), ["a", "b"])
        self.assertRegex(self.problem(user_id=""), "user_id: is missing")
        self.assertRegex(self.problem(user_id="u" * 257), "user_id: has 257 bytes, 1 to 256")
        self.assertRegex(self.problem(item_id="a\0"), "item_id: holds a NUL")
        self.assertRegex(self.problem(type=None), "type: is missing")
        self.assertRegex(self.problem(type="bought"), "'bought' is not one of shown, clicked")
        self.assertRegex(self.problem(value="1,5"), "value: '1,5' is not a number")
        self.assertRegex(self.problem(value="nan"), "not a finite number")
        self.assertRegex(self.problem(recommendation_id="r" * 41), "has 41 bytes, 0 to 40")
        self.assertRegex(self.problem(impression_item_ids="|".join("i" * 101)), "has 101 products")
        self.assertRegex(self.problem(impression_item_ids="a||b"), "has 0 bytes")
        self.assertRegex(self.problem(channel=["x"]), "channel: must be text")

    def test_every_problem_of_a_row_is_said(self) -> None:
        _, found = make_event({"type": "x", "value": "y"})
        self.assertEqual([name for name, _ in found], ["user_id", "item_id", "type", "value"])

    def test_made_ids_depend_on_what_the_row_says_and_on_nothing_else(self) -> None:
        first = self.event()
        # Stored in banks' logs for ever: this value must never change.
        self.assertEqual(first.event_id, "row-079ed98ebf14ac12922fb6682e61d653")
        self.assertEqual(self.event(time="2026-11-01T09:00:00Z").event_id, first.event_id)
        for field, value in (
            ("user_id", "v"),
            ("item_id", "j"),
            ("type", "clicked"),
            ("time", "2026-11-01"),
            ("session_id", "s"),
            ("channel", "c"),
            ("value", "0"),
            ("recommendation_id", "r"),
            ("impression_item_ids", "a"),
        ):
            self.assertNotEqual(self.event(**{field: value}).event_id, first.event_id, field)
        self.assertEqual(self.event(event_id="mine", time=None).event_id, "mine")
        self.assertRegex(self.problem(time=None), "time: is missing: .*--set time=")


class CSVTests(unittest.TestCase):
    def test_lines_columns_and_reasons(self) -> None:
        data = HEADER + (
            b'u1,i1,shown,2026-01-01\n\n"u\n2",i2,bought,x\nu3,i3\n'
            b'u4,i4,shown,2026-01-01,more\n\xff,i,shown,2026-01-01\nu"5",i,shown,2026-01-01\n'
            b"u6,i6,clicked,2026-01-01"
        )
        found = rows(data)
        self.assertEqual([row.line for row in found], [2, 4, 6, 7, 8, 9, 10])
        self.assertEqual(
            [row.event is not None for row in found], [True] + [False] * 4 + [True] * 2
        )
        self.assertEqual([place[1] for place in problems(found[1])], [3, 4])
        self.assertEqual(problems(found[2]), [(6, 3, "has 2 fields, the header 4")])
        self.assertEqual(problems(found[3]), [(7, 5, "has 5 fields, the header 4")])
        self.assertEqual(problems(found[4]), [(8, 1, "is not UTF-8")])

    def test_quotes_that_do_not_close_are_one_bad_row(self) -> None:
        (row,) = rows(HEADER + b'"u,i,shown,2026-01-01\nu,i,shown,2026-01-01\n')
        self.assertRegex(problems(row)[0][2], "is no CSV: unexpected end of data")

    def test_headers(self) -> None:
        for data, pattern in (
            (b"", "no column user_id"),
            (b"user_id,item_id\n", "no column type .--set type="),
            (b"user_id,item_id,type,colour\n", "column 4, 'colour', is not known"),
            (b"user_id,item_id,type,type\n", "'type' stands there twice"),
            (b"\xff\n", "cannot be read"),
            (b"x" * ((1 << 20) + 1), "line 1: is longer than 1048576"),
        ):
            with self.assertRaisesRegex(InputError, pattern):
                rows(data)
        self.assertEqual(rows(b"\xef\xbb\xbfuser_id,item_id,type,time\r\n"), [])
        (row,) = rows(b"user_id,item_id\nu,i\n", type="shown", time="2026-01-01")
        assert row.event is not None
        self.assertEqual(row.event.time_ms, 1_767_225_600_000)

    def test_reading_goes_on_at_any_row(self) -> None:
        data = HEADER + b'u1,i,shown,2026-01-01\n"u\n2",i,shown,2026-01-01\nu3,i,shown,2026-01-01\n'
        whole = rows(data)
        self.assertEqual([row.line for row in whole], [2, 3, 5])
        for index, row in enumerate(whole):
            self.assertEqual(rows(data, start=row.end), whole[index + 1 :])
        self.assertEqual(len(rows(data + b"u4,i,shown,2026-01-01\n", start=whole[-1].end)), 1)
        for changed in (data.replace(b"u1", b"u9"), data[:30]):
            with self.assertRaisesRegex(InputError, "not the same any more"):
                rows(changed, start=whole[0].end)


class JSONLinesTests(unittest.TestCase):
    def test_lines_columns_and_reasons(self) -> None:
        good = json.dumps({**GOOD, "impression_item_ids": ["a", "b"], "value": 1})
        data = "\n".join(
            [
                good,
                "",
                "{",
                "[1]",
                '{"user_id": "u", "colour": 1}',
                '{"item_id": "i", "value": "x"}',
            ]
        )
        found = rows(data.encode() + b"\n\xff\n" + good.encode(), "jsonl")
        self.assertEqual([row.line for row in found], [1, 3, 4, 5, 6, 7, 8])
        self.assertEqual([row.event is not None for row in found], [True] + [False] * 5 + [True])
        self.assertRegex(problems(found[1])[0][2], "is no JSON: Expecting property name")
        self.assertEqual(problems(found[2]), [(4, 1, "is no JSON object")])
        self.assertEqual(problems(found[3])[0][1], 18)
        self.assertIn((6, 18, "value: 'x' is not a number"), problems(found[4]))
        self.assertEqual(problems(found[5]), [(7, 1, "is not UTF-8")])
        self.assertEqual(found[0].event, found[6].event)

    def test_deep_nesting_is_one_bad_row(self) -> None:
        (row,) = rows(b"[" * 100_000, "jsonl")
        self.assertRegex(problems(row)[0][2], "is no JSON")

    def test_the_same_row_has_the_same_id_in_both_forms(self) -> None:
        (first,) = rows(HEADER + b"u,i,shown,2026-11-01T10:00:00+01:00\n")
        (second,) = rows(json.dumps(GOOD).encode(), "jsonl")
        self.assertEqual(first.event, second.event)


class FakeClient:
    """Stores events as a server does, and fails when it is told to."""

    def __init__(self) -> None:
        self.stored: dict[str, pb.FeedbackEvent] = {}
        self.batches: list[int] = []
        self.failures: list[Exception] = []
        self.events_max = 1000
        #: Called behind storing, before the answer: a crash there loses the acknowledgement.
        self.before_answer: Any = lambda: None

    def feedback(self, events: list[pb.FeedbackEvent]) -> pb.FeedbackResponse:
        if self.failures:
            raise self.failures.pop(0)
        if any(event.channel == "refused" for event in events) or len(events) > self.events_max:
            raise InvalidArgument("not with me")
        self.batches.append(len(events))
        answer = pb.FeedbackResponse()
        for event in events:
            outcome, reason = pb.FEEDBACK_OUTCOME_ACCEPTED, ""
            if event.item_id == "unknown":
                outcome, reason = pb.FEEDBACK_OUTCOME_REJECTED, "unknown item"
            elif event.event_id in self.stored:
                outcome = pb.FEEDBACK_OUTCOME_DUPLICATE
            else:
                self.stored[event.event_id] = event
            answer.outcomes.append(outcome)
            answer.reasons.append(reason)
        if not any(answer.reasons):
            del answer.reasons[:]
        self.before_answer()
        return answer


class Crash(BaseException):
    pass


class SubmissionTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.state_path = self.folder / "state"
        self.rejects_path = self.folder / "rejects"
        self.client = FakeClient()
        self.sleeps: list[float] = []
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    def submit(self, data: bytes, **arguments: Any) -> State:
        state = states.load(self.state_path, "server") or State("server")
        submission = Submission(
            cast(Client, self.client),
            state,
            self.state_path,
            RejectsFile(self.rejects_path, "csv", state.rejects_bytes, state.rejects_sha256),
            retry=RetryPolicy(attempts_max=1000, initial_seconds=1.0, draw=lambda: 1.0),
            clock=lambda: self.now,
            sleep=self.sleep,
            **arguments,
        )
        submission.run(read_csv(Source(io.BytesIO(data)), state.place, {}))
        return submission.state

    @staticmethod
    def data(count: int, bad: tuple[int, ...] = ()) -> bytes:
        lines = [f"u{i},{'unknown' if i in bad else 'i'},shown,2026-01-01" for i in range(count)]
        return HEADER + "\n".join(lines).encode() + b"\n"

    def test_batches_are_full_but_the_last(self) -> None:
        state = self.submit(self.data(25), batch_size=10)
        self.assertEqual(self.client.batches, [10, 10, 5])
        self.assertEqual((state.counts.accepted, state.counts.rows), (25, 25))
        self.assertEqual(self.submit(self.data(25)).counts, state.counts)
        self.assertEqual(self.client.batches, [10, 10, 5], "nothing is sent again")
        self.assertEqual(self.submit(self.data(27)).counts.accepted, 27)
        self.assertEqual(self.client.batches[3:], [2], "what was added is sent")

    def test_a_batch_fits_a_frame(self) -> None:
        header = HEADER.strip() + b",impression_item_ids\n"
        line = b"u%d,i,shown,2026-01-01," + b"|".join([b"x" * 256] * 100) + b"\n"
        self.submit(header + b"".join(line % i for i in range(100)), batch_size=1000)
        self.assertEqual(sum(self.client.batches), 100)
        self.assertEqual(self.client.batches[0], 38)

    def test_a_crash_behind_any_answer_doubles_nothing(self) -> None:
        data = self.data(20, bad=(3, 4, 11, 19)) + b"broken\n"
        for crash_at in range(7):
            for path in (self.state_path, self.rejects_path):
                path.unlink(missing_ok=True)
            self.client = FakeClient()

            def crash(at: int = crash_at, client: FakeClient = self.client) -> None:
                if len(client.batches) == at + 1:
                    raise Crash

            self.client.before_answer = crash
            with contextlib.suppress(Crash):
                self.submit(data, batch_size=3)
            self.client.before_answer = lambda: None
            state = self.submit(data, batch_size=3)
            with self.subTest(crash_at=crash_at):
                self.assertEqual(len(self.client.stored), 16)
                counts = state.counts
                self.assertEqual(counts.accepted + counts.duplicate, 16)
                self.assertEqual((counts.rejected, counts.invalid), (4, 1))
                text = self.rejects_path.read_text()
                self.assertEqual(
                    [line.split(",")[4] for line in text.splitlines()],
                    ["reject_line", "5", "6", "13", "21", "22"],
                )

    def test_rejects_written_but_not_noted_are_cut_off(self) -> None:
        data = self.data(4, bad=(0, 3))
        self.submit(data, batch_size=2)
        whole = self.rejects_path.read_bytes()
        state = states.load(self.state_path, "server")
        assert state is not None
        # As after a crash between the two writes of the second batch.
        first = rows(data)[1].end
        length = whole.index(b"u3")
        states.save(
            self.state_path,
            State(
                "server",
                first,
                states.Counts(accepted=1, rejected=1),
                length,
                hashlib.sha256(whole[:length]).hexdigest(),
            ),
        )
        self.submit(data, batch_size=2)
        self.assertEqual(self.rejects_path.read_bytes(), whole)

    def test_rejects_can_be_mended_and_submitted(self) -> None:
        self.submit(self.data(3, bad=(1,)))
        mended = self.rejects_path.read_bytes().replace(b"unknown,", b"i,")
        self.state_path.unlink()
        self.assertEqual(self.submit(mended).counts.accepted, 1)
        self.assertEqual(len(self.client.stored), 3)

    def test_rejects_that_were_mended_in_their_place_are_not_touched(self) -> None:
        self.submit(self.data(3, bad=(1,)))
        mended = self.rejects_path.read_bytes().replace(b"unknown,", b"a better product,")
        self.rejects_path.write_bytes(mended)
        with self.assertRaisesRegex(FileExistsError, "was changed since"):
            self.submit(self.data(5, bad=(1, 4)))
        self.assertEqual(self.rejects_path.read_bytes(), mended)
        self.assertEqual(len(self.client.stored), 2, "nothing was sent")
        # Taken away: begun anew, with its header.
        self.rejects_path.unlink()
        self.submit(self.data(5, bad=(1, 4)))
        self.assertEqual(
            [line.split(b",")[0] for line in self.rejects_path.read_bytes().splitlines()],
            [b"user_id", b"u4"],
        )

    def test_a_server_with_tighter_limits_refuses_only_the_culprits(self) -> None:
        lines = [f"u{i},i,shown,2026-01-01,{'refused' if i in (3, 8) else 'c'}" for i in range(10)]
        data = HEADER.strip() + b",channel\n" + "\n".join(lines).encode()
        state = self.submit(data)
        self.assertEqual((state.counts.accepted, state.counts.rejected), (8, 2))
        self.assertEqual(self.rejects_path.read_text().count("not with me"), 2)
        self.client.events_max = 2
        self.state_path.unlink()
        self.assertEqual(self.submit(data).counts.duplicate, 8)

    def test_patience_ends(self) -> None:
        self.client.failures = [Unavailable("down")] * 3
        self.assertEqual(self.submit(self.data(1), patience=60.0).counts.accepted, 1)
        self.assertEqual(self.sleeps, [1.0, 2.0, 2.0])
        self.client.failures = [Unavailable("down")] * 1000
        self.sleeps.clear()
        with self.assertRaises(Unavailable):
            self.submit(self.data(2), patience=60.0)
        self.assertLess(sum(self.sleeps), 60)
        self.assertGreater(sum(self.sleeps), 50)

    def test_states_that_do_not_fit(self) -> None:
        self.submit(self.data(1))
        with self.assertRaisesRegex(InputError, "is of a run for server, not other"):
            states.load(self.state_path, "other")
        for text in ("", "{}", "[]", '{"version": 2}', '{"version": 1, "server": "server"}'):
            self.state_path.write_text(text)
            with self.assertRaisesRegex(InputError, "remove .* to begin anew"):
                states.load(self.state_path, "server")


class CommandTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "campaign.csv"
        self.file.write_bytes(HEADER + b"u,i,shown,2026-01-01\nu,i,bought,2026-01-01\n")

    def run_tool(self, *arguments: str) -> tuple[int, str, str]:
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = main(arguments)
        return code, output.getvalue(), errors.getvalue()

    def test_a_dry_run_needs_no_server_and_writes_nothing(self) -> None:
        code, output, errors = self.run_tool("--dry-run", "--json", str(self.file))
        self.assertEqual(code, 1)
        self.assertIn(f"{self.file}:3:3: type: 'bought' is not one of", errors)
        report = json.loads(output)
        self.assertEqual((report["rows"], report["accepted"], report["invalid"]), (2, 1, 1))
        self.assertEqual([path.name for path in self.file.parent.iterdir()], ["campaign.csv"])

    def test_wrong_use(self) -> None:
        file = str(self.file)
        for arguments, pattern in (
            ((file,), "--server HOST:PORT is missing"),
            (("--server", "x", file), "'x' is not HOST:PORT"),
            (("--dry-run", "--batch", "0", file), "1 to 1000"),
            (("--dry-run", "--batch", "1001", file), "1 to 1000"),
            (("--dry-run", "--timeout", "0", file), "must be positive"),
            (("--dry-run", "--set", "colour=red", file), "must be FIELD=VALUE"),
            (("--dry-run", "--set", "event_id=x", file), "must be FIELD=VALUE"),
            (("--bogus", file), "usage"),
            ((), "usage"),
        ):
            code, _, errors = self.run_tool(*arguments)
            self.assertEqual(code, 64, errors)
            self.assertRegex(errors, pattern)
        code, output, _ = self.run_tool("--help")
        self.assertEqual(code, 0)
        self.assertIn("example:\n  teller-feedback --server", output)

    def test_what_goes_wrong_has_a_code_of_its_own(self) -> None:
        server = ("--server", "127.0.0.1:1", "--patience", "0")
        code, _, errors = self.run_tool("--dry-run", "/no/such/file")
        self.assertEqual((code, "/no/such/file: No such file" in errors), (66, True))
        code, _, errors = self.run_tool(*server, str(self.file))
        self.assertEqual((code, "started again, it goes on" in errors), (69, True))
        self.file.write_bytes(b"colour\n")
        code, _, errors = self.run_tool("--dry-run", str(self.file))
        self.assertEqual((code, "column 1, 'colour', is not known" in errors), (65, True))
        rejects = pathlib.Path(f"{self.file}.rejects.csv")
        rejects.write_text("mine")
        code, _, errors = self.run_tool(*server, str(self.file))
        self.assertEqual((code, "move it away" in errors), (73, True))
        self.assertEqual(rejects.read_text(), "mine")


if __name__ == "__main__":
    unittest.main()
