"""TLS, client certificates and tokens of both clients against the real server."""

from __future__ import annotations

import json
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest
from typing import Any

from teller_client import (
    Client,
    PermissionDenied,
    RetryPolicy,
    Unauthenticated,
    Unavailable,
    feedback_event,
)

from .certificates import Certificates, write_tokens
from .fake_server import FakeServer, Peer
from .real_server import RealServer, make_workspace, program
from .test_client import Blocking

BOTH = (("blocking", Client), ("asyncio", Blocking))
QUIET = ["--log-level", "error"]


def draw_nothing() -> float:
    raise AssertionError("the call was to be made again")


#: Of a call that is made again the wait is drawn: here that is a failure.
NEVER_AGAIN = RetryPolicy(draw=draw_nothing)


def shown_event(name: str) -> Any:
    return feedback_event(name, "15889", "ind_recibo_ult1", "shown")


class RepetitionTests(unittest.TestCase):
    def test_going_back_to_other_models_is_not_made_again(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.request()

        for name, make in BOTH:
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address, retry=NEVER_AGAIN) as client,
                self.assertRaises(Unavailable),
            ):
                client.rollback_models()


@unittest.skipUnless(
    program() and shutil.which("openssl"), "no teller was built, or openssl is not here"
)
class SecurityTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        path = cls.folder = pathlib.Path(folder.name)
        cls.certificates = Certificates(path / "certificates")
        cls.tokens_file = path / "tokens"
        cls.tokens = write_tokens(cls.tokens_file)
        cls.workspace = make_workspace(path)

    def server(self, *options: str) -> RealServer:
        """To be left before the next: a workspace has one server at a time."""
        return RealServer(self.workspace, options=[*options, *QUIET])

    def context(self, authority: str = "authority", own: str | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.certificates.certificate(authority))
        if own is not None:
            context.load_cert_chain(self.certificates.certificate(own), self.certificates.key(own))
        return context

    def assert_refused(self, server: RealServer, words: str, **settings: Any) -> None:
        for name, make in BOTH:
            with (
                self.subTest(name, words=words),
                make(server.address, retry=NEVER_AGAIN, timeout=30, **settings) as client,
                self.assertRaisesRegex(Unauthenticated, words),
            ):
                client.health()

    def test_servers_that_are_not_trusted(self) -> None:
        with self.server(*self.certificates.serve_options("server")) as server:
            self.assert_refused(server, "no trusted authority", tls=self.context("stranger"))
            self.assert_refused(
                server, "another name", tls=self.context(), server_hostname="elsewhere.example"
            )
            self.assert_refused(server, "the server speaks TLS")
        with self.server(*self.certificates.serve_options("expired")) as server:
            self.assert_refused(server, "it has expired", tls=self.context())
        with self.server() as server:
            self.assert_refused(server, "does not speak TLS", tls=self.context())

    def test_clients_that_are_not_let_in(self) -> None:
        with self.server(*self.certificates.serve_options("server", "authority")) as server:
            for _, make in BOTH:
                with make(server.address, tls=self.context(own="client")) as client:
                    self.assertEqual(len(client.recommend("15889", count=2).item_ids), 2)
            self.assert_refused(server, "none was shown", tls=self.context())
            for own in ("expired_client", "strange_client"):
                self.assert_refused(server, "refused our certificate", tls=self.context(own=own))

    def test_tokens(self) -> None:
        with self.server("--tokens", str(self.tokens_file)) as server:
            self.assert_refused(server, "asks for a token")
            self.assert_refused(server, "the token is not known", token="guess")
            for name, make in BOTH:
                with make(server.address, token=self.tokens["read"], retry=NEVER_AGAIN) as client:
                    client.recommend("15889", count=1)
                    with self.assertRaises(PermissionDenied):
                        client.feedback([shown_event(name)])
                    # The same connection goes on with another role.
                    client.set_token(self.tokens["feedback"])
                    self.assertEqual(list(client.feedback([shown_event(name)]).outcomes), [1])
                    with self.assertRaises(PermissionDenied):
                        client.recommend("15889", count=1)

    def test_the_marketing_tool_says_who_it_is(self) -> None:
        rows = self.folder / "campaign.csv"
        rows.write_text("user_id,item_id,type,time\n15889,ind_recibo_ult1,shown,2016-06-01\n")
        token = self.folder / "token"
        token.write_text(self.tokens["feedback"] + "\n")
        files = self.certificates
        trust = ["--tls-ca", files.certificate("authority"), "--token-file", str(token)]
        own = ["--tls-certificate", files.certificate("client"), "--tls-key", files.key("client")]
        options = [*files.serve_options("server", "authority"), "--tokens", str(self.tokens_file)]
        with self.server(*options) as server:

            def run(*arguments: str) -> tuple[int, str]:
                tool = [sys.executable, "-m", "teller_client.marketing", "--json", *arguments]
                done = subprocess.run(
                    [*tool, "--server", server.address, str(rows)], capture_output=True, text=True
                )
                return done.returncode, done.stdout + done.stderr

            code, said = run(*trust)
            self.assertEqual(code, 77, said)
            self.assertIn("UNAUTHENTICATED: the server asks for a client certificate", said)
            code, said = run(*trust, *own)
            self.assertEqual(code, 0, said)
            self.assertEqual(json.loads(said.splitlines()[0])["accepted"], 1)
            code, said = run(*trust, "--tls-certificate", str(rows))
            self.assertEqual(code, 64)
            self.assertEqual(said, f"teller-feedback: {rows}: no certificate and key in PEM form\n")


if __name__ == "__main__":
    unittest.main()
