"""`python -m tests.servers.bot_api --port N`: the server in a process of its own; prints its URL, ends on SIGTERM."""

import argparse
import asyncio
import signal
import sys

from tests.servers.bot_api.server import TOKEN, BotApiServer


async def serve(port: int, token: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with BotApiServer(token, port=port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await ended.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.bot_api", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--token", default=TOKEN, help="the bot token that is accepted")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.token))


if __name__ == "__main__":
    main()
