"""The Telegram channel (aiogram). Imported only by the process that talks: aiogram is heavy."""

from agent.telegram.bot import run_bot

__all__ = ["run_bot"]
