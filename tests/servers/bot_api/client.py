"""The server as a process of its own, and a client for its control API: it outlives a bot that is killed."""

import asyncio
import base64
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.servers.bot_api.server import TOKEN

_ROOT = Path(__file__).resolve().parents[3]


class BotApiProcess:
    """Starts `python -m tests.servers.bot_api` and speaks to it; an async context manager."""

    def __init__(self, token: str = TOKEN, port: int = 0) -> None:
        self.token = token
        self.url = ""
        self._port = port
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        command = [sys.executable, "-m", "tests.servers.bot_api", "--port", str(self._port), "--token", self.token]
        self._process = await asyncio.create_subprocess_exec(*command, cwd=_ROOT, stdout=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        self.url = line.decode().strip()
        if not self.url.startswith("http://"):
            raise RuntimeError(f"the Bot API test server did not start: {line!r}")
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), 10)

    async def do(self, action: str, **body: Any) -> Any:
        """One control action; AssertionError with the server's sentence when it refuses."""
        assert self._session is not None, "use as an async context manager"
        async with self._session.post(f"{self.url}/control/{action}", json=body) as answer:
            value = await answer.json()
        if answer.status != 200:
            raise AssertionError(f"control {action}: {value.get('error')}")
        return value["result"]

    async def file(self, file_id: str) -> bytes:
        """The bytes behind a file id."""
        return base64.b64decode(await self.do("file", file_id=file_id))
