"""What OpenClaw says without a model: short, and nothing that a tool did not say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agent.runtime.calls import Outcome
from agent.runtime.discovery_answers import discovery_choices, discovery_text
from agent.runtime.edit_answers import edit_choices, edit_outcome_text, name_of
from agent.runtime.memory_answers import memory_choices, memory_text
from agent.runtime.values import Answer, Choice
from ettametta.errors import EttamettaError
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ProposalView
from ettametta.users import Person
from tools.edits import EditOutput
from tools.jobs import JobFacts, ListJobsOutput
from tools.productions import (
    SHORT_ID,
    MakeVideoOutput,
    ProductionFacts,
    ProductionOutput,
    ShowStatusOutput,
)

_S = ProductionState
_UNFINISHED = frozenset({_S.DRAFTING, _S.WAITING, _S.PROPOSED, _S.RENDERING})
_READY = frozenset({_S.RENDERED, _S.DELIVERED})
_RETRYABLE = frozenset({_S.FAILED, _S.CANCELLED})
_MAX_TITLE = 80

HELP = """I am OpenClaw. I turn a topic, a text or a link into a finished short video, with a voice and captions.

Write, for example: “make a 30-second video about the history of tea”, send a link, paste a text, or \
attach a text file. Photos and clips that you attach with it appear in the video.

/make … begins a video; /batch begins several, one topic or link a line
/status shows how it stands
/stop interrupts my answer
/cancel stops it, /retry takes it up again, /continue goes on after a stop
/storyboard shows the scenes; “change scene 2 to: …”, “swap scenes 2 and 3”, “use theme paper” or /edit change them
/undo and /redo go back and forth, /revisions lists the versions, /send sends the video again
/dub es fr makes it in other languages, /variants theme 2 makes versions (by hook, voice, theme or thumbnail)
/choices lists voices, themes and presets
/discover … looks for what is worth a video; then “make a video of the second one”, “save number 3”, /more
/trends … the same; /candidates lists what was found; /candidate, /save and /dismiss take its number
/follow … keeps a subject, /unfollow lets it go, /niches lists them; /schedule … every morning at 8 scans it
/sources shows who answers; /addsource and /removesource change what is read
/memory shows what I know about you; “remember that …” adds to it, /forget 2 or /forget everything erases
/jobs lists what the workers do
/yes and /no answer a question about cost"""

WITHOUT_MODEL = """
No language model is set up, so I understand commands and plain requests only. With OPENAI_API_KEY \
(or OPENAI_BASE_URL for a model of your own) I could talk freely."""

GREETING = "Hello! Tell me what the video should be about: a topic, a text, a link or a file. /help shows more."
NOT_UNDERSTOOD = (
    "I did not understand that. Write, for example, “make a 30-second video about the history of tea”, "
    "“how is it going?” or “cancel”. /help shows more."
)
NOTHING_SAID = "That message was empty. Tell me what the video should be about."
ONLY_PICTURES = "Good pictures need a story: send them again with a few words on what the video should be about."
FORWARDED = (
    "That is somebody else's text. Send me a link or a longer text to make a video from it, or write what you want."
)
NOTHING_RUNS = "I am not in the middle of an answer. /cancel stops a video."
NOTHING_OPEN = "No question of mine is waiting for an answer."


def help_answer(*, has_model: bool) -> Answer:
    """What can be done."""
    return Answer(HELP if has_model else f"{HELP}\n{WITHOUT_MODEL}")


def unknown_command(name: str) -> Answer:
    """There is no such command."""
    return Answer(f"I do not know /{name[:32]}. /help shows what I can do.")


def failure(error: EttamettaError) -> Answer:
    """Why it could not be done, and the fix."""
    return Answer(str(error))


def say(outcomes: Sequence[Outcome], person: Person) -> Answer:
    """What the outcomes of a turn mean, in words, with the choices there are now."""
    texts = [_outcome_text(outcome, person) for outcome in outcomes]
    return Answer("\n\n".join(dict.fromkeys(texts)), choices_after(outcomes))


def choices_after(outcomes: Sequence[Outcome]) -> tuple[Choice, ...]:
    """What a person may want to press after these outcomes; at most those of one production."""
    for outcome in reversed(outcomes):
        if isinstance(outcome.output, EditOutput):
            return edit_choices(outcome.output)
        if found := discovery_choices(outcome.output) or memory_choices(outcome.output):
            return found
        seen = _productions(outcome)
        if len(seen) == 1:
            return _choices(seen[0])
    return ()


def _productions(outcome: Outcome) -> tuple[ProductionFacts, ...]:
    match outcome.output:
        case ShowStatusOutput(productions=several):
            return several
        case MakeVideoOutput(production=one) | ProductionOutput(production=one) | EditOutput(production=one):
            return (one,)
        case _:
            return ()


def _choices(production: ProductionFacts) -> tuple[Choice, ...]:
    if production.proposal is not None:
        return proposal_choices(production.proposal)
    if production.state is _S.WAITING:
        return (Choice("Continue", f"/continue {production.id}"), Choice("Cancel", f"/cancel {production.id}"))
    if production.state in _UNFINISHED:
        return (Choice("Cancel", f"/cancel {production.id}"),)
    if production.state in _RETRYABLE:
        return (Choice("Try again", f"/retry {production.id}"),)
    if production.state in _READY:
        return (Choice("Storyboard", f"/storyboard {production.id}"), Choice("Send again", f"/send {production.id}"))
    return ()


def proposal_choices(proposal: ProposalView) -> tuple[Choice, ...]:
    """Yes and No."""
    return (Choice("Yes", f"/yes {proposal.id}"), Choice("No", f"/no {proposal.id}"))


def _outcome_text(outcome: Outcome, person: Person) -> str:
    if outcome.error is not None:
        return str(outcome.error)
    match outcome.output:
        case MakeVideoOutput() as made:
            return _made(made)
        case ShowStatusOutput(productions=()):
            return "You have no videos yet. Tell me what the first one should be about."
        case ShowStatusOutput(productions=several):
            return "\n".join(_status(one, person) for one in several)
        case ProductionOutput(production=one):
            return _moved(outcome.call.name, one)
        case ListJobsOutput() as listed:
            return "\n".join(_job(job) for job in listed.jobs) or "There are no jobs."
        case other:
            told = discovery_text(outcome.call.name, other, lambda moment: local_time(moment, person.timezone))
            return told or memory_text(other) or edit_outcome_text(outcome.call.name, other)


def _made(made: MakeVideoOutput) -> str:
    production = made.production
    if production.state not in _UNFINISHED:
        return _plain_status(production)
    language = f", in {made.language}" if made.language else ""
    if made.has_recording:
        return f"I am on it: {name_of(production)}. Your recording is its narration. I will send the video here."
    music = "Your sound is its music. " if made.has_own_music else ""
    return (
        f"I am on it: {name_of(production)}, about {made.duration_s:g} seconds{language}. "
        f"{music}I will send the video here when it is ready."
    )


def _moved(deed: str, production: ProductionFacts) -> str:
    if production.state is _S.CANCELLED:
        return f"Cancelled: {name_of(production)}."
    if deed == "cancel_production":
        return f"I have told the workers to stop {name_of(production)}; it ends in a moment."
    if deed == "continue_production":
        return f"I go on with {name_of(production)}."
    if deed == "finish_video":
        return f"I make {name_of(production)} in full and send it here."
    if deed == "retry_production":
        return f"I have taken {name_of(production)} up again. What was finished is not redone."
    return f"Thank you, I go on with {name_of(production)}."


def _status(production: ProductionFacts, person: Person) -> str:
    asked = local_time(datetime.fromisoformat(production.asked_at), person.timezone)
    return f"{_plain_status(production)} (asked {asked}, id {production.id[:SHORT_ID]})"


def _plain_status(production: ProductionFacts) -> str:
    name = name_of(production)
    match production.state:
        case _S.DRAFTING | _S.RENDERING:
            now = production.message or production.stage or "waiting for a worker"
            return f"{name}: {production.percent} % — {now.rstrip('.')}."
        case _S.WAITING:
            return f"{name} stopped after the {production.stopped_after} and waits for you to say “continue”."
        case _S.PROPOSED:
            return _proposed(production)
        case _S.FAILED:
            why = f"{production.error.message} {production.error.hint}".strip() if production.error else "it failed."
            return f"{name} failed: {why}"
        case _S.CANCELLED:
            return f"{name} was cancelled."
        case _:
            return f"{name} is ready{_video(production)}."


def _proposed(production: ProductionFacts) -> str:
    if production.proposal is None:
        return f"{name_of(production)} waits for your answer."
    return f"{name_of(production)} waits for your yes: {cost(production.proposal)}."


def cost(proposal: ProposalView) -> str:
    """What a proposal would cost, in words."""
    if proposal.estimate_usd is None:
        return "it costs money, and how much is not known"
    digits = 2 if proposal.estimate_usd >= 0.1 else 4
    return f"the rest costs about ${proposal.estimate_usd:.{digits}f}"


def _video(production: ProductionFacts) -> str:
    video = production.video
    if video is None:
        return ""
    checks = "all checks passed" if video.checks_passed else "not all checks passed"
    return f": {video.duration_s:.1f} s, {video.width}x{video.height}, {video.size_bytes / 1e6:.1f} MB, {checks}"


def _job(job: JobFacts) -> str:
    now = f" — {job.message.rstrip('.')}" if job.message else ""
    error = f" {job.error}" if job.error and job.error.split(". ")[0] not in now else ""
    return f"{job.id[:SHORT_ID]} {job.kind}: {job.state}, {job.percent} %{now}.{error}"


def which_one(productions: Sequence[ProductionFacts], command: str) -> Answer:
    """Several could be meant."""
    listed = "\n".join(f"{one.id[:SHORT_ID]} {_plain_status(one)}" for one in productions)
    choices = tuple(Choice(f"{one.title[:40]}", f"/{command} {one.id}") for one in productions)
    return Answer(f"Which one do you mean?\n{listed}", choices)


def which_proposal(proposals: Sequence[ProposalView], *, accept: bool) -> Answer:
    """More than one question is open, or something else was asked since: a bare yes or no is not enough."""
    word = "yes" if accept else "no"
    listed = "\n".join(f"“{one.title[:_MAX_TITLE]}”: {cost(one)}. /{word} {one.id[:SHORT_ID]}" for one in proposals)
    choices = tuple(Choice(f"{word.title()}: {one.title[:40]}", f"/{word} {one.id}") for one in proposals)
    return Answer(f"So that I do not mistake you, please say which you mean:\n{listed}", choices)


def local_time(moment: datetime, timezone: str, *, with_day: bool = False) -> str:
    """A moment in a person's zone, with the day when it is not today or asked for; UTC when the zone is not known."""
    try:
        zone: ZoneInfo | None = ZoneInfo(timezone)
    except (ValueError, OSError, KeyError):
        zone = None
    here = moment.astimezone(zone or UTC)
    today = datetime.now(zone or UTC).date()
    form = "%H:%M" if here.date() == today and not with_day else "%d %b %Y, %H:%M"
    return f"{here.strftime(form)}{'' if zone else ' UTC'}"
