"""Operations do what they say, say what is wrong, and leave ids, words and rules whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ettametta.edits import Pictures, apply, as_json, parse
from ettametta.edits.operations import Operation
from ettametta.errors import InvalidInput
from ettametta.storyboard import (
    CardVisual,
    Citation,
    ListVisual,
    Music,
    RecordingCut,
    Storyboard,
    Transition,
)
from tests.unit.edits.boards import OPERATION, board, photo


def _edit(storyboard: Storyboard, *operations: dict[str, Any], pictures: Pictures | None = None) -> Storyboard:
    return apply(storyboard, parse(list(operations)), pictures=pictures)


def _refused(code: str, storyboard: Storyboard, *operations: dict[str, Any]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        _edit(storyboard, *operations)
    assert caught.value.code == code
    return caught.value


def _ids(storyboard: Storyboard) -> list[str]:
    return [scene.id for scene in storyboard.scenes]


def _with(storyboard: Storyboard, number: int, **changes: Any) -> Storyboard:
    scenes = list(storyboard.scenes)
    scenes[number - 1] = scenes[number - 1].model_copy(update=changes)
    return storyboard.model_copy(update={"scenes": tuple(scenes)})


# -- words -------------------------------------------------------------------------------------------------------------


def test_narration_is_replaced_with_what_hung_on_it() -> None:
    cut = RecordingCut(asset_key="assets/me.wav", start_s=0, end_s=3)
    old = _with(board(), 2, recording=cut, emphasis=("glass", "beam"))
    new = _edit(old, {"op": "set_narration", "scene": 2, "text": "  Glass  bends light. "})
    assert new.scenes[1].narration == "Glass bends light."
    assert new.scenes[1].recording is None
    assert new.scenes[1].emphasis == ("glass",)
    assert new.scenes[0] == old.scenes[0]


def test_a_scene_without_words_is_silent_for_a_while() -> None:
    assert _edit(board(), {"op": "set_narration", "scene": "s02", "text": ""}).scenes[1].min_duration_s == 3.0


def test_on_screen_is_a_heading_over_a_picture_and_the_words_of_a_card() -> None:
    card = _edit(board(), {"op": "set_on_screen", "scene": 1, "text": "1822"}).scenes[0]
    assert card.visual == CardVisual(kind="statement", text="1822")
    over = _edit(_with(board(), 1, visual=photo()), {"op": "set_on_screen", "scene": 1, "text": "1822"}).scenes[0]
    assert (over.on_screen, over.visual) == ("1822", photo())
    _refused("edit.empty_card", board(), {"op": "set_on_screen", "scene": 1, "text": " "})


def test_only_what_is_said_can_be_stressed() -> None:
    new = _edit(board(), {"op": "set_emphasis", "scene": 3, "words": ["ships"]})
    assert new.scenes[2].emphasis == ("ships",)
    _refused("edit.not_said", board(), {"op": "set_emphasis", "scene": 3, "words": ["boats"]})


def test_citations_of_a_scene_are_added_and_those_of_others_stay() -> None:
    book, page = {"title": "A book"}, {"title": "A page", "url": "https://example.org"}
    new = _edit(_with(board(), 1, citations=(0,)), {"op": "set_citations", "scene": 2, "citations": [page, book]})
    assert new.citations == (Citation(title="A book"), Citation(**page))
    assert (new.scenes[0].citations, new.scenes[1].citations) == ((0,), (1, 0))


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_a_set_visual_is_pinned_and_a_swap_lets_it_go() -> None:
    visual = {"kind": "list", "items": ["One", "Two"]}
    new = _edit(board(), {"op": "set_visual", "scene": 1, "visual": visual})
    assert new.scenes[0].visual == ListVisual(items=("One", "Two"))
    assert new.scenes[0].pinned
    free = _edit(new, {"op": "swap_visual", "scene": 1, "query": "lamp"})
    assert (free.scenes[0].query, free.scenes[0].pinned) == ("lamp", False)


def test_a_file_is_shown_only_when_it_is_known() -> None:
    swap = {"op": "swap_visual", "scene": 2, "asset_id": "a1"}
    new = _edit(board(), swap, pictures=Pictures(visuals={"a1": photo()}))
    assert new.scenes[1].visual == photo()
    assert new.scenes[1].pinned
    _refused("edit.no_picture", board(), swap)


# -- order -------------------------------------------------------------------------------------------------------------


def test_scenes_move_swap_and_go() -> None:
    assert _ids(_edit(board(), {"op": "move_scene", "scene": 4, "to": 1})) == ["s04", "s01", "s02", "s03"]
    assert _ids(_edit(board(), {"op": "swap_scenes", "scene": 2, "other": 4})) == ["s01", "s04", "s03", "s02"]
    assert _ids(_edit(board(), {"op": "delete_scene", "scene": 2})) == ["s01", "s03", "s04"]
    _refused("edit.no_place", board(), {"op": "move_scene", "scene": 1, "to": 5})


def test_numbers_are_those_before_the_first_operation() -> None:
    new = _edit(board(), {"op": "delete_scene", "scene": 2}, {"op": "delete_scene", "scene": 3})
    assert _ids(new) == ["s01", "s04"]


def test_an_unknown_scene_lists_those_there_are() -> None:
    error = _refused("edit.no_scene", board(2), {"op": "delete_scene", "scene": "s77"})
    assert "1 (s01), 2 (s02)" in error.hint


def test_the_last_scene_stays() -> None:
    _refused("edit.last_scene", board(2), *({"op": "delete_scene", "scene": number} for number in (1, 2)))


def test_ids_are_never_given_twice() -> None:
    operations = parse([{"op": "delete_scene", "scene": 4}, {"op": "insert_scene", "after": 1, "narration": "New."}])
    assert _ids(apply(board(), operations)) == ["s01", "s05", "s02", "s03"]
    assert _ids(apply(board(), operations, taken={"s09"})) == ["s01", "s10", "s02", "s03"]


def test_an_inserted_scene_shows_its_words_or_what_it_is_given() -> None:
    first = _edit(board(), {"op": "insert_scene", "narration": "Once upon a time."}).scenes[0]
    assert first.visual == CardVisual(kind="statement", text="Once upon a time.")
    silent = _edit(board(), {"op": "insert_scene", "after": 4, "visual": {"kind": "title", "text": "End"}}).scenes[-1]
    assert (silent.narration, silent.min_duration_s, silent.pinned) == ("", 3.0, True)
    _refused("edit.empty_scene", board(), {"op": "insert_scene", "narration": " "})


def test_no_more_scenes_than_a_video_has_room_for() -> None:
    _refused("edit.too_many_scenes", board(60), {"op": "insert_scene", "narration": "More."})


def test_a_scene_is_split_where_it_is_asked_and_else_at_a_sentence() -> None:
    new = _edit(board(), {"op": "split_scene", "scene": 1})
    assert [scene.narration for scene in new.scenes[:2]] == ["A lamp in Paris.", "It was seen far away."]
    assert _ids(new) == ["s01", "s05", "s02", "s03", "s04"]
    new = _edit(board(), {"op": "split_scene", "scene": 2, "before": "and ONE beam"})
    assert new.scenes[2].narration == "and one beam goes out."
    _refused("edit.no_split", board(), {"op": "split_scene", "scene": 2, "before": "Rings"})
    _refused("edit.no_split", _with(board(), 1, narration="Oh"), {"op": "split_scene", "scene": 1})


def test_a_recording_is_split_and_joined_with_its_scene() -> None:
    cut = RecordingCut(asset_key="assets/me.wav", start_s=2, end_s=4)
    old = _with(board(), 1, recording=cut)
    parts = _edit(old, {"op": "split_scene", "scene": 1})
    first, second = parts.scenes[0].recording, parts.scenes[1].recording
    assert first is not None
    assert second is not None
    assert (first.start_s, second.end_s) == (2, 4)
    assert first.end_s == second.start_s
    assert _edit(parts, {"op": "merge_scenes", "scene": 1}).scenes[0].recording == cut
    assert _edit(old, {"op": "merge_scenes", "scene": 1}).scenes[0].recording is None
    _refused("edit.no_next_scene", board(), {"op": "merge_scenes", "scene": 4})


# -- the whole ---------------------------------------------------------------------------------------------------------


def test_restyle_changes_what_is_given_and_clears_what_is_named() -> None:
    old = _edit(board(), {"op": "restyle", "captions": {"ink": "#ff0000", "size": 1.5}, "music": {"mood": "calm"}})
    assert old.music == Music(mood="calm")
    new = _edit(
        old, {"op": "restyle", "theme": "paper", "captions": {"mode": "off"}, "clear": ["caption_ink", "music"]}
    )
    assert (new.style.theme, new.style.captions.mode, new.style.captions.ink) == ("paper", "off", None)
    assert new.style.captions.size == 1.5
    assert new.music is None


def test_another_music_takes_the_place_of_the_first_but_keeps_its_volume() -> None:
    old = _edit(board(), {"op": "restyle", "music": {"track": "one", "below_voice_lu": 25}})
    new = _edit(old, {"op": "restyle", "music": {"asset_id": "m1"}}, pictures=Pictures(sounds={"m1": "assets/m.mp3"}))
    assert new.music == Music(asset_key="assets/m.mp3", below_voice_lu=25)
    _refused("edit.no_music", old, {"op": "restyle", "music": {"asset_id": "m1"}})


def test_the_frame_takes_another_shape_or_size() -> None:
    wide = _edit(board(), {"op": "set_aspect", "aspect": "16:9"})
    assert (wide.width, wide.height) == (1920, 1080)
    small = _edit(wide, {"op": "set_aspect", "resolution": 480, "fps": 24})
    assert (small.width, small.height, small.fps) == (854, 480, 24)
    odd = board().model_copy(update={"width": 144, "height": 256})
    assert _edit(odd, {"op": "set_aspect", "aspect": "4:5"}).height == 180


def test_voice_pace_and_pronunciations() -> None:
    new = _edit(
        board(),
        {"op": "set_voice", "voice": "ann"},
        {"op": "set_voice", "provider": "openai", "pace": 1.2},
        {"op": "set_pronunciation", "word": "Fresnel", "say": "fray-nel"},
        {"op": "set_pronunciation", "word": "fresnel", "say": "fre-nel"},
    )
    assert (new.speech_provider, new.voice, new.pace) == ("openai", "default", 1.2)
    assert [one.say for one in new.pronunciations] == ["fre-nel"]
    assert _edit(new, {"op": "set_pronunciation", "word": "Fresnel"}).pronunciations == ()


def test_transitions_are_between_scenes() -> None:
    new = _edit(board(), {"op": "set_transition", "scene": 2, "kind": "fade", "duration_s": 0.6})
    assert new.scenes[1].transition == Transition(kind="fade", duration_s=0.6)
    assert _edit(new, {"op": "set_transition", "scene": 2, "kind": None}).scenes[1].transition is None
    _refused("edit.first_scene", board(), {"op": "set_transition", "scene": 1, "kind": "fade"})


def test_what_breaks_a_rule_is_told_and_changes_nothing() -> None:
    long = "word " * 120
    old = _with(_with(board(), 1, narration=long * 2), 2, narration=long)
    before = old.model_dump_json()
    _refused("edit.not_possible", old, {"op": "merge_scenes", "scene": 1})
    assert old.model_dump_json() == before


def test_unreadable_operations_are_told_where() -> None:
    with pytest.raises(InvalidInput, match=r"0\.set_aspect\.aspect") as caught:
        parse([{"op": "set_aspect", "aspect": "3:1"}])
    assert caught.value.code == "edit.bad_operation"
    for wrong in ([], [{"op": "explode"}], [{"op": "delete_scene", "scene": "1", "also": 1}], "delete it", None):
        with pytest.raises(InvalidInput):
            parse(wrong)


# -- whatever is asked -------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(OPERATION, min_size=1, max_size=8))
def test_a_storyboard_stays_whole(operations: list[Operation]) -> None:
    old, taken = board(5), {"s01", "s02", "s03", "s04", "s05"}
    for operation in operations:
        try:
            new = apply(old, [operation], taken=taken)
        except InvalidInput:
            continue
        ids = _ids(new)
        assert len(set(ids)) == len(ids) >= 1
        assert not (set(ids) - set(_ids(old))) & taken, "an id was given twice"
        assert Storyboard.model_validate_json(new.model_dump_json()) == new
        old, taken = new, taken | set(ids)


@settings(max_examples=40, deadline=None)
@given(st.lists(OPERATION, min_size=1, max_size=8))
def test_operations_survive_json(operations: list[Operation]) -> None:
    assert parse(json.loads(json.dumps(as_json(operations)))) == tuple(operations)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.text(min_size=1, max_size=30))
def test_what_is_done_can_be_done_back(one: int, other: int, text: str) -> None:
    old = board(5)
    ref = old.scenes[one - 1].id
    swap = {"op": "swap_scenes", "scene": one, "other": other}
    assert _edit(_edit(old, swap), swap) == old
    moved = _edit(old, {"op": "move_scene", "scene": ref, "to": other})
    assert _edit(moved, {"op": "move_scene", "scene": ref, "to": one}) == old
    said = _edit(old, {"op": "set_narration", "scene": ref, "text": f"x{text}"})
    assert _edit(said, {"op": "set_narration", "scene": ref, "text": old.scenes[one - 1].narration}) == old
    added = _edit(old, {"op": "insert_scene", "after": ref, "narration": "New."})
    assert _edit(added, {"op": "delete_scene", "scene": "s06"}) == old
