"""What a storyboard will still cost: what is to be spoken and what is to be made, without what is there already."""

from __future__ import annotations

from dataclasses import dataclass

from ettametta.productions.narrating import Narrator
from ettametta.productions.pictures.making import Imaging
from ettametta.storyboard import Storyboard


@dataclass(frozen=True, slots=True)
class News:
    """What is still to be paid for a storyboard, in US dollars, and the sentence that asks for it."""

    cost_usd: float
    summary: str


@dataclass(frozen=True, slots=True)
class Costing:
    """Asks those whose work costs money."""

    narrator: Narrator
    imaging: Imaging

    async def cost_usd(self, user_id: str, board: Storyboard) -> float:
        """What is still to be paid for a storyboard, in US dollars."""
        spoken = await self.narrator.cost_usd(user_id, board)
        return spoken + await self.imaging.cost_usd(user_id, board)

    async def news(self, user_id: str, board: Storyboard) -> News:
        """What is new of a storyboard since its production was last paid for."""
        spoken = await self.narrator.cost_usd(user_id, board)
        pictures = await self.imaging.new_wishes(user_id, board)
        drawn = await self.imaging.cost_usd(user_id, board)
        parts = [f"narration by {board.speech_provider}, about ${spoken:.4f}"] if spoken or not pictures else []
        if pictures:
            made = f"{pictures} picture{'s' if pictures > 1 else ''} by {self.imaging.model}"
            parts.append(f"{made}, about ${drawn:.4f}")
        return News(spoken + drawn, f"What is new: {', and '.join(parts)}.")

    def summary(self, board: Storyboard, cost_usd: float) -> str:
        """One sentence for the question whether to go on."""
        letters = sum(len(scene.narration) for scene in board.scenes)
        wishes = self.imaging.wishes(board)
        pictures = f" and {wishes} picture{'s' if wishes > 1 else ''} by {self.imaging.model}" if wishes else ""
        return f"Narration of {letters:,} characters by {board.speech_provider}{pictures}: about ${cost_usd:.4f}."
