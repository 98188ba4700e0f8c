"""How a model's endpoint fails, in our words: which exceptions of its client mean what, and who must act."""

from __future__ import annotations

import httpx
import httpx2
import openai
import structlog
from langgraph.errors import GraphRecursionError

from agent.runtime.chat_model import KEY_REFUSED, LIMIT, MODEL_REFUSED, NO_ANSWER, UNUSABLE
from ettametta.errors import ConfigError, EttamettaError, ModelError, TransientError

_log = structlog.get_logger(__name__)


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
    if error.status_code in {408, 409, 425, 429} or error.status_code >= 500:
        return _no_answer()
    return ConfigError(
        f"The language model refused the request ({error.status_code}).",
        hint="Check ETTAMETTA_MODEL and OPENAI_BASE_URL: the model must exist there and know tools.",
        code=MODEL_REFUSED,
    )


def _no_answer() -> TransientError:
    return TransientError("The language model does not answer.", hint="Try again in a moment.", code=NO_ANSWER)
