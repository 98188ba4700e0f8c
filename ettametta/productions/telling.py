"""What was made so far, as text that people read in a chat or a terminal. Pure."""

from __future__ import annotations

from typing import Any

from ettametta.edits import describe
from ettametta.storyboard import Scene, Storyboard

_MAX_CHARS = 3_500


def storyboard_text(board: Storyboard, *, with_ids: bool = False) -> str:
    """Title, how it is made, and each scene: what is said and what is seen."""
    how = (
        board.language,
        f"{board.speech_provider}:{board.voice}",
        f"theme {board.style.theme}",
        f"captions {board.style.captions.mode.replace('_', ' ')}",
        f"{board.width}x{board.height} at {board.fps}",
    )
    scenes = [_scene(number, scene, with_ids=with_ids) for number, scene in enumerate(board.scenes, 1)]
    return "\n\n".join([f"“{board.title}”\n{', '.join(how)}", *scenes])


def _scene(number: int, scene: Scene, *, with_ids: bool) -> str:
    name = f"{number} ({scene.id})" if with_ids else f"{number}"
    said = scene.narration or f"(silent for {scene.min_duration_s:g} s)"
    seen = describe(scene.visual)
    seen += f", found for “{scene.query}”" if scene.query else ""
    seen += ", pinned" if scene.pinned else ""
    heading = f"\n   Heading: {scene.on_screen}" if scene.on_screen else ""
    return f"{name}. {said}\n   Seen: {seen}{heading}"


def script_text(script: dict[str, Any]) -> str:
    """Title and lines of a Script as JSON, with its other openings when it has some."""
    lines = "\n".join(f"{number}. {line['text']}" for number, line in enumerate(script["lines"], 1))
    hooks = script.get("hooks", [])[1:]
    others = "\n".join(f"{number}. {hook['line']['text']}" for number, hook in enumerate(hooks, 2))
    return "\n\n".join([f"“{script['title']}”", lines, *([f"Other openings\n{others}"] if others else [])])


def shortened(text: str) -> str:
    """As much as fits into one message."""
    return text if len(text) <= _MAX_CHARS else f"{text[:_MAX_CHARS].rstrip()}…"
