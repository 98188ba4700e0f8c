"""What OpenClaw says of discovery without a model: numbered lists, a candidate with its reasons, what is followed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel

from agent.runtime.values import Choice
from ettametta.discovery.candidates.values import Verdict
from ettametta.kit.text import truncate
from tools.discovery import CandidateFacts, CandidateList, CandidateRow, JudgedOutput, SourcesOutput
from tools.niches import (
    AddedOutput,
    NicheFacts,
    NicheOutput,
    NichesOutput,
    ScheduleFacts,
    ScheduleOutput,
    SchedulesOutput,
)

_MAX_CHARS = 3_500
_MAX_EXCERPT = 500
_MAX_BUTTONS = 7
_MAX_NAME_BYTES = 40

MORE = Choice("More", "/more")
NO_LIST = "There is no list here to go on with. Ask for one: /discover coral reefs."
NO_MORE = "That was all of the last list."


def discovery_text(deed: str, output: BaseModel | None, moment: Callable[[datetime], str]) -> str | None:
    """What a tool of discovery came to; None: it was another tool. `moment` says a time in the person's zone."""
    match output:
        case CandidateList() as listed:
            return _list(deed, listed)
        case CandidateFacts() as one:
            return _candidate(one)
        case JudgedOutput() as judged:
            return _judged(judged)
        case SourcesOutput() as there:
            return _sources(there)
        case _:
            return _followed_text(deed, output, moment)


def _followed_text(deed: str, output: BaseModel | None, moment: Callable[[datetime], str]) -> str | None:
    match output:
        case NicheOutput() as done:
            return _niche_done(deed, done)
        case NichesOutput(niches=niches):
            told = "\n".join(_niche(one) for one in niches)
            return told or "You follow nothing yet. Say “follow coral reefs”, or /follow coral reefs."
        case AddedOutput(added=added):
            begun = "I read it in every scan from now on" if deed == "add_source" else "I do not read it any more"
            return f"{begun}: {added.address} ({added.source})."
        case ScheduleOutput(schedule=one):
            return _schedule_done(deed, one, moment)
        case SchedulesOutput(schedules=several):
            told = "\n".join(_schedule(one, moment) for one in several)
            return told or "Nothing is scheduled. Say “scan coral reefs every morning at 8”."
        case _:
            return None


def discovery_choices(output: BaseModel | None) -> tuple[Choice, ...]:
    """What a person may want to press next."""
    match output:
        case CandidateList() as listed:
            shown = listed.candidates[:_MAX_BUTTONS]
            more = (MORE,) if listed.more or listed.is_running else ()
            return (*(Choice(str(one.number), f"/candidate {one.id}") for one in shown), *more)
        case CandidateFacts() | JudgedOutput() as one:
            return _judging(one.id, one.verdict)
        case NicheOutput(niche=niche) if niche.is_followed and len(niche.name.encode()) <= _MAX_NAME_BYTES:
            return (Choice("Look now", f"/discover {niche.name}"),)
        case NichesOutput(niches=niches):
            return tuple(Choice(truncate(one.name, 40), f"/candidates {one.id}") for one in niches[:_MAX_BUTTONS])
        case ScheduleOutput(schedule=one):
            return _scheduling(one)
        case _:
            return ()


def _judging(candidate_id: str, verdict: Verdict) -> tuple[Choice, ...]:
    make = Choice("Make", f"/pick {candidate_id}")
    if verdict in {Verdict.SAVED, Verdict.DISMISSED}:
        return (make, Choice("Take back", f"/open {candidate_id}"), MORE)
    return (make, Choice("Save", f"/save {candidate_id}"), Choice("Dismiss", f"/dismiss {candidate_id}"), MORE)


def _scheduling(one: ScheduleFacts) -> tuple[Choice, ...]:
    turn = Choice("Resume", f"/schedule resume {one.id}") if one.is_paused else Choice(
        "Pause", f"/schedule pause {one.id}"
    )  # fmt: skip
    return (turn, Choice("End it", f"/schedule remove {one.id}"))


# -- candidates --------------------------------------------------------------------------------------------------------


def _list(deed: str, listed: CandidateList) -> str:
    about = f" about “{listed.about}”" if listed.about else ""
    head = f"What I found{about}" if deed == "find_candidates" else f"What is known{about}"
    lines = [f"{head}:" if listed.candidates else f"Nothing fits{about} so far."]
    lines += [_row(one) for one in listed.candidates]
    if listed.is_running:
        lines.append(f"The search still runs: {listed.scan.rstrip('.')}. Say “more” in a moment.")
    elif listed.scan:
        lines.append(listed.scan)
    lines += [f"• {one}" for one in listed.silent]
    if not listed.candidates and not listed.is_running:
        lines.append("Try other words, or /sources to see who answers.")
    elif listed.candidates:
        lines.append("Say “make a video of the second one”, or “save number 3”.")
    return truncate("\n".join(lines), _MAX_CHARS)


def _row(one: CandidateRow) -> str:
    marks = [", ".join(one.seen_at), f"score {one.score}"]
    marks += [] if one.verdict is Verdict.OPEN else [str(one.verdict)]
    why = f"\n   {one.why}" if one.why else ""
    return f"{one.number}. {one.title} ({'; '.join(marks)}){why}"


def _candidate(one: CandidateFacts) -> str:
    lines = [f"“{one.title}”", one.url or "It has no address."]
    lines += [f"{seen.source}: {seen.numbers}; {seen.speed}." for seen in one.seen]
    if one.reasons:
        lines += [f"Score {one.score}:", *(f"• {reason}" for reason in one.reasons)]
    else:
        lines.append(f"Score {one.score}.")
    if one.text:
        lines.append(truncate(one.text, _MAX_EXCERPT))
    return truncate("\n".join(lines), _MAX_CHARS)


def _judged(judged: JudgedOutput) -> str:
    said = {
        Verdict.SAVED: "I keep it in mind",
        Verdict.DISMISSED: "I will not show it again",
        Verdict.OPEN: "I have taken that back",
    }.get(judged.verdict, "A video is made of it")
    return f"{said}: “{judged.title}”."


# -- sources and niches ------------------------------------------------------------------------------------------------


def _sources(there: SourcesOutput) -> str:
    lines = [f"{one.title}: {one.state.replace('_', ' ')}. {one.told}".strip() for one in there.sources]
    lines += [f"You added {one.address} ({one.source})." for one in there.added]
    return truncate("\n".join(lines), _MAX_CHARS) or "There are no sources."


def _niche_done(deed: str, done: NicheOutput) -> str:
    if deed == "unfollow_niche":
        ended = " Its scheduled scans ended, too." if done.ended_schedules else ""
        return f"I do not follow “{done.niche.name}” any more.{ended}"
    return f"I follow {_niche(done.niche)}."


def _niche(one: NicheFacts) -> str:
    facts = [f"looks for {', '.join(one.keywords)}"] if one.keywords and one.keywords != (one.name,) else []
    facts += [f"without {', '.join(one.excluded)}"] if one.excluded else []
    facts += [f"in {', '.join(one.languages)}"] if one.languages else []
    return f"“{one.name}”{': ' if facts else ''}{'; '.join(facts)}"


# -- schedules ---------------------------------------------------------------------------------------------------------


def _schedule_done(deed: str, one: ScheduleFacts, moment: Callable[[datetime], str]) -> str:
    if deed == "remove_schedule":
        return f"“{one.niche}” is not scanned by that schedule any more."
    if one.is_paused:
        return f"The scans of “{one.niche}” rest."
    return f"I scan {_schedule(one, moment)}"


def _schedule(one: ScheduleFacts, moment: Callable[[datetime], str]) -> str:
    when = f"“{one.niche}”: {one.told}, {one.timezone}"
    next_at = datetime.fromisoformat(one.next_run_at) if one.next_run_at else None
    return f"{when}; {'next ' + moment(next_at) if next_at else 'it rests'} (id {one.id[:12]})."
