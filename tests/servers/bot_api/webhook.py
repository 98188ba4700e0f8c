"""Webhook delivery: one lane per chat, the secret header, retries with growing waits, methods in the answer."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiogram.types import Update, WebhookInfo

from tests.servers.bot_api.updates import Pending, UpdateQueue, hand_out
from tests.servers.bot_api.wire import Form, read_parts, to_json

Execute = Callable[[str, Form], Awaitable[None]]


class Webhook:
    """Sends what the queue holds to the bot's URL while one is set."""

    def __init__(self, queue: UpdateQueue, execute: Execute, first_retry_s: float = 0.05) -> None:
        self.queue = queue
        self.url = ""
        self.secret = ""
        self.max_connections = 40
        self.first_retry_s = first_retry_s
        self.attempts = 0
        self._execute = execute
        self._lanes: dict[int, deque[Pending]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(40)
        self._session: aiohttp.ClientSession | None = None
        self._last_error: tuple[datetime, str] | None = None

    def info(self) -> WebhookInfo:
        """What getWebhookInfo tells."""
        when, sentence = self._last_error or (None, None)
        return WebhookInfo(
            url=self.url,
            has_custom_certificate=False,
            pending_update_count=len(self.queue.pending) + sum(map(len, self._lanes.values())),
            last_error_date=when,
            last_error_message=sentence,
            max_connections=self.max_connections if self.url else None,
            allowed_updates=self.queue.allowed or None,
        )

    async def set(self, url: str, secret: str = "", max_connections: int = 40) -> None:
        """Deliver to this URL from now on; an empty one ends delivery and keeps what was not delivered."""
        await self.stop()
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self._slots = asyncio.Semaphore(max_connections)
        self._last_error = None
        self.queue.listener = self._pump if url else None
        self._pump()

    async def stop(self) -> None:
        """End all deliveries; what was not accepted goes back to the queue."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        kept = sorted((item for lane in self._lanes.values() for item in lane), key=lambda one: one.update.update_id)
        self.queue.pending[:0] = kept
        self._lanes.clear()
        self._tasks.clear()
        self.url = ""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _pump(self) -> None:
        while self.url and self.queue.pending:
            item = self.queue.pending.pop(0)
            lane = _lane_of(item.update)
            self._lanes.setdefault(lane, deque()).append(item)
            if lane not in self._tasks:
                self._tasks[lane] = asyncio.get_running_loop().create_task(self._drain(lane))

    async def _drain(self, lane: int) -> None:
        """Deliver a chat's updates in order, each until it is accepted."""
        waiting, wait_s = self._lanes[lane], self.first_retry_s
        while waiting:
            async with self._slots:
                accepted = await self._deliver(waiting[0])
            if accepted:
                waiting.popleft()
                wait_s = self.first_retry_s
            else:
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, 5.0)
        del self._lanes[lane], self._tasks[lane]

    async def _deliver(self, item: Pending) -> bool:
        self._session = self._session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        self.attempts += 1
        body = to_json(next(iter(hand_out([item]))))
        try:
            async with self._session.post(self.url, json=body, headers=headers, allow_redirects=False) as answer:
                if 200 <= answer.status < 300:
                    await self._reply(answer)
                    return True
                self.note(f"Wrong response from the webhook: {answer.status} {answer.reason}")
        except (aiohttp.ClientError, TimeoutError) as error:
            self.note(f"Connection failed: {type(error).__name__}")
        return False

    def note(self, sentence: str) -> None:
        """The last thing that went wrong, for getWebhookInfo."""
        self._last_error = (datetime.now(UTC), sentence)

    async def _reply(self, answer: aiohttp.ClientResponse) -> None:
        """A bot may call one method in its answer; Telegram tells it no result."""
        form = Form()
        if answer.content_type.startswith("multipart/"):
            await read_parts(aiohttp.MultipartReader.from_response(answer).stream, form)
        elif answer.content_type == "application/json":
            form.fields.update(_object(await answer.text()))
        name = form.fields.pop("method", None)
        if isinstance(name, str):
            await self._execute(name, form)


def _object(body: str) -> dict[str, Any]:
    """The JSON object of an answer; anything else is an answer without a method, as at Telegram."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _lane_of(update: Update) -> int:
    event = update.event
    holder = getattr(event, "message", None) or event
    owner = getattr(holder, "chat", None) or getattr(event, "from_user", None)
    return int(getattr(owner, "id", 0))
