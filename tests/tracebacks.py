"""How logs look in tests: tracebacks as the product writes them."""

from __future__ import annotations

import structlog


def configure_plain() -> None:
    """Set structlog up; its own defaults show every local variable of a traceback, which takes half a minute."""
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
