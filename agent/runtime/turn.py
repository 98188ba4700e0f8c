"""One turn of conversation: the person's message is written down, understood, acted on, and answered.

Commands and answers to proposals never go through a model. The rest does when there is one, else through plain
understanding. The same turn id again finds what was done and goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

import structlog

from agent.runtime import answers
from agent.runtime.assembling import assemble
from agent.runtime.calls import Call, Calls, Outcome, report_bug
from agent.runtime.chat_model import KEY_REFUSED, ChatModel, FinalText
from agent.runtime.context import MAX_LINES, person_line
from agent.runtime.discovery_answers import NO_LIST, NO_MORE
from agent.runtime.discovery_words import More, OfList
from agent.runtime.edit_words import UseTool
from agent.runtime.honesty import hold_to_facts
from agent.runtime.listed import MAX_LINES as LISTED_LINES
from agent.runtime.listed import last_list, pick
from agent.runtime.proposals import ANSWER_PROPOSAL, open_proposals
from agent.runtime.reins import STOPPED, Reins, is_addition, is_stop
from agent.runtime.understanding import (
    MAX_TOPIC_CHARS,
    AnswerProposal,
    Cancel,
    Greet,
    Help,
    Intent,
    ListJobs,
    MakeVideo,
    Retry,
    ShowStatus,
    Stop,
    UnknownCommand,
    read_answer,
    read_command,
    understand,
)
from agent.runtime.values import Answer, Included, Incoming, ToolFinished, ToolStarted, TurnEvent
from ettametta.bootstrap import Resources
from ettametta.conversation import Line
from ettametta.errors import EttamettaError, InvalidInput, NotFound
from ettametta.kit.text import clean_paragraphs
from ettametta.productions.brief import MAX_TEXT_CHARS, Brief, check_brief
from ettametta.productions.values import ProposalView
from tools.discovery import CandidateList
from tools.productions import facts

_log = structlog.get_logger(__name__)

_QUESTION_MARKS = "?？؟;"


class OpenClaw:
    """The agent. `chat_model` is None where no model is configured."""

    def __init__(self, resources: Resources, chat_model: ChatModel | None) -> None:
        self._resources = resources
        self._model = chat_model
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: dict[str, Reins] = {}
        self._heard: set[str] = set()

    @property
    def has_model(self) -> bool:
        """Whether a language model is configured."""
        return self._model is not None

    async def turn(self, incoming: Incoming) -> AsyncIterator[TurnEvent]:
        """Answer one message; the last event is the `Answer`. One turn at a time in each chat.

        Never raises for what a person or a model did; a bug ends as a sentence with a reference into the log.
        """
        lane = self._lanes.setdefault(incoming.person.chat_id, asyncio.Lock())
        async with lane:
            with structlog.contextvars.bound_contextvars(turn_id=incoming.turn_id):
                try:
                    async for event in self._events(incoming):
                        yield event
                except Exception as error:  # noqa: BLE001 -- a chat never shows a stack trace; the log has it
                    yield answers.failure(report_bug(error))

    async def _events(self, incoming: Incoming) -> AsyncIterator[TurnEvent]:
        if incoming.turn_id in self._heard:
            self._heard.discard(incoming.turn_id)
            yield Included()
            return
        reins = self._running[incoming.person.chat_id] = Reins()
        try:
            async for event in _Turn(self._resources, self._model, incoming, reins).events():
                yield event
        finally:
            self._running.pop(incoming.person.chat_id, None)

    def interject(self, incoming: Incoming) -> bool:
        """A message has come that may mean the turn that runs in its chat.

        A stop ends that turn, an addition is offered to its next step. Its own turn comes in any case, and says nothing
        more when it was heard here.

        Returns whether a running turn was told to stop.
        """
        reins = self._running.get(incoming.person.chat_id)
        if reins is None:
            return False
        if is_stop(incoming):
            self._heard.add(incoming.turn_id)
            reins.stopped.set()
            return True
        if is_addition(incoming):
            reins.offer(incoming)
        return False

    def stop(self, chat_id: str) -> bool:
        """Stop the turn that runs in a chat; False when none does."""
        reins = self._running.get(chat_id)
        if reins is not None:
            reins.stopped.set()
        return reins is not None


class _Turn:
    """The state of one turn."""

    def __init__(self, resources: Resources, model: ChatModel | None, incoming: Incoming, reins: Reins) -> None:
        self._reins = reins
        self._resources = resources
        self._model = model
        self._incoming = incoming
        self._person = incoming.person
        self._text = clean_paragraphs(incoming.text[:MAX_TEXT_CHARS])
        self._has_file = any(upload.kind == "text" for upload in incoming.attachments)
        self._calls = Calls(resources, incoming, ())

    async def events(self) -> AsyncIterator[TurnEvent]:
        """Everything that happens, the answer last."""
        lines = await self._resources.conversation.of_turn(self._incoming.turn_id)
        self._calls = Calls(
            self._resources, self._incoming, lines, message_text=self._material(), said=self._text, reins=self._reins
        )
        if await self._went_into_another(lines):
            yield Included()
            return
        if lines and _is_final(lines[-1]):
            yield Answer(lines[-1].text, answers.choices_after(self._outcomes))
            return
        if not lines:
            await self._write(person_line(self._incoming, self._text))
        async for event in self._answered():
            if isinstance(event, Answer):
                await self._write(Line("assistant", event.text, self._incoming.turn_id))
            yield event

    async def _went_into_another(self, lines: Sequence[Line]) -> bool:
        """Whether this message was taken in by the turn before, which has its answer."""
        joined = lines[0].joins_turn_id if lines else None
        before = await self._resources.conversation.of_turn(joined) if joined else []
        return bool(before) and _is_final(before[-1])

    @property
    def _outcomes(self) -> list[Outcome]:
        return list(self._calls.outcomes.values())

    async def _write(self, line: Line) -> None:
        await self._resources.conversation.append(self._person.chat_id, self._person.user_id, line)

    def _material(self) -> str:
        """The long text in the message, without the request around it; "" when there is none."""
        intent = self._command() or understand(self._text, has_file=self._has_file)
        if isinstance(intent, MakeVideo) and intent.source == "text":
            return intent.subject
        return self._text if len(self._text) > MAX_TOPIC_CHARS else ""

    def _command(self) -> Intent | None:
        return None if self._incoming.is_forwarded else read_command(self._text)

    async def _answered(self) -> AsyncIterator[TurnEvent]:
        for call in self._calls.interrupted:
            async for event in self._run(call, resumed=True):
                yield event
        if len(self._incoming.text) > MAX_TEXT_CHARS:
            yield _too_long(self._incoming.text)
            return
        intent = self._command() or await self._proposal_answer()
        if intent is not None:
            steps = self._act(intent)
        else:
            steps = self._with_model(self._model) if self._model else self._without_model()
        async for event in steps:
            yield event

    # -- acting on an intent -------------------------------------------------------------------------------------------

    async def _act(self, intent: Intent) -> AsyncIterator[TurnEvent]:
        """Do what was asked for, once, and say how it went."""
        if self._outcomes:
            yield await self._words()
            return
        match intent:
            case Help():
                yield answers.help_answer(has_model=self._model is not None)
            case Greet() | Stop():
                yield Answer(answers.GREETING if isinstance(intent, Greet) else answers.NOTHING_RUNS)
            case UnknownCommand(name=name):
                yield answers.unknown_command(name)
            case AnswerProposal():
                async for event in self._answer_proposal(intent):
                    yield event
            case More() | OfList() | MakeVideo(source="listed"):
                async for event in self._of_list(intent):
                    yield event
            case _:
                async for event in self._perform(*self._deed(intent)):
                    yield event

    def _deed(
        self, intent: MakeVideo | ShowStatus | Cancel | Retry | ListJobs | UseTool | OfList
    ) -> tuple[str, dict[str, Any]]:
        """The tool and the arguments for an intent."""
        match intent:
            case MakeVideo():
                return "make_video", self._make_arguments(intent)
            case ShowStatus(production_id=production_id):
                return "show_status", {"production_id": production_id}
            case Cancel(production_id=production_id):
                return "cancel_production", {"production_id": production_id}
            case Retry(production_id=production_id):
                return "retry_production", {"production_id": production_id}
            case ListJobs():
                return "list_jobs", {}
            case UseTool(tool=tool, arguments=arguments) | OfList(tool=tool, arguments=arguments):
                return tool, dict(arguments)

    def _make_arguments(self, wanted: MakeVideo) -> dict[str, Any]:
        arguments: dict[str, Any] = {"duration_s": wanted.wishes.duration_s, "language": wanted.wishes.language}
        if wanted.wishes.options is not None:
            arguments["options"] = dict(wanted.wishes.options)
        match wanted.source:
            case "topic" if not self._has_file:
                return {**arguments, "topic": wanted.subject}
            case "text":
                return {**arguments, "from_message": True}
            case "url":
                return {**arguments, "url": wanted.subject}
            case _:
                return arguments

    # -- the last list -------------------------------------------------------------------------------------------------

    async def _of_list(self, intent: More | OfList | MakeVideo) -> AsyncIterator[TurnEvent]:
        """Do something with what the last list in this chat showed."""
        listed = last_list(await self._resources.conversation.recent(self._person.chat_id, limit=LISTED_LINES))
        if isinstance(intent, More):
            if listed is None or (listed.more is None and not listed.is_running):
                yield Answer(NO_LIST if listed is None else NO_MORE)
                return
            name, arguments = "list_candidates", _more(listed)
        else:
            try:
                candidate_id = pick(listed, int(intent.subject) if isinstance(intent, MakeVideo) else intent.number)
            except NotFound as error:
                yield answers.failure(error)
                return
            name, arguments = self._deed(intent)
            arguments = {**arguments, "candidate_id": candidate_id}
        async for event in self._perform(name, arguments):
            yield event

    async def _perform(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[TurnEvent]:
        for call in await self._calls.announce([(name, arguments)]):
            async for event in self._run(call):
                yield event
        yield await self._words()

    async def _run(self, call: Call, *, resumed: bool = False) -> AsyncIterator[TurnEvent]:
        yield ToolStarted(call.name, call.label)
        outcome = await (self._calls.resume(call) if resumed else self._calls.run(call))
        yield ToolFinished(call.name, outcome.ok, outcome.summary, outcome.production_id)

    async def _words(self) -> Answer:
        """What the outcomes of this turn mean."""
        last = self._outcomes[-1]
        if last.error is not None and last.error.code == "production.ambiguous":
            views = await self._resources.productions.recent(user_id=self._person.user_id, unfinished_only=True)
            return answers.which_one([facts(view) for view in views], "cancel")
        return answers.say(self._outcomes, self._person)

    # -- proposals -----------------------------------------------------------------------------------------------------

    async def _proposal_answer(self) -> AnswerProposal | None:
        """A bare yes or no, while a proposal is open."""
        answer = None if self._incoming.is_forwarded else read_answer(self._text)
        return answer if answer is not None and (self._outcomes or await self._open()) else None

    async def _open(self) -> list[ProposalView]:
        return await open_proposals(self._resources.productions, self._person)

    async def _answer_proposal(self, intent: AnswerProposal) -> AsyncIterator[TurnEvent]:
        proposal_id = intent.proposal_id
        if proposal_id is None:
            waiting = await self._open()
            if not waiting:
                yield Answer(answers.NOTHING_OPEN)
                return
            if len(waiting) > 1 or await self._asked_since(waiting[0]):
                yield answers.which_proposal(waiting, accept=intent.accept)
                return
            proposal_id = waiting[0].id
        arguments = {"proposal_id": proposal_id, "accept": intent.accept}
        async for event in self._perform(ANSWER_PROPOSAL.name, arguments):
            yield event

    async def _asked_since(self, proposal: ProposalView) -> bool:
        """Whether a bare yes may mean something else that was said after the proposal. Ids grow with time.

        A model's words may ask without a question mark, and may be put into its mouth by a page it read.
        """
        recent = await self._resources.conversation.recent(self._person.chat_id, limit=MAX_LINES)
        later = [line for line in recent if _is_final(line) and line.turn_id > proposal.id]
        if self._model is None:
            return any(mark in line.text for line in later for mark in _QUESTION_MARKS)
        ours = {line.turn_id for line in recent if line.role == "user" and read_command(line.text)}
        return any(line.turn_id not in ours for line in later)

    # -- without a model -----------------------------------------------------------------------------------------------

    async def _without_model(self) -> AsyncIterator[TurnEvent]:
        if self._outcomes:
            yield await self._words()
            return
        intent = self._plain_intent()
        if intent is None:
            yield self._not_understood()
            return
        async for event in self._act(intent):
            yield event

    def _plain_intent(self) -> Intent | None:
        intent = understand(self._text, has_file=self._has_file)
        if self._incoming.is_forwarded and not isinstance(intent, MakeVideo):
            return None
        return intent

    def _not_understood(self) -> Answer:
        if not self._text:
            return Answer(answers.ONLY_PICTURES if self._incoming.attachments else answers.NOTHING_SAID)
        if self._incoming.is_forwarded:
            return Answer(answers.FORWARDED)
        return Answer(answers.NOTHING_OPEN if read_answer(self._text) else answers.NOT_UNDERSTOOD)

    # -- with a model --------------------------------------------------------------------------------------------------

    async def _with_model(self, model: ChatModel) -> AsyncIterator[TurnEvent]:
        if not self._text and not self._incoming.attachments:
            yield Answer(answers.NOTHING_SAID)
            return
        text = ""
        try:
            await self._calls.purse.open()
            shown = await assemble(self._resources, self._person, self._incoming.turn_id)
            async for said in model.converse(shown.system, shown.lines, self._calls):
                if isinstance(said, FinalText):
                    text = said.text
                else:
                    yield said
        except EttamettaError as error:
            _log.warning("turn.model_failed", code=error.code, error=error.message)
            async for event in self._despite(error):
                yield event
            return
        yield Answer(hold_to_facts(text, self._outcomes), answers.choices_after(self._outcomes))

    async def _despite(self, error: EttamettaError) -> AsyncIterator[TurnEvent]:
        """The model failed: say so, and do what is clear without it."""
        if error.code == STOPPED:
            done = answers.say(self._outcomes, self._person).text if self._outcomes else "Nothing was begun."
            yield Answer(f"{error} {done}", answers.choices_after(self._outcomes))
            return
        if not self._outcomes and self._plain_intent() is None:
            way_out = "" if error.code == KEY_REFUSED else " Nothing was begun."
            yield Answer(
                f"{error}{way_out} Plain requests and commands work meanwhile: /help lists them.{self._not_done()}"
            )
            return
        async for event in self._without_model():
            yield _with_note(event, f"({error} I did this without it.){self._not_done()}")

    def _not_done(self) -> str:
        """What was added to this turn and came to nothing with it."""
        added = "; ".join(f"“{line.text[:80]}”" for line in self._calls.additions)
        return f" What you added meanwhile is not done, please say it again: {added}." if added else ""


def _more(listed: CandidateList) -> dict[str, Any]:
    """What shows the next part; of a search that still ran, what it has found since, from the top."""
    asked = listed.more.model_dump(exclude_none=True) if listed.more else {"niche": listed.about}
    if listed.is_running:
        asked.pop("cursor", None)
    return asked


def _with_note(event: TurnEvent, note: str) -> TurnEvent:
    return replace(event, text=f"{event.text}\n\n{note}") if isinstance(event, Answer) else event


def _too_long(text: str) -> Answer:
    try:
        check_brief(Brief(kind="text", text=text))
    except InvalidInput as error:
        return answers.failure(error)
    return Answer(answers.NOT_UNDERSTOOD)


def _is_final(line: Line) -> bool:
    return line.role == "assistant" and not line.tool_calls
