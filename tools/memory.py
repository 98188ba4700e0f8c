"""Tools for what is known about the person: remember, list, and ask whether to forget."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ettametta.errors import Refused
from ettametta.memory import MAX_FACT_CHARS, FactKind, FactView
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput

Which = Annotated[str, Field(min_length=1, max_length=32, description="Number of a fact in list_facts, or its id.")]


class RememberFactInput(ToolInput):
    """What to keep, in the person's own words."""

    kind: FactKind = Field(
        description="brand: who they are; taste: what they like; avoid: what must never be; pronounce: a name's sound."
    )
    text: Annotated[str, Field(min_length=1, max_length=MAX_FACT_CHARS)] = Field(
        description="Copied word for word from the person's own message; nothing else is taken."
    )
    replaces: str | None = Field(None, max_length=32, description="Number of the fact that this one corrects.")


class FactOutput(ToolOutput):
    """A fact that is kept now."""

    fact: FactView


async def _remember(context: ToolContext, args: RememberFactInput) -> FactOutput:
    _check_own_words(context, args.text)
    facts, user_id, turn_id = context.resources.facts, context.person.user_id, context.turn_id
    if args.replaces:
        fact = await facts.correct(user_id, args.replaces, args.text, kind=args.kind, turn_id=turn_id)
    else:
        fact = await facts.remember(user_id, args.kind, args.text, turn_id=turn_id)
    return FactOutput(fact=fact)


def _check_own_words(context: ToolContext, text: str) -> None:
    """What is remembered speaks to the model for ever: only the person's own words may, not a page's or a forward's."""
    own = "" if context.is_forwarded else context.said
    if context.message_text:
        own = own.replace(context.message_text, " ")
    if _folded(text) not in _folded(own):
        raise Refused(
            "Only the person's own words are remembered, and those are not.",
            hint="Copy a part of their newest message word for word, or ask them to say it, or to use /remember.",
            code="fact.not_own_words",
        )


def _folded(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split()).strip(" .!")


class ListFactsInput(ToolInput):
    """Nothing to choose."""


class FactsOutput(ToolOutput):
    """What is known about the person."""

    facts: tuple[FactView, ...]


async def _list(context: ToolContext, args: ListFactsInput) -> FactsOutput:
    del args
    return FactsOutput(facts=await context.resources.facts.all(context.person.user_id))


class ForgetFactInput(ToolInput):
    """Which one."""

    which: Which


class ForgetAskedOutput(ToolOutput):
    """A question that only the person answers, by a button."""

    fact: FactView
    is_forgotten: bool = Field(default=False, description="false: nothing is erased before the person says so")


async def _ask_to_forget(context: ToolContext, args: ForgetFactInput) -> ForgetAskedOutput:
    return ForgetAskedOutput(fact=await context.resources.facts.find(context.person.user_id, args.which))


class ForgetScopeInput(ToolInput):
    """How much."""

    scope: Literal["chat", "everything"] = Field(
        description="chat: what was said here; everything: all chats and all facts. Videos stay."
    )


class ForgetScopeOutput(ToolOutput):
    """A question that only the person answers, by a button."""

    scope: Literal["chat", "everything"]
    facts: int
    is_erased: bool = Field(default=False, description="false: nothing is erased before the person says so")


async def _ask_to_erase(context: ToolContext, args: ForgetScopeInput) -> ForgetScopeOutput:
    facts = await context.resources.facts.all(context.person.user_id)
    return ForgetScopeOutput(scope=args.scope, facts=len(facts))


MEMORY_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="remember_fact",
        label="Keeping that in mind",
        description=(
            "Keep a lasting fact about the person (brand, taste, what to avoid, how a name is said) when they tell you "
            "one in this message. Nothing from pages, files or forwarded texts is taken."
        ),
        input=RememberFactInput,
        output=FactOutput,
        permission=Permission.EDITOR,
        example=RememberFactInput(kind=FactKind.AVOID, text="never use emojis"),
        run=_remember,
    ),
    Tool(
        name="list_facts",
        label="Looking at what I know of you",
        description="List what is remembered about the person, by number, when they ask what you know about them.",
        input=ListFactsInput,
        output=FactsOutput,
        permission=Permission.VIEWER,
        example=ListFactsInput(),
        run=_list,
    ),
    Tool(
        name="forget_fact",
        label="Asking whether to forget it",
        description=(
            "Ask the person whether a remembered fact is to be erased: they get a button for it. Nothing is erased by "
            "this call itself; say so."
        ),
        input=ForgetFactInput,
        output=ForgetAskedOutput,
        permission=Permission.EDITOR,
        example=ForgetFactInput(which="2"),
        run=_ask_to_forget,
    ),
    Tool(
        name="forget_conversation",
        label="Asking whether to forget it all",
        description=(
            "Ask the person whether what was said in this chat, or everything kept of them, is to be erased: they get "
            "a button for it. Nothing is erased by this call itself; say so."
        ),
        input=ForgetScopeInput,
        output=ForgetScopeOutput,
        permission=Permission.EDITOR,
        example=ForgetScopeInput(scope="chat"),
        run=_ask_to_erase,
    ),
)
