"""Before the first message: who we are, no webhook in the way, the menu of commands. Waits for the network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from aiogram.exceptions import (
    AiogramError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, User

from agent.telegram.client import Client, bad_token

_log = structlog.get_logger(__name__)

T = TypeVar("T")

_LONGEST_WAIT_S = 30.0

COMMANDS = (
    ("make", "Make a video: /make the history of tea"),
    ("batch", "Several videos: one topic or link a line"),
    ("status", "How does it stand?"),
    ("cancel", "Stop the video that is being made"),
    ("retry", "Take up a failed or cancelled video"),
    ("continue", "Go on after a stop"),
    ("finish", "Make a draft in full"),
    ("storyboard", "Show the scenes of the last video"),
    ("edit", "Change it: /edit delete scene 3"),
    ("undo", "Take the last edit back"),
    ("redo", "Do it again"),
    ("dub", "The same video in other languages: /dub es fr"),
    ("variants", "Versions of it: /variants theme 2"),
    ("discover", "What is worth a video: /discover coral reefs"),
    ("trends", "What is new in it: /trends coral reefs"),
    ("candidates", "List what was found"),
    ("candidate", "Look at one of the list: /candidate 2"),
    ("save", "Keep one in mind: /save 2"),
    ("dismiss", "Never show one again: /dismiss 2"),
    ("more", "Go on with the list"),
    ("follow", "Follow a subject: /follow coral reefs"),
    ("unfollow", "Let go of it"),
    ("niches", "What do I follow?"),
    ("schedule", "Scan it: /schedule coral reefs every morning at 8"),
    ("sources", "Where does it come from, and who answers?"),
    ("memory", "What do you know about me?"),
    ("remember", "Keep in mind: /remember avoid: emojis"),
    ("forget", "Erase a fact, or all: /forget 2, /forget everything"),
    ("jobs", "What are the workers doing?"),
    ("help", "What can you do?"),
    ("start", "Say hello"),
)


async def start_up(client: Client) -> User:
    """Make ready; gives the bot's account. Tries until Telegram answers.

    Raises:
        ConfigError: the token or the address is wrong.
    """
    me = await patiently(client.bot.get_me)
    webhook = await patiently(client.bot.get_webhook_info)
    if webhook.url:
        _log.warning("telegram.webhook_removed", reason="messages are fetched by long polling")
        await patiently(client.bot.delete_webhook)
    await _show_commands(client)
    _log.info("telegram.ready", username=me.username)
    return me


async def _show_commands(client: Client) -> None:
    wanted = [BotCommand(command=name, description=text) for name, text in COMMANDS]
    shown = await patiently(client.bot.get_my_commands)
    if [(one.command, one.description) for one in shown] != list(COMMANDS):
        await patiently(lambda: client.bot.set_my_commands(wanted))


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """The result of a call, tried again with growing waits until Telegram answers.

    Raises:
        ConfigError: the token or the address is wrong.
    """
    failures = 0
    while True:
        try:
            return await call()
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise bad_token() from None
        except (AiogramError, OSError) as error:
            failures += 1
            await asyncio.sleep(complain(error, failures))


def complain(error: Exception, failures: int) -> float:
    """Log that Telegram cannot be reached; gives the seconds to wait."""
    asked_s = float(error.retry_after) if isinstance(error, TelegramRetryAfter) else 0.0
    wait_s = max(asked_s, min(_LONGEST_WAIT_S, 0.5 * 2.0 ** min(failures - 1, 10)))
    _log.warning(
        "telegram.unreachable",
        error=f"{type(error).__name__}: {error}"[:200],
        failures=failures,
        next_try_in_s=wait_s,
        hint="Check the network and ETTAMETTA_TELEGRAM_API_URL; it goes on by itself.",
    )
    return wait_s
