"""What a tool is: a name, the words the model reads, typed input and output, who may use it, and one service call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from ettametta.bootstrap import Resources
from ettametta.errors import Refused
from ettametta.productions.uploads import Upload
from ettametta.users import Person

InT = TypeVar("InT", bound=BaseModel)
OutT = TypeVar("OutT", bound=BaseModel)


class ToolInput(BaseModel):
    """Base of all inputs: what is not declared is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolOutput(BaseModel):
    """Base of all outputs."""

    model_config = ConfigDict(frozen=True)


class Permission(IntEnum):
    """Who may use a tool; each rank may do what the ranks below may."""

    VIEWER = 1
    EDITOR = 2
    OWNER = 3

    @classmethod
    def of(cls, role: str) -> Permission:
        """The rank of a role's name; an unknown role may only look."""
        return cls.__members__.get(role.upper(), cls.VIEWER)


@dataclass(frozen=True, slots=True)
class ToolContext:
    """For whom a tool works.

    Attributes:
        person: who asked.
        channel: where: telegram, terminal.
        resources: what `bootstrap` built.
        call_id: unique to this call; the same one again means the same deed.
        attachments: the files that came with the message.
        said: the message as the person wrote it.
        turn_id: the turn it belongs to.
        is_forwarded: the message is somebody else's.
        message_text: the long text the person pasted into the message, without the request around it.
    """

    person: Person
    channel: str
    resources: Resources
    call_id: str
    attachments: tuple[Upload, ...] = ()
    message_text: str = ""
    said: str = ""
    turn_id: str = ""
    is_forwarded: bool = False


def without_nulls(value: object) -> object:
    """A model's null means that nothing was said."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return value


def always(_args: Any) -> bool:
    """The answer of a tool that may be run again with the same call id, whatever its arguments."""
    return True


@dataclass(frozen=True, slots=True)
class Tool(Generic[InT, OutT]):
    """Something the agent may do.

    Attributes:
        name: as the model calls it, verb_noun.
        label: what people see while it runs.
        description: what the model reads: when to use it and what comes back.
        permission: the least rank that may use it.
        example: an input that works.
        run: the deed. Raises EttamettaError, whose sentence and hint the model acts on.
        repeatable: whether, after a crash, the same call may simply be run again.
    """

    name: str
    label: str
    description: str
    input: type[InT]
    output: type[OutT]
    permission: Permission
    example: InT
    run: Callable[[ToolContext, InT], Awaitable[OutT]]
    repeatable: Callable[[InT], bool] = always

    async def call(self, context: ToolContext, args: InT) -> OutT:
        """Run it, if this person may.

        Raises:
            Refused: the person's role does not reach.
        """
        if Permission.of(context.person.role) < self.permission:
            raise Refused(
                f"A {context.person.role} may not do that.",
                hint=f"Ask somebody who is {self.permission.name.lower()} or more.",
                code="tool.not_permitted",
            )
        return await self.run(context, args)


#: A tool of any input and output.
AnyTool = Tool[Any, Any]
