"""The terminal as a channel: messages in, the turn's events and the outbox's parcels out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import structlog

from agent.interrupts import stopping_first
from agent.runtime.answers import cost, proposal_choices
from agent.runtime.building import build_openclaw
from agent.runtime.turn import OpenClaw
from agent.runtime.values import Answer, Choice, Incoming, ToolFinished, TurnEvent
from agent.terminal_events import Delivered, Failed, Progress, Said, Show, TerminalEvent
from ettametta.bootstrap import Resources
from ettametta.conversation import Inbox, Update
from ettametta.delivery.outbox import Parcel
from ettametta.errors import EttamettaError, NotFound
from ettametta.kit.ids import new_id
from ettametta.productions.state import ProductionState
from ettametta.productions.uploads import Upload, UploadKind
from ettametta.productions.values import ProductionView
from ettametta.users import Person

_log = structlog.get_logger(__name__)

CHANNEL = "terminal"
_POLL_S = 0.5
_MAX_SENDS = 5
_RESEND_S = 5.0
_MAX_TURN_ATTEMPTS = 3


# -- out: the outbox ---------------------------------------------------------------------------------------------------


class TerminalSender:
    """Shows the outbox parcels of one terminal chat. Videos of a remote storage are saved in `folder`."""

    def __init__(self, resources: Resources, person: Person, show: Show, *, folder: Path = Path("videos")) -> None:
        self._resources = resources
        self._person = person
        self._show = show
        self._folder = folder
        self._owner = f"{CHANNEL}:{os.getpid()}:{new_id()[-8:]}"
        self._stopping = False

    def stop(self) -> None:
        """Let `run` end once the parcel in hand is shown and recorded."""
        self._stopping = True

    async def run(self) -> None:
        """Show parcels as they come, until stopped."""
        async with self._resources.events.subscribe() as events:
            while not self._stopping:
                try:
                    if not await self.deliver():
                        await _woken(events, ("outbox.",))
                except Exception:  # noqa: BLE001 -- showing must outlive a lost connection; the log has it
                    _log.exception("terminal.sender_failed")
                    await asyncio.sleep(_POLL_S)

    async def deliver(self) -> int:
        """Show what waits now; returns how many parcels were shown."""
        shown = 0
        for parcel in await self._resources.outbox.claim(CHANNEL, self._owner):
            if parcel.chat_id != self._person.chat_id:
                await self._resources.outbox.again(parcel, delay_s=_POLL_S, error="", min_gap=True)
                continue
            shown += await self._send(parcel)
        return shown

    async def _send(self, parcel: Parcel) -> bool:
        outbox = self._resources.outbox
        try:
            event = await self._event(parcel)
        except EttamettaError as error:
            if parcel.attempts < _MAX_SENDS and not isinstance(error, NotFound):
                await outbox.again(parcel, delay_s=_RESEND_S, error=str(error))
                return False
            self._show(Failed(str(parcel.payload.get("title", "")), error.message, error.hint))
            await outbox.give_up(parcel, error=str(error))
            return True
        self._show(event)
        await outbox.sent(parcel, parcel.external_id)
        return True

    async def _event(self, parcel: Parcel) -> TerminalEvent:
        payload = parcel.payload
        production_id = str(payload.get("production_id", ""))
        match parcel.kind:
            case "progress":
                return _progress(payload)
            case "failure":
                retry = (Choice("Try again", f"/retry {production_id}"),)
                return Failed(payload["title"], payload["message"], payload["hint"], retry)
            case "proposal":
                return await self._proposal(production_id)
            case "video":
                return await self._video(production_id)
            case "photo":
                return await self._sheet(payload)
            case _:
                return Said(str(payload.get("text", "")))

    async def _view(self, production_id: str) -> ProductionView:
        return await self._resources.productions.get(production_id, user_id=self._person.user_id)

    async def _proposal(self, production_id: str) -> Said:
        view = await self._view(production_id)
        if view.proposal is None:
            return Said(f"The question about “{view.title}” has been answered.")
        text = f"“{view.title}”: {view.proposal.summary} — {cost(view.proposal)}. Go on?"
        return Said(text, proposal_choices(view.proposal))

    async def _video(self, production_id: str) -> Delivered:
        view = await self._view(production_id)
        if view.video is None:
            raise NotFound("That video is not here any more.", hint="Ask for it again.", code="video.not_found")
        path = self._resources.storage.local_path(view.video.storage_key)
        if path is None:
            path = self._folder / _file_name(view)
            await self._resources.storage.fetch_to(view.video.storage_key, path)
        return Delivered(view, path)

    async def _sheet(self, payload: dict[str, Any]) -> Said:
        """Where the contact sheet lies."""
        key = str(payload["storage_key"])
        path = self._resources.storage.local_path(key)
        if path is None:
            path = self._folder / f"scenes-{str(payload['production_id'])[-8:]}.jpg"
            await self._resources.storage.fetch_to(key, path)
        return Said(f"The scenes of version {payload['revision']} of “{payload['title']}” as a picture: {path}")


def _progress(payload: dict[str, Any]) -> Progress:
    return Progress(
        production_id=payload["production_id"],
        title=payload["title"],
        state=payload["state"],
        fraction=float(payload["fraction"]),
        stage=payload["stage"],
        message=payload["message"],
    )


def _file_name(view: ProductionView) -> str:
    """A name of letters, digits and dashes, with the id, which makes it the video's own."""
    words = re.sub(r"[^\w]+", "-", view.title.lower()).strip("-_")[:60]
    return f"{words or 'video'}-{view.id[-8:]}.mp4"


async def _woken(events: Any, names: tuple[str, ...], timeout_s: float = _POLL_S) -> None:
    """Return at the next event whose name begins so, or after `timeout_s` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while (left := deadline - loop.time()) > 0:
        event = await events.wait(left)
        if event is not None and event.name.startswith(names):
            return


# -- in: messages ------------------------------------------------------------------------------------------------------


class TerminalChat:
    """One conversation at this machine's keyboard."""

    def __init__(self, resources: Resources, openclaw: OpenClaw, person: Person, show: Show) -> None:
        self._resources = resources
        self._openclaw = openclaw
        self._person = person
        self._show = show
        self._inbox = Inbox(resources.database, CHANNEL)
        self._choices: tuple[Choice, ...] = ()

    def offer(self, choices: tuple[Choice, ...]) -> None:
        """What a bare number in the next message stands for."""
        self._choices = choices or self._choices

    def stop(self) -> bool:
        """Stop the answer that is being given; False when there is none."""
        return self._openclaw.stop(self._person.chat_id)

    def chosen(self, text: str) -> str:
        """The command of a numbered choice, else the text itself."""
        number = text.strip()
        if number.isdecimal() and len(number) < 4 and 0 < int(number) <= len(self._choices):
            return self._choices[int(number) - 1].command
        return text

    async def send(self, text: str, attachments: Sequence[Path] = ()) -> list[TurnEvent]:
        """Keep a message, answer it, and return what happened.

        Raises:
            EttamettaError: an attachment cannot be used; nothing was sent.
        """
        uploads = [await self._attach(path) for path in attachments]
        payload = {"text": self.chosen(text), "uploads": [[one.id, one.kind, one.name] for one in uploads]}
        update = await self._inbox.keep(new_id(), self._person.chat_id, payload)
        return [] if update is None else await self._answer(update)

    async def _attach(self, path: Path) -> Upload:
        if not await asyncio.to_thread(path.is_file):
            raise NotFound(f"There is no file {path.name}.", hint="Check the path.", code="upload.not_found")
        return await self._resources.uploads.add(self._person, path, name=path.name)

    async def resume(self) -> None:
        """Answer what a crash left unanswered in this chat."""
        for update in await self._inbox.unfinished():
            if update.lane == self._person.chat_id:
                await self._answer(update)

    async def _answer(self, update: Update) -> list[TurnEvent]:
        if await self._inbox.begin(update.id) > _MAX_TURN_ATTEMPTS:
            await self._inbox.finish(update.id, error="gave up")
            return []
        seen = []
        async for event in self._openclaw.turn(self._incoming(update)):
            self._show(event)
            seen.append(event)
            if isinstance(event, Answer):
                self._choices = event.choices
        await self._inbox.finish(update.id)
        return seen

    def _incoming(self, update: Update) -> Incoming:
        uploads = tuple(
            Upload(asset_id, cast("UploadKind", kind), name) for asset_id, kind, name in update.payload["uploads"]
        )
        return Incoming(self._person, CHANNEL, update.payload["text"], update.id, uploads)


async def ask_once(
    resources: Resources,
    openclaw: OpenClaw,
    text: str,
    attachments: Sequence[Path],
    on_event: Show,
    *,
    folder: Path = Path("videos"),
) -> ProductionView | None:
    """Ask in words, and follow the production this begins until it has ended or waits for a yes to its cost.

    Returns the production as it then stands; None when none was begun.

    Raises:
        EttamettaError: an attachment cannot be used.
    """
    person = await resources.users.local()
    chat = TerminalChat(resources, openclaw, person, on_event)
    sender = TerminalSender(resources, person, on_event, folder=folder)
    begun = _begun(await chat.send(text, attachments))
    if begun is None:
        return None
    async with _running(sender):
        return await _ended(resources, begun, person)


def _begun(events: Sequence[TurnEvent]) -> str | None:
    """The production that these events of a turn began."""
    done = [event for event in events if isinstance(event, ToolFinished) and event.ok]
    return next((one.production_id for one in done if one.name in {"make_video", "retry_production"}), None)


async def _ended(resources: Resources, production_id: str, person: Person) -> ProductionView:
    async with resources.events.subscribe() as events:
        while True:
            view = await resources.productions.get(production_id, user_id=person.user_id)
            if view.state.is_final or view.state is ProductionState.PROPOSED:
                return view
            await _woken(events, ("job.", "outbox.sent"))


@contextlib.asynccontextmanager
async def _running(sender: TerminalSender) -> AsyncIterator[None]:
    """The sender at work in the background; in the end what still waits is shown."""
    task = asyncio.create_task(sender.run(), name="terminal sender")
    try:
        yield
    finally:
        sender.stop()
        await task
        await sender.deliver()


# -- the loop ----------------------------------------------------------------------------------------------------------

#: Gives the next line, or None at the end; runs in a thread.
ReadLine: TypeAlias = Callable[[], str | None]


def read_line() -> str | None:
    """A line from the keyboard; None at its end."""
    try:
        return input("> ")
    except EOFError:
        return None


async def run_chat(
    resources: Resources,
    *,
    openclaw: OpenClaw | None = None,
    read: ReadLine = read_line,
    show: Show | None = None,
    folder: Path = Path("videos"),
) -> None:
    """Talk with OpenClaw until the input ends. `/attach path` adds a file to the next message; `/quit` leaves."""
    if show is None:
        from agent.screen import RichScreen  # noqa: PLC0415 -- rich is loaded only where something is shown

        show = RichScreen().show
    person = await resources.users.local()
    shown = show

    def show_and_offer(event: TerminalEvent) -> None:
        if isinstance(event, Said | Failed):
            chat.offer(event.choices)
        shown(event)

    chat = TerminalChat(resources, openclaw or build_openclaw(resources), person, show_and_offer)
    async with _running(TerminalSender(resources, person, show_and_offer, folder=folder)):
        with stopping_first(chat.stop):
            await chat.resume()
            await _talk(chat, shown, _lines(read))


async def _talk(chat: TerminalChat, show: Show, lines: AsyncIterator[str]) -> None:
    attached: list[Path] = []
    async for line in lines:
        command, _, rest = line.strip().partition(" ")
        if command == "/quit":
            return
        if command == "/attach" and rest.strip():
            attached.append(Path(rest.strip().strip("'\"")).expanduser())  # noqa: ASYNC240 -- touches no disk but $HOME
            show(Said(f"{attached[-1].name} goes with your next message."))
            continue
        if not line.strip() and not attached:
            continue
        try:
            await chat.send(line, attached)
        except EttamettaError as error:
            show(Said(str(error)))
        attached = []


async def _lines(read: ReadLine) -> AsyncIterator[str]:
    """Lines as they are typed. The reader is a daemon: one that waits for a key does not keep the process alive."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    wanted = threading.Semaphore(0)

    def work() -> None:
        while True:
            wanted.acquire()
            line = read()
            with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
                loop.call_soon_threadsafe(lines.put_nowait, line)
            if line is None:
                return

    threading.Thread(target=work, name="terminal input", daemon=True).start()
    while True:
        wanted.release()
        line = await lines.get()
        if line is None:
            return
        yield line
