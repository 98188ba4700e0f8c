"""How a model's endpoint fails, in our words: which exceptions of its client mean what, and who must act."""

from __future__ import annotations

import re

import httpx
import httpx2
import openai
import structlog
from langgraph.errors import GraphRecursionError

from agent.runtime.chat_model import BUSY, KEY_REFUSED, LIMIT, MODEL_REFUSED, NO_ANSWER, TOO_LONG, UNUSABLE
from ettametta.errors import ConfigError, EttamettaError, ModelError, TransientError

_log = structlog.get_logger(__name__)

#: How endpoints say that the conversation has more tokens than the model reads (OpenAI, vLLM, llama.cpp, LM Studio).
_TOO_LONG = re.compile(
    r"context[_ ](?:length|size|window)|maximum (?:context|number of tokens)"
    r"|(?:prompt|input|request) is too (?:long|large)|too many (?:input )?tokens|context overflows",
    re.IGNORECASE,
)


class ModelAnswerError(Exception):
    """Carries one of our errors out of the agent's graph, which might swallow others."""

    def __init__(self, error: EttamettaError) -> None:
        super().__init__(str(error))
        self.error = error


def may_have_cost(error: BaseException) -> bool:
    """Whether the model may have worked although no answer came: cut off, late, unreadable; not when it refused."""
    if isinstance(error, openai.APIStatusError | ModelAnswerError):
        return False
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        cause = cause.__cause__
    return cause is None


def may_pass(error: Exception) -> bool:
    """Whether it may be only this model that does not answer, and only now. A bad key or request is nobody's turn."""
    return isinstance(translate(error), TransientError)


def is_too_long(error: Exception) -> bool:
    """Whether the endpoint says that the conversation is longer than the model reads."""
    if not isinstance(error, openai.APIStatusError) or error.status_code not in {400, 413, 422}:
        return False
    return error.status_code == 413 or _TOO_LONG.search(f"{error.code} {error.message}") is not None


def translate(error: Exception) -> Exception:
    """One of our errors for a failure of the model; any other exception as it is."""
    if isinstance(error, ModelAnswerError):
        return error.error
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return ConfigError(
            "The language model refused the key.",
            hint="Check OPENAI_API_KEY, and that OPENAI_BASE_URL is the endpoint it belongs to.",
            code=KEY_REFUSED,
        )
    if isinstance(error, TimeoutError | httpx.HTTPError | openai.APIConnectionError):
        return _no_answer()
    if isinstance(error, openai.APIStatusError):
        return _by_status(error)
    if isinstance(error, GraphRecursionError):
        return ModelError("The model did not come to an end with this.", code=LIMIT)
    if isinstance(error, openai.OpenAIError | ValueError | TypeError | KeyError | AttributeError):
        # The client's parsers raise the built-in ones at answers that are not what the protocol says.
        _log.warning("model.unreadable_answer", error=f"{type(error).__name__}: {str(error)[:200]}")
        return ModelError("The model's answer could not be read.", code=UNUSABLE)
    return error


def _by_status(error: openai.APIStatusError) -> EttamettaError:
    if error.status_code == 429 and error.code == "insufficient_quota":
        return ConfigError(
            "The language model says that the account has no credit left.",
            hint="Look at the account that OPENAI_API_KEY belongs to.",
            code=MODEL_REFUSED,
        )
    if error.status_code == 429:
        return TransientError(
            "The language model has too many requests at the moment.", hint="Try again in a minute.", code=BUSY
        )
    if error.status_code in {408, 409, 425} or error.status_code >= 500:
        return _no_answer()
    if is_too_long(error):
        return ModelError(
            "This is longer than the language model can read.",
            hint="Send less at once, or set ETTAMETTA_MODEL to one that reads more.",
            code=TOO_LONG,
        )
    return ConfigError(
        f"The language model refused the request ({error.status_code}).",
        hint="Check ETTAMETTA_MODEL and OPENAI_BASE_URL: the model must exist there and know tools.",
        code=MODEL_REFUSED,
    )


def _no_answer() -> TransientError:
    return TransientError("The language model does not answer.", hint="Try again in a moment.", code=NO_ANSWER)
