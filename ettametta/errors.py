"""The error tree: every failure a person may meet has a stable code, a sentence and a hint that names the fix.

Families are cut by who must act::

    EttamettaError
    ├── UserError            the person's input: say what is wrong and how to mend it
    │   ├── InvalidInput         empty, too long, not text, not a video, no such language
    │   ├── NotFound             no such job, production, video (also: it belongs to somebody else)
    │   ├── Refused              not allowed: a stranger, a private address, a licence, a viewer
    │   └── Conflict             not possible in the present state (cancel what has ended)
    ├── OperatorError        the installation: name the setting or the resource
    │   ├── ConfigError          a missing key, a bad value
    │   ├── NoSpace              the disk is full
    │   └── MissingPart          ffmpeg, a filter, a font or a voice is not there
    ├── ModelError           an LLM answered what cannot be used: adapt or stop
    ├── TransientError       try again later: time-outs, 429, 5xx, a lost connection
    └── Bug                  ours: logged whole, shown as a reference
"""

from __future__ import annotations

from typing import Any, ClassVar


class EttamettaError(Exception):
    """Base of all errors that people may see.

    Attributes:
        code: stable, dotted, lower-case; documented in docs/errors.md.
        message: one sentence for people, ending in a full stop.
        hint: one sentence that names the fix, or an empty string.
    """

    #: The code of instances built without one.
    default_code: ClassVar[str] = "error"
    #: Whether the ledger may run the job again by itself.
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, self.hint, self.code, dict(self.__dict__)))


def _rebuild(kind: type[EttamettaError], message: str, hint: str, code: str, state: dict[str, Any]) -> EttamettaError:
    error = kind.__new__(kind)
    EttamettaError.__init__(error, message, hint=hint, code=code)
    error.__dict__.update(state)
    return error


class UserError(EttamettaError):
    """The person's input is at fault; the sentence says what and the hint how to mend it."""

    default_code = "user"


class InvalidInput(UserError):
    """Input that cannot be worked with: empty, too long, the wrong kind."""

    default_code = "user.invalid_input"


class NotFound(UserError):
    """There is no such thing for this user."""

    default_code = "user.not_found"


class Refused(UserError):
    """A rule forbids it: access, addresses, licences."""

    default_code = "user.refused"


class Conflict(UserError):
    """It cannot be done in the present state."""

    default_code = "user.conflict"


class OperatorError(EttamettaError):
    """The installation is at fault; the hint names the setting or resource."""

    default_code = "operator"


class ConfigError(OperatorError):
    """A setting is missing or has a bad value."""

    default_code = "operator.config"


class NoSpace(OperatorError):
    """The disk or bucket has no room left."""

    default_code = "operator.no_space"


class MissingPart(OperatorError):
    """A needed program, filter, font, voice or extra is not installed."""

    default_code = "operator.missing_part"


class ModelError(EttamettaError):
    """A language model gave an answer that cannot be used."""

    default_code = "model"


class TransientError(EttamettaError):
    """Worth another try later.

    Attributes:
        retry_after_s: what the other side asked us to wait, in seconds; None when it said nothing.
    """

    default_code = "transient"
    retryable = True

    def __init__(self, message: str, *, hint: str = "", code: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint, code=code)
        self.retry_after_s = retry_after_s


class Bug(EttamettaError):
    """Our own mistake, shown to people as a reference into the log."""

    default_code = "bug"
