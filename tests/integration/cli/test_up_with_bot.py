"""`up` with a bot: the pairing code is printed; a token that is refused ends all with one sentence."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Callable

from tests.integration.cli.test_serving import _read_until
from tests.servers.bot_api import TOKEN, BotApiProcess

Start = Callable[..., "subprocess.Popen[str]"]


async def test_the_pairing_code_is_printed_until_somebody_is_paired(start: Start) -> None:
    async with BotApiProcess() as telegram:
        process = start("up", ETTAMETTA_API_PORT="0", TELEGRAM_BOT_TOKEN=TOKEN, ETTAMETTA_TELEGRAM_API_URL=telegram.url)
        said = await asyncio.to_thread(_read_until, process, "^Next: ")
        assert "/pair " in said
        assert "ask your bot" in said
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.to_thread(process.communicate, timeout=60)
    assert process.returncode == 0
    assert TOKEN not in err + said


async def test_a_refused_token_ends_everything_with_one_sentence(start: Start) -> None:
    async with BotApiProcess() as telegram:
        wrong = "987654321:AAF-abcdefghijklmnopqrstuvwxyz_wrong"
        process = start("up", ETTAMETTA_API_PORT="0", TELEGRAM_BOT_TOKEN=wrong, ETTAMETTA_TELEGRAM_API_URL=telegram.url)
        out, err = await asyncio.to_thread(process.communicate, timeout=60)
    assert process.returncode == 3
    (sentence,) = [line for line in err.splitlines() if line.startswith("Error: ")]
    assert "The Telegram bot stopped" in sentence
    assert wrong not in out + err
    assert "Traceback" not in err
