"""Logging: structlog and the standard library through one renderer, and secrets taken out on the way.

Two nets: keys that name a secret lose their value, and the finished line loses whatever looks like one (bot tokens, API
keys, passwords in addresses) or was handed in as one.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TextIO

import structlog
from pydantic import SecretStr
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["auto", "text", "json"]

MASK = "***"
#: A shorter "secret" would mask ordinary words.
_LEAST_SECRET = 6

_SECRET_KEY = re.compile(
    r"^(?:proxy[_-]?)?authorization$|^(?:set-)?cookie$|(?:^|[_-])(?:token|password|passwd|secret|api[_-]?key|access[_-]?key)$",
    re.IGNORECASE,
)
_PATTERNS = (
    # Telegram: <bot id>:<35 characters>
    (re.compile(r"\d{3,}:[\w-]{30,}"), MASK),
    (re.compile(r"\b(?:sk|rk|pk)-[\w*.\-]{8,}"), MASK),
    (re.compile(r"sk-(?=[\w-]*\d)[\w-]{20,}"), MASK),
    (
        re.compile(r"(?i)\b(authorization[\"']?\s*[:=,]\s*[\"']?)(?:(?:bearer|basic|token)\s+)?[^\s\"',;)}\]]+"),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {MASK}"),
    # scheme://user:password@host
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@\"'<>]*@"), rf"\1{MASK}@"),
    (
        re.compile(r"(?i)([?&](?:access_token|token|api_?key|key|secret|signature|sig|x-amz-[a-z-]+)=)[^\s&\"'<>]+"),
        rf"\1{MASK}",
    ),
)

#: Libraries that talk at INFO of what we log ourselves, or that would log addresses with tokens in them.
_TAMED = (
    "httpx", "httpcore", "httpx2", "openai", "aiohttp", "taskiq", "aiogram", "uvicorn", "uvicorn.access", "alembic",
    "asyncio", "sqlalchemy", "aiosqlite", "PIL", "fontTools", "numba", "trafilatura", "langchain", "urllib3", "hibari",
)  # fmt: skip


class Redactor:
    """Takes secrets out of text and of event fields. `secrets` are masked wherever they appear, as they are."""

    def __init__(self, secrets: Iterable[SecretStr] = ()) -> None:
        values = {secret.get_secret_value() for secret in secrets}
        forms = {form for value in values if len(value) >= _LEAST_SECRET for form in _written_forms(value)}
        self._known = sorted(forms, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for value in self._known:
            text = text.replace(value, MASK)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Mask fields by their names, before they are rendered."""
        return {key: self._value(key, value) for key, value in event.items()}

    def _value(self, key: object, value: Any) -> Any:
        if value is not None and _SECRET_KEY.search(str(key)):
            return MASK
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self._value(name, item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._value("", item) for item in value]
        return value


def _written_forms(value: str) -> set[str]:
    """How a value may stand in a line: as it is, inside JSON, inside a repr."""
    return {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Renders, then masks what the line still holds."""

    def __init__(self, *, redactor: Redactor, renderer: Processor, shared: list[Processor]) -> None:
        processors: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redactor, renderer]
        super().__init__(processors=processors, foreign_pre_chain=shared)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """One line (text may have more, for a traceback)."""
        return self._redactor.text(super().format(record))


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at the moment, so that a progress bar can redraw itself below the line."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.stream = sys.stderr
        super().emit(record)


def configure_logging(level: str = "INFO", log_format: LogFormat = "auto", secrets: Iterable[SecretStr] = ()) -> None:
    """Route structlog and the standard library to stderr; may be called again to change one's mind.

    Args:
        level: the least level that is logged: DEBUG, INFO, WARNING or ERROR.
        log_format: `auto` is text on a terminal and JSON elsewhere.
        secrets: values that must never appear.
    """
    as_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    shared = _shared_processors()
    formatter = _RedactingFormatter(redactor=Redactor(secrets), renderer=_renderer(as_text=as_text), shared=shared)
    handler = _StderrHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TAMED:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # plain tracebacks: the pretty ones show local variables, and secrets live there
        structlog.processors.format_exc_info,
    ]


def _renderer(*, as_text: bool) -> Processor:
    if as_text:
        return structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
