"""Other openings of a video: what changes when it begins with another line of its script. Pure."""

from __future__ import annotations

from ettametta.edits import DeleteScene, Operation, SetCitations, SetEmphasis, SetNarration, SetOnScreen, SetVisual
from ettametta.scripts.scenes import card_of
from ettametta.scripts.script import Hook, Script, ScriptLine
from ettametta.storyboard import Scene, Storyboard, is_from_file

#: The kind of an opening, and the operations that make a video begin with it.
Opening = tuple[str, tuple[Operation, ...]]


def other_openings(script: Script, board: Storyboard) -> list[Opening]:
    """The openings that were written with the script and are not in use, each with what it shows and rests on."""
    return [(hook.kind, _opened(script, board, hook)) for hook in script.hooks if not _run(board, 0, hook.line.text)]


def _opened(script: Script, board: Storyboard, hook: Hook) -> tuple[Operation, ...]:
    first, line = board.scenes[0], hook.line
    cited = [script.citations[index] for index in line.citations if index < len(script.citations)]
    return (
        SetNarration(scene=first.id, text=line.text),
        SetCitations(scene=first.id, citations=tuple(cited[:20])),
        SetEmphasis(scene=first.id, words=tuple(words for words in line.emphasis if words in line.text)),
        *_look(first, line, board.language),
        *(DeleteScene(scene=scene.id) for scene in _of_no_use(script, board, line)),
    )


def _look(first: Scene, line: ScriptLine, language: str) -> tuple[Operation, ...]:
    """The first scene must not show the words of the opening before."""
    if not is_from_file(first.visual):
        return (SetVisual(scene=first.id, visual=line.visual or card_of(line, language)),)
    return (SetOnScreen(scene=first.id, text=line.on_screen),) if first.on_screen else ()


def _of_no_use(script: Script, board: Storyboard, line: ScriptLine) -> list[Scene]:
    """Scenes that hold the rest of the opening before, or that would say the new one again."""
    rest = list(board.scenes[1 : _run(board, 0, script.lines[0].text)])
    for start in range(1, len(board.scenes)):
        if length := _run(board, start, line.text):
            rest += [scene for scene in board.scenes[start : start + length] if scene not in rest]
            break
    return rest


def _run(board: Storyboard, start: int, text: str) -> int:
    """How many scenes from `start` on say exactly this text, for a long line stands in several; 0: they do not."""
    wanted, said = text.split(), list[str]()
    for number, scene in enumerate(board.scenes[start:], 1):
        said += scene.narration.split()
        if said == wanted:
            return number
        if said != wanted[: len(said)]:
            return 0
    return 0
