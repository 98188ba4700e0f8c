"""The admin API as a part of this process: its socket, and uvicorn without signal handlers of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from admin_api.app import create_app
from cli.processes import Part
from ettametta.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from ettametta.bootstrap import Resources


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals to the command."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Nothing is captured."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the address.

    Raises:
        ConfigError: it is taken, or is not ours to listen on.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise ConfigError(
            f"The admin API cannot listen on {host}:{port}: {error.strerror or error}.",
            hint="Set ETTAMETTA_API_HOST and ETTAMETTA_API_PORT to an address that is free.",
            code="operator.config.api_address",
        ) from error


def address(listener: socket.socket) -> str:
    """Where to reach a listening socket."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 -- compared, not bound
    return f"http://{shown}:{port}"


def api_part(resources: Resources, token: SecretStr, listener: socket.socket) -> Part:
    """Serves the admin API on a listening socket."""

    async def body(stop: asyncio.Event) -> None:
        config = uvicorn.Config(
            create_app(resources, token),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            await serving
        finally:
            stopping.cancel()
            serving.cancel()
            await asyncio.gather(serving, stopping, return_exceptions=True)
            listener.close()

    return Part("The admin API", body)
