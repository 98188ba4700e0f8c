"""A Telegram Bot API server for tests: serves an unmodified aiogram bot over HTTP on 127.0.0.1, see server.py."""

from tests.servers.bot_api.client import BotApiProcess
from tests.servers.bot_api.faults import Fault
from tests.servers.bot_api.limits import RateRules
from tests.servers.bot_api.person import Group, Person
from tests.servers.bot_api.server import TOKEN, BotApiServer
from tests.servers.bot_api.state import Call, ChatMessage, ChatRecord, Click

__all__ = [
    "TOKEN",
    "BotApiProcess",
    "BotApiServer",
    "Call",
    "ChatMessage",
    "ChatRecord",
    "Click",
    "Fault",
    "Group",
    "Person",
    "RateRules",
]
