"""Addresses of servers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """A host and a port, written ``HOST:PORT`` or ``[IPv6]:PORT``."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Reads an address; raises ValueError with the form it should have."""
        host, colon, port = text.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            host = ""
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise ValueError(f"{text!r} is not HOST:PORT or [IPv6]:PORT")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
