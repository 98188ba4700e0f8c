"""The Telegram channel (aiogram)."""
