"""Pictures for scenes: searches for what each scene asks for, ranks, takes one in; and the same by hand for an edit."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import structlog
from pydantic import TypeAdapter

from ettametta.db import Database
from ettametta.errors import EttamettaError, InvalidInput, NotFound, TransientError
from ettametta.kit.ids import content_key
from ettametta.models import Production, StepResult
from ettametta.productions import repository
from ettametta.productions.brief import Brief
from ettametta.productions.options import VideoOptions
from ettametta.productions.pictures.article import cited_pictures
from ettametta.productions.pictures.hashing import look_the_same
from ettametta.productions.pictures.ranking import Taste, Wanted, fits, is_large_enough, rank, stems
from ettametta.productions.pictures.search import Footage
from ettametta.productions.pictures.store import PictureStore, Taken
from ettametta.productions.steps import StepCache
from ettametta.providers.footage.base import FootageFacts, FootageKind, FootageQuery, FoundAsset, Orientation
from ettametta.providers.footage.licences import Policy, check_licence
from ettametta.storyboard import ASPECTS, Aspect, ClipVisual, FileVisual, Scene, Storyboard, is_from_file

_log = structlog.get_logger(__name__)

#: Told how many scenes have been looked at, of how many.
OnLooked = Callable[[int, int], Awaitable[None]]

#: So many candidates are loaded for one scene before it stays designed.
_TRIES = 3
#: So many questions are asked for one scene: its own, and a wider one.
_QUESTIONS = 2
_PICK, _FOUND = "picture", "found_picture"
_VISUAL: TypeAdapter[FileVisual] = TypeAdapter(FileVisual)


@dataclass(frozen=True, slots=True)
class Filled:
    """A storyboard with pictures, and sentences about what was not found."""

    storyboard: Storyboard
    notes: tuple[str, ...] = ()


@dataclass
class _Pass:
    """One storyboard being filled: what it has by now."""

    production: Production
    options: VideoOptions
    board: Storyboard
    taste: Taste
    used: set[str] = field(default_factory=set)
    looks: list[str] = field(default_factory=list)
    authors: Counter[str] = field(default_factory=Counter)
    missed: dict[str, None] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    answered: bool = False

    def taste_now(self) -> Taste:
        """The taste, with the authors the video has by now."""
        return replace(self.taste, authors=self.authors)


class Picturing:
    """Finds pictures and takes them in."""

    def __init__(self, database: Database, footage: Footage, store: PictureStore, cache: StepCache) -> None:
        self._database = database
        self._footage = footage
        self._store = store
        self._cache = cache

    @property
    def sources(self) -> tuple[FootageFacts, ...]:
        """The picture sources that are set up, best first."""
        return self._footage.facts

    async def fill(
        self, production: Production, options: VideoOptions, board: Storyboard, on_looked: OnLooked
    ) -> Filled:
        """Give every scene with a query the picture that suits it best; where none does, the scene stays designed.

        Never fails for a source: what was missed is in the notes.
        """
        places = [number for number, scene in enumerate(board.scenes) if wants_picture(scene, options)]
        is_searched = self._footage.names(options.sources) or cited_pictures(board, options)
        if not self._footage.is_on or options.pictures != "auto" or not places or not is_searched:
            return Filled(board)
        seen = await self._store.seen_before(production.user_id, production.id)
        taste = Taste(order=self._footage.names(options.sources), seen=seen)
        state = _Pass(production, options, board, taste)
        pool = await self._pool(state, places) if options.order != "matched" else None
        scenes = list(board.scenes)
        cited = cited_pictures(board, options)
        for done, number in enumerate(places):
            await on_looked(done, len(places))
            visual = await self._for_scene(state, scenes[number], done, pool, cited)
            if visual is not None:
                scenes[number] = scenes[number].model_copy(update={"visual": visual})
            elif not state.answered and state.missed:
                state.empty += [scenes[later].id for later in places[done + 1 :]]
                break  # nobody answers: the others are not asked for in vain
        return Filled(board.model_copy(update={"scenes": tuple(scenes)}), _notes(state, len(places)))

    async def _for_scene(
        self,
        state: _Pass,
        scene: Scene,
        number: int,
        pool: list[FoundAsset] | None,
        cited: Mapping[int, FoundAsset],
    ) -> FileVisual | None:
        key = _pick_key(state, scene, number)
        kept = await self._cache.find(key)
        if kept is not None and (kept["visual"] is None or await self._store.is_here(kept["visual"]["asset_key"])):
            return self._remember(state, scene, kept)
        taken, found = await self._of_article(state, scene, cited)
        if taken is None:
            taken, found = await self._look(state, scene, number, pool)
        output: dict[str, Any] = {"visual": None}
        if taken is not None and found is not None:
            visual = _as_asked(taken.visual, state.options)
            output = {
                "visual": visual.model_dump(mode="json"),
                "identity": found.identity,
                "author": found.author,
                "look": taken.look,
            }
            await self._cache.keep(_result(key, state.production.user_id, _PICK, output), taken.asset)
        elif not state.missed:  # where a source failed, a retry may find more
            await self._cache.keep(_result(key, state.production.user_id, _PICK, output))
        return self._remember(state, scene, output)

    @staticmethod
    def _remember(state: _Pass, scene: Scene, output: dict[str, Any]) -> FileVisual | None:
        if output["visual"] is None:
            state.empty.append(scene.id)
            return None
        state.answered = True
        state.used.add(output["identity"])
        state.looks.append(output["look"])
        state.authors[output["author"] or ""] += 1
        return _VISUAL.validate_python(output["visual"])

    async def _of_article(
        self, state: _Pass, scene: Scene, cited: Mapping[int, FoundAsset]
    ) -> tuple[Taken | None, FoundAsset | None]:
        """The own picture of an article that the scene rests on, shown once."""
        own = [cited[index] for index in scene.citations if index in cited and cited[index].identity not in state.used]
        return await self._take_first(state, own[:1], _query(scene.query, state.board))

    async def _look(
        self, state: _Pass, scene: Scene, number: int, pool: list[FoundAsset] | None
    ) -> tuple[Taken | None, FoundAsset | None]:
        """Ask, rank and take: by the scene's own words first, then by wider ones."""
        for text in _questions(scene, state, number):
            wanted = Wanted.by(scene, state.board, text)
            query = _query(text, state.board)
            if pool is None:
                candidates = rank(await self._ask(state, query), wanted, state.taste_now())
            else:
                candidates = [one for one in pool if fits(one, wanted)]
            fresh = [one for one in candidates if one.identity not in state.used]
            taken, found = await self._take_first(state, fresh[:_TRIES], query)
            if taken is not None or pool is not None:
                return taken, found
        return None, None

    async def _ask(self, state: _Pass, query: FootageQuery) -> list[FoundAsset]:
        findings = await self._footage.search(
            state.production.user_id, query, policy=state.options.licences, sources=state.options.sources
        )
        state.missed.update(dict.fromkeys(findings.missed))
        state.answered = state.answered or findings.answered > 0
        return list(findings.found)

    async def _take_first(
        self, state: _Pass, candidates: Sequence[FoundAsset], query: FootageQuery
    ) -> tuple[Taken | None, FoundAsset | None]:
        """The first candidate that can be loaded and does not look like one the video has."""
        for found in candidates:
            state.used.add(found.identity)
            try:
                taken = await self._store.take(state.production.user_id, state.production.id, found, query)
            except EttamettaError as error:
                _log.warning("pictures.not_taken", identity=found.identity, code=error.code, error=error.message)
                continue
            size = found.model_copy(update={"width": taken.visual.width, "height": taken.visual.height})
            is_new = not any(look_the_same(taken.look, look) for look in state.looks)
            if is_new and is_large_enough(size, query.min_width, query.min_height):
                return taken, found
        return None, None

    async def _pool(self, state: _Pass, places: Sequence[int]) -> list[FoundAsset]:
        """Everything found for all scenes, in its order or shuffled (always the same way for a production)."""
        found: dict[str, FoundAsset] = {}
        texts = [_questions(state.board.scenes[place], state, number)[0] for number, place in enumerate(places)]
        for text in dict.fromkeys(texts):
            for one in await self._ask(state, _query(text, state.board)):
                found.setdefault(one.identity, one)
            if not state.answered:
                break
        pool = list(found.values())
        if state.options.order == "random":
            random.Random(state.production.id).shuffle(pool)  # noqa: S311 - variety, no secret
        return pool

    async def search(
        self,
        user_id: str,
        query: str,
        kind: FootageKind | Literal["any"] = "any",
        aspect: Aspect = "9:16",
        policy: Policy = "open",
        limit: int = 12,
        *,
        language: str = "en",
    ) -> tuple[FoundAsset, ...]:
        """Pictures to choose from by hand, best first; `fetch` takes one in.

        Raises:
            InvalidInput: `footage.empty_query`.
            TransientError: `footage.none_answers`.
        """
        if not stems(query) and not query.strip():
            raise InvalidInput("There is nothing to search for.", hint="Say what to show.", code="footage.empty_query")
        width, height = ASPECTS[aspect]
        asked = FootageQuery(query, kind, _orientation(width, height), width, height, language)
        findings = await self._footage.search(user_id, asked, policy=policy)
        if findings.missed and not findings.answered:
            raise TransientError(
                f"No picture source answers. {' '.join(findings.missed)}", hint="Try again later.",
                code="footage.none_answers",
            )  # fmt: skip
        taste = Taste(order=self._footage.names())
        best = rank(findings.found, Wanted(query, "", width, height, 5.0), taste)[:limit]
        for one in best:
            key = content_key(step=_FOUND, user=user_id, identity=one.identity)
            await self._cache.keep(_result(key, user_id, _FOUND, one.model_dump(mode="json")))
        return tuple(best)

    async def fetch(self, user_id: str, production_id: str, found: FoundAsset | str) -> FileVisual:
        """Take in a picture that `search` gave this person, by itself or by its identity.

        Raises:
            NotFound: no such production of theirs, or no search gave it.
            Refused: `licence.policy`: the production's licence policy does not take it.
            EttamettaError: it cannot be loaded.
        """
        identity = found if isinstance(found, str) else found.identity
        kept = await self._cache.find(content_key(step=_FOUND, user=user_id, identity=identity))
        if kept is None:
            raise NotFound("No search here found that picture.", hint="Search for it first.", code="footage.not_found")
        known = FoundAsset.model_validate(kept)  # as found, not as it came back: its licence was not ours to hear
        production, options, board = await self._state_of(user_id, production_id)
        check_licence(options.licences, known.licence)
        taken = await self._store.take(user_id, production.id, known, _query(known.title, board))
        visual = _as_asked(taken.visual, options)
        await self._store.write_down(taken.asset)
        return visual

    async def another(self, user_id: str, production_id: str, scene_id: str, query: str = "") -> FileVisual:
        """The best picture for a scene that this production never had.

        Raises:
            NotFound: no such production or scene, or nothing more is found.
        """
        production, options, board = await self._state_of(user_id, production_id)
        scene = next((one for one in board.scenes if one.id == scene_id), None)
        if scene is None:
            raise NotFound("There is no such scene.", hint="Look at the storyboard.", code="edit.no_scene")
        had = await self._store.in_production(production.id)
        state = _Pass(production, options, board, Taste(order=self._footage.names(options.sources)))
        scene = scene.model_copy(update={"query": query or scene.query or scene.narration[:120]})
        for text in _questions(scene, state, 0):
            found = await self._ask(state, _query(text, board))
            candidates = rank(_without(found, had), Wanted.by(scene, board, text), state.taste)
            taken, _ = await self._take_first(state, candidates[:_TRIES], _query(text, board))
            if taken is not None:
                await self._store.write_down(taken.asset)
                return _as_asked(taken.visual, options)
        raise NotFound(
            f"No other picture was found for “{scene.query}”. {' '.join(state.missed)}".strip(),
            hint="Say in other words what to show, or send a picture of your own.",
            code="footage.nothing_more",
        )

    async def _state_of(self, user_id: str, production_id: str) -> tuple[Production, VideoOptions, Storyboard]:
        async with self._database.read_scope() as session:
            production = await repository.find(session, production_id, user_id=user_id)
            revision = await repository.current_revision(session, production)
            options = Brief.model_validate(production.brief).options
            return production, options, Storyboard.model_validate(revision.storyboard)


def wants_picture(scene: Scene, options: VideoOptions) -> bool:
    """Whether a scene is to be given a picture: it says what to show, nobody chose its visual, and no data is on it."""
    if scene.pinned or is_from_file(scene.visual) or scene.visual.kind not in {"title", "statement"}:
        return False
    return bool(scene.query or options.search_terms)


def _questions(scene: Scene, state: _Pass, number: int) -> list[str]:
    """What to search for: the person's own terms in turn, else the scene's query; then something wider."""
    terms = state.options.search_terms
    own = terms[number % len(terms)] if terms else scene.query
    wider = own.split()
    texts = [own, " ".join(wider[-2:]) if len(wider) > 2 else _title_words(state.board)]
    return [text for text in dict.fromkeys(texts) if text.strip()][:_QUESTIONS]


def _title_words(board: Storyboard) -> str:
    """The title's words of weight, in their order."""
    return " ".join(word for word in board.title.split() if stems(word))[:80]


def _query(text: str, board: Storyboard) -> FootageQuery:
    return FootageQuery(
        text=text,
        orientation=_orientation(board.width, board.height),
        min_width=board.width,
        min_height=board.height,
        language=board.language,
    )


def _orientation(width: int, height: int) -> Orientation:
    return "square" if width == height else "portrait" if height > width else "landscape"


def _as_asked(visual: FileVisual, options: VideoOptions) -> FileVisual:
    changes: dict[str, Any] = {"fit": options.fit}
    if isinstance(visual, ClipVisual):
        changes["speed"] = options.clip_speed
    return visual.model_copy(update=changes)


def _pick_key(state: _Pass, scene: Scene, number: int) -> str:
    options = state.options
    return content_key(
        step=_PICK,
        user=state.production.user_id,
        production=state.production.id,
        scene=scene.id,
        asked=_questions(scene, state, number),
        said=scene.narration,
        frame=[state.board.width, state.board.height],
        options=options.model_dump(mode="json", include={"sources", "licences", "order", "fit", "clip_speed"}),
    )


def _result(key: str, user_id: str, step: str, output: dict[str, Any]) -> StepResult:
    return StepResult(key=key, user_id=user_id, step=step, output=output)


def _without(found: Sequence[FoundAsset], had: Collection[str]) -> list[FoundAsset]:
    return [one for one in found if one.page_url not in had]


def _notes(state: _Pass, wanted: int) -> tuple[str, ...]:
    notes = []
    if state.empty:
        what = "No picture" if len(state.empty) == wanted else f"No picture for {len(state.empty)} of {wanted} scenes"
        notes.append(f"{what} was found that suits and is free to use; they are designed instead.")
    return (*notes, *state.missed)
