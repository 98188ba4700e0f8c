"""What OpenClaw says of edits without a model: what is different now, the storyboard, the versions, the choices."""

from __future__ import annotations

from pydantic import BaseModel

from agent.runtime.values import Choice
from ettametta.edits import describe
from ettametta.productions.presets import PresetView
from ettametta.productions.state import ProductionState
from ettametta.productions.values import RevisionView
from tools.batch import MakeVideosOutput
from tools.choices import ListChoicesOutput, SearchPicturesOutput, VoiceFacts
from tools.edits import EditOutput
from tools.looking import SceneFacts, ShowRevisionsOutput, StoryboardOutput
from tools.productions import ProductionFacts
from tools.siblings import SiblingsOutput

_MAX_CHANGES = 12
_MAX_TITLE = 80
_MAX_CHARS = 3_500
_MAX_VOICES = 12


def edit_outcome_text(deed: str, output: BaseModel | None) -> str:
    """What a tool about edits or choices came to."""
    match output:
        case EditOutput() as edited:
            return edit_text(deed, edited, name_of(edited.production))
        case StoryboardOutput() as board:
            return storyboard_text(board)
        case ShowRevisionsOutput(revisions=revisions):
            return "\n".join(revision_line(one) for one in revisions)
        case SiblingsOutput(productions=several) | MakeVideosOutput(productions=several):
            return f"I am on it: {', '.join(name_of(one) for one in several)}. I send each when it is ready."
        case ListChoicesOutput() as there:
            return choices_text(there)
        case SearchPicturesOutput() as found:
            return pictures_text(found)
        case _:
            return f"I have kept that as the preset “{output.name}”." if isinstance(output, PresetView) else "Done."


def name_of(production: ProductionFacts) -> str:
    """The title in quotes, not too long."""
    title = " ".join(production.title.split())
    return f"“{title if len(title) <= _MAX_TITLE else title[: _MAX_TITLE - 1] + '…'}”"


def edit_text(deed: str, edited: EditOutput, name: str) -> str:
    """What an edit, an undo or a redo changed, and what happens now."""
    if deed == "send_video":
        return f"I send {name} once more."
    listed = [f"• {change}" for change in edited.changes[:_MAX_CHANGES]]
    if len(edited.changes) > _MAX_CHANGES:
        listed.append(f"• … and {len(edited.changes) - _MAX_CHANGES} more")
    return "\n".join([_head(deed, edited, name), *listed, *edited.warnings])


def _head(deed: str, edited: EditOutput, name: str) -> str:
    production = edited.production
    if edited.is_ready:
        return f"Version {edited.revision} of {name} is the current one again; its video is there already."
    if production.state is ProductionState.PROPOSED:
        return f"Version {edited.revision} of {name} costs money: it waits for your yes."
    if production.state is ProductionState.WAITING:
        return f"Version {edited.revision} of {name}. It waits for you to say “continue”."
    done = "edited" if deed == "edit_video" else "is the current one again"
    return f"Version {edited.revision} of {name} {done}. I make only what is new and send the video here."


def edit_choices(edited: EditOutput) -> tuple[Choice, ...]:
    """What may be wanted next."""
    production = edited.production
    if production.proposal is not None:
        return (Choice("Yes", f"/yes {production.proposal.id}"), Choice("No", f"/no {production.proposal.id}"))
    undo = Choice("Undo", f"/undo {production.id}")
    if edited.is_ready:
        return (Choice("Send it again", f"/send {production.id}"), Choice("Redo", f"/redo {production.id}"))
    if production.state is ProductionState.WAITING:
        return (Choice("Continue", f"/continue {production.id}"), undo)
    return (undo, Choice("Cancel", f"/cancel {production.id}"))


def storyboard_text(board: StoryboardOutput) -> str:
    """The storyboard as a card."""
    how = [board.language, board.voice, f"theme {board.theme}", f"captions {board.captions.replace('_', ' ')}"]
    how += [f"music {board.music}"] if board.music else []
    head = f"“{board.title}”, version {board.revision}\n{', '.join([*how, board.frame])}"
    text = "\n\n".join([head, *(_scene(scene) for scene in board.scenes)])
    return text if len(text) <= _MAX_CHARS else f"{text[:_MAX_CHARS].rstrip()}…"


def _scene(scene: SceneFacts) -> str:
    heading = f" Heading: “{scene.heading}”." if scene.heading else ""
    return f"{scene.number}. {scene.narration or '(silent)'}\n   Seen: {describe(scene.visual)}.{heading}"


def revision_line(one: RevisionView) -> str:
    """A version in one line."""
    marks = [mark for mark, holds in (("current", one.is_current), ("video is there", one.has_video)) if holds]
    what = "; ".join(one.changes[:3]) or "as it was first made"
    shown = f" ({', '.join(marks)})" if marks else ""
    return f"{one.number}{shown}: {what}"


def choices_text(there: ListChoicesOutput) -> str:
    """Voices, themes and the rest, by name."""
    lines = [f"Voices of {_voices(one)}" for one in there.voices]
    lines += [
        f"Themes: {', '.join(there.themes)}",
        f"Captions: {', '.join(there.captions)}",
        f"Transitions: {', '.join(there.transitions)}",
        f"Music: {', '.join(there.moods)}",
        f"Pictures from: {', '.join(there.picture_sources) or 'no source is set up'}",
        f"Your presets: {', '.join(one.name for one in there.presets) or 'none'}",
    ]
    return "\n".join(lines)


def _voices(one: VoiceFacts) -> str:
    more = f" and {len(one.voices) - _MAX_VOICES} more" if len(one.voices) > _MAX_VOICES else ""
    spoken = ", ".join(one.languages[:_MAX_VOICES]).replace("*", "any language")
    return f"{one.provider} ({spoken}): {', '.join(one.voices[:_MAX_VOICES])}{more}"


def pictures_text(found: SearchPicturesOutput) -> str:
    """What a search found, with how to use one."""
    if not found.pictures:
        return "I found no picture of that."
    lines = [f"{one.identity}: {one.title or one.kind}, {one.licence}" for one in found.pictures]
    return "\n".join(lines)
