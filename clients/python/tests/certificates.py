"""Certificates for one test run, made by ``openssl``, and a file of tokens."""

from __future__ import annotations

import hashlib
import pathlib
import subprocess

LOCAL = "DNS:localhost,IP:127.0.0.1"
#: Who signs what, for which names, and for how many days from now.
SIGNED = {
    "server": ("authority", LOCAL, 3650),
    "expired": ("authority", LOCAL, -1),
    "elsewhere": ("authority", "DNS:elsewhere.example,IP:192.0.2.1", 3650),
    "client": ("authority", "DNS:client.example", 3650),
    "expired_client": ("authority", "DNS:client.example", -1),
    "strange_client": ("stranger", "DNS:client.example", 3650),
}
ROLES = ("read", "feedback", "catalogue", "admin")


class Certificates:
    """An authority, a stranger's authority, and what they have signed; see ``SIGNED``."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        folder.mkdir()
        for name in ("authority", "stranger"):
            self._make_key(name)
            subject = ("-subj", f"/CN={name} of the tests")
            self._openssl("req", "-x509", "-new", *self._key(name), *subject, "-days", "3650")
        for name, (authority, names, days) in SIGNED.items():
            self._sign(name, authority, names, days)

    def certificate(self, name: str) -> str:
        """The PEM file of a certificate."""
        return str(self._folder / f"{name}.pem")

    def key(self, name: str) -> str:
        """The PEM file of its private key."""
        return str(self._folder / f"{name}.key")

    def serve_options(self, name: str, client_authority: str | None = None) -> list[str]:
        """Options of ``teller serve``: TLS with a certificate, and whose clients are let in."""
        options = ["--tls-certificate", self.certificate(name), "--tls-key", self.key(name)]
        if client_authority is not None:
            options += ["--tls-client-ca", self.certificate(client_authority)]
        return options

    def _key(self, name: str) -> tuple[str, ...]:
        return "-key", self.key(name), "-out", self.certificate(name)

    def _make_key(self, name: str) -> None:
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key(name))

    def _sign(self, name: str, authority: str, names: str, days: int) -> None:
        self._make_key(name)
        request, extensions = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\n")
        key, out = self.key(name), self.certificate(name)
        self._openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", str(request))
        self._openssl(
            *("x509", "-req", "-in", str(request), "-CAcreateserial", "-days", str(days)),
            *("-CA", self.certificate(authority), "-CAkey", self.key(authority)),
            *("-extfile", str(extensions), "-out", out),
        )

    @staticmethod
    def _openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def write_tokens(path: pathlib.Path) -> dict[str, str]:
    """Writes the server's file with a token for each role, one for ``all`` of them, and the
    ``longest`` there can be, which may read.
    """
    tokens = {name: f"token-of-the-tests-for-{name}-0123456789" for name in (*ROLES, "all")}
    tokens["longest"] = "t" * 1024
    lines = []
    for name, token in tokens.items():
        roles = {"all": ",".join(ROLES), "longest": "read"}.get(name, name)
        lines.append(f"{name} {roles} {hashlib.sha256(token.encode()).hexdigest()}")
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return tokens
