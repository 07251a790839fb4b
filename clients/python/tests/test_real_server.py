"""Both clients and the marketing tool against the real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from teller_client import (
    AsyncClient,
    Client,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    OutOfRange,
    Unavailable,
    catalogue_item,
    feedback_event,
    methods,
)
from teller_client import messages as pb

from .real_server import RealServer, make_workspace, program

PACKAGE = pathlib.Path(__file__).parents[1]
SKIPPED = "no teller was built: run 'make build', or set TELLER_BINARY"


@unittest.skipUnless(program(), SKIPPED)
class ClientTests(unittest.TestCase):
    def setUp(self) -> None:
        self.server = RealServer()
        self.addCleanup(self.server.close)

    def client(self) -> Client:
        client = Client(self.server.address, timeout=30)
        self.addCleanup(client.close)
        return client

    def test_every_method(self) -> None:
        client = self.client()
        catalogue = client.describe()
        self.assertEqual(len(catalogue.item_ids), catalogue.item_count)
        self.assertEqual(catalogue.limits.max_count, 500)
        answer = client.recommend("15889", count=3, exclude_item_ids=[catalogue.item_ids[0]])
        self.assertEqual(len(answer.item_ids), 3)
        self.assertEqual(sorted(answer.scores, reverse=True), list(answer.scores))
        self.assertEqual(
            [catalogue.item_ids[index] for index in answer.item_indexes], list(answer.item_ids)
        )
        self.assertNotIn(catalogue.item_ids[0], answer.item_ids)
        events = [
            feedback_event("e1", "15889", answer.item_ids[0], "accepted"),
            feedback_event("e1", "15889", answer.item_ids[0], "accepted"),
            feedback_event("e2", "15889", "no such item", "accepted"),
        ]
        outcome = client.feedback(events)
        self.assertEqual(list(outcome.outcomes), [1, 2, 3])
        self.assertIn("no such item", outcome.reasons[2])
        self.assertNotIn(answer.item_ids[0], client.recommend("15889", count=24).item_ids)
        self.assertTrue(client.similar_items("ind_recibo_ult1", count=2).item_ids)
        record = client.get_recommendation(answer.recommendation_id)
        self.assertEqual(list(record.item_ids), list(answer.item_ids))
        self.assertEqual(record.excluded_item_ids[:], [catalogue.item_ids[0]])
        # The newest first: an answer of 24 products was asked for behind the one of 3.
        listed = client.list_recommendations("15889", count=2)
        self.assertEqual(listed[1].recommendation_id, answer.recommendation_id)
        before = client.list_recommendations("15889", before=listed[1].time_ms)
        self.assertEqual(list(before), [])
        put = client.put_items([catalogue_item("green_bond", price=99.5)])
        self.assertEqual((list(put.outcomes), list(put.item_indexes)), ([1], [24]))
        status = client.status()
        self.assertIn("teller_connections", {sample.name for sample in status.samples})
        self.assertEqual(client.reload_models().model_version, answer.model_version)
        with self.assertRaises(FailedPrecondition):
            client.rollback_models()
        self.assertEqual(client.health().status, pb.SERVING_STATUS_SERVING)
        client.ping()

    def test_errors(self) -> None:
        client = self.client()
        with self.assertRaises(NotFound):
            client.similar_items("no such item")
        with self.assertRaises(OutOfRange):
            client.call(methods.DESCRIBE, pb.DescribeRequest(first_item_index=25))
        # Past the client's own checks.
        with self.assertRaises(InvalidArgument):
            client.call(methods.RECOMMEND, pb.RecommendRequest(user_id="u", count=501))
        self.assertEqual(client.health().status, pb.SERVING_STATUS_SERVING)

    def test_many_calls_at_once(self) -> None:
        client = self.client()
        calls = [
            client.start(methods.RECOMMEND, methods.recommend_request(str(15_889 + i), count=1))
            for i in range(3000)
        ]
        names = {call.result().recommendation_id for call in calls}
        self.assertEqual(len(names), 3000)

        async def main() -> None:
            async with AsyncClient(self.server.address, timeout=30) as client:
                answers = await asyncio.gather(
                    *(client.recommend(str(15_889 + i), count=1) for i in range(3000))
                )
                self.assertEqual(len({answer.recommendation_id for answer in answers}), 3000)

        asyncio.run(main())

    def test_recommend_many(self) -> None:
        client = self.client()
        users = [str(15_889 + number % 200) for number in range(2500)] + ["nobody"]
        seen = []
        for user, answer in client.recommend_many(users, count=2):
            seen.append(user)
            self.assertEqual(len(answer.item_ids), 2)
        self.assertEqual(seen, users)
        for user, answer in client.recommend_many(users[:20], count=3):
            alone = client.recommend(user, count=3)
            self.assertEqual(
                (list(answer.item_ids), list(answer.scores)),
                (list(alone.item_ids), list(alone.scores)),
            )
        # Other calls go on beside a stream that nobody reads; one that is left is given up.
        stream = client.recommend_many(users)
        next(stream)
        self.assertEqual(client.health().status, pb.SERVING_STATUS_SERVING)
        stream.close()
        client.ping()

        async def main() -> list[str]:
            async with AsyncClient(self.server.address, timeout=30) as client:
                return [user async for user, _ in client.recommend_many(users, count=1)]

        self.assertEqual(asyncio.run(main()), users)

    def test_a_token_and_a_trace_are_taken(self) -> None:
        with Client(self.server.address, token="t0ken") as client:
            client.recommend("15889", trace_id=bytes(range(16)))
            client.set_token("another")
            self.assertEqual(client.health().status, pb.SERVING_STATUS_SERVING)

    def test_a_server_that_stands_still(self) -> None:
        client = self.client()
        client.ping()
        self.server.signal(signal.SIGSTOP)
        with self.assertRaises(DeadlineExceeded):
            client.recommend("15889", timeout=0.05)
        self.server.signal(signal.SIGCONT)
        self.assertEqual(client.health().status, pb.SERVING_STATUS_SERVING)

    def test_a_server_that_goes_away_answers_what_was_sent(self) -> None:
        client = self.client()
        client.ping()
        calls = [
            client.start(
                methods.FEEDBACK,
                methods.feedback_request(
                    [feedback_event(f"e{i}", "15889", "ind_recibo_ult1", "shown")]
                ),
            )
            for i in range(50)
        ]
        client.ping()
        self.server.signal(signal.SIGTERM)
        for call in calls:
            self.assertEqual(list(call.result().outcomes), [1])
        self.assertEqual(self.server.wait(), 0)
        with self.assertRaises(Unavailable):
            client.health()

    def test_softmax_is_refused_where_it_means_nothing(self) -> None:
        with (
            RealServer(model="sims") as server,
            Client(server.address) as client,
            self.assertRaises(FailedPrecondition),
        ):
            client.recommend("15889", softmax_scores=True)


@unittest.skipUnless(program(), SKIPPED)
class MarketingTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "campaign.csv"
        self.workspace = make_workspace(self.folder)

    def command(self, server: RealServer, *arguments: str) -> list[str]:
        tool = [sys.executable, "-m", "teller_client.marketing", "--json", *arguments]
        return [*tool, "--server", server.address, str(self.file)]

    def run_tool(self, server: RealServer, *arguments: str) -> tuple[int, dict[str, int]]:
        run = subprocess.run(
            self.command(server, *arguments),
            cwd=PACKAGE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return run.returncode, json.loads(run.stdout)

    def write(self, count: int) -> None:
        lines = [f"{15_889 + i % 200},ind_recibo_ult1,shown,2016-06-01,{i}" for i in range(count)]
        self.file.write_text("user_id,item_id,type,time,value\n" + "\n".join(lines) + "\n")

    def test_a_run_that_is_killed_is_gone_on_with_and_nothing_counts_twice(self) -> None:
        count, kills = 2000, 3
        self.write(count)
        state = pathlib.Path(f"{self.file}.state")
        with RealServer(self.workspace) as server:
            seen = 0
            for _ in range(kills):
                tool = subprocess.Popen(
                    self.command(server, "--batch", "1"),
                    cwd=PACKAGE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                # Until it has got further than the run before; a run that ends first is noticed.
                while tool.poll() is None and self.rows(state) <= seen + 20:
                    os.sched_yield()
                tool.kill()
                tool.wait()
                self.assertGreater(self.rows(state), seen)
                seen = self.rows(state)
            self.assertLess(seen, count, "all runs were over before they were killed")
            code, report = self.run_tool(server)
            self.assertEqual((code, report["rows"]), (0, count))
            # Each kill loses one acknowledgement at most.
            self.assertLessEqual(report["duplicate"], kills)
            self.assertEqual(report["accepted"] + report["duplicate"], count)
            code, again = self.run_tool(server, "--state", str(self.folder / "other"))
            self.assertEqual((code, again["duplicate"], again["accepted"]), (0, count, 0))

    @staticmethod
    def rows(state: pathlib.Path) -> int:
        with contextlib.suppress(FileNotFoundError):
            return int(sum(json.loads(state.read_text())["counts"].values()))
        return 0

    def test_a_server_that_was_stopped_and_comes_back(self) -> None:
        self.write(300)
        with RealServer(self.workspace) as server:
            self.file.write_text(self.file.read_text() + "15889,no such item,shown,2016-06-01,\n")
            code, report = self.run_tool(server)
            self.assertEqual((code, report["accepted"], report["rejected"]), (1, 300, 1))
            address = server.address
        code, report = 0, {}
        with RealServer(self.workspace) as server:
            # Another port: the state is of another server, and says so.
            self.assertNotEqual(server.address, address)
            run = subprocess.run(
                self.command(server), cwd=PACKAGE, capture_output=True, text=True, check=False
            )
            self.assertEqual(run.returncode, 65)
            self.assertIn("--state", run.stderr)
            rejects = self.folder / "more"
            code, report = self.run_tool(
                server, "--state", str(self.folder / "other"), "--rejects", str(rejects)
            )
            self.assertEqual((code, report["duplicate"], report["rejected"]), (1, 300, 1))
            self.assertIn("no such item", rejects.read_text())


if __name__ == "__main__":
    unittest.main()
