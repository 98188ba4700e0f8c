"""How long a script takes, and how it is brought to its length; and openings of different kinds."""

from __future__ import annotations

import pytest

from ettametta.discovery.documents import read_pasted
from ettametta.errors import InvalidInput
from ettametta.evidence import Evidence
from ettametta.kit.sentences import split_sentences
from ettametta.scripts.fitting import FASTEST, SLOWEST, tightening, trimmed, without
from ettametta.scripts.hooks import kind_of, with_hook
from ettametta.scripts.offline import write_offline
from ettametta.scripts.pacing import REFERENCE_WPM, script_s, speech_s
from ettametta.scripts.script import Script, ScriptLine, ScriptWanted
from ettametta.scripts.syllables import syllables

#: Seconds the offline voice took for each, measured.
SPOKEN = {
    (
        "Put the pan on a high heat. Add oil, then the onions. Wait until they are soft and brown, about ten "
        "minutes. Now the garlic, the salt and a pinch of chili. Stir. Pour in the stock, let it boil, then turn "
        "the heat down low. Give it an hour. Do not lift the lid. When the meat falls from the bone, it is done. "
        "Eat it with bread, and keep some for tomorrow: it tastes better then."
    ): 20.56,
    (
        "The constitutional court declared the legislation unconstitutional on procedural grounds. "
        "Parliamentarians had circumvented obligatory consultations with regional authorities. The administration "
        "subsequently announced comprehensive amendments. Opposition representatives characterised the "
        "announcement as insufficient. International observers, including the Venice Commission, recommended "
        "additional transparency."
    ): 23.99,
    (
        "In 1923, a loaf of bread in Berlin cost 201 billion marks. A year before, it had cost 163. Workers were "
        "paid twice a day, and ran to the shops at noon before prices rose again. One man took a basket of cash "
        "to market; thieves stole the basket and left the money. Children built towers out of bank notes. On 15 "
        "November the old money ended: one trillion old marks became a single new one. The madness stopped almost "
        "overnight."
    ): 27.77,
}  # fmt: skip
LINES = (
    ScriptLine(text="In 1822 a king saw one lamp from 32 kilometres away.", role="hook", citations=(0,)),
    ScriptLine(text="The lamp stood there in the usual way, as lamps do.", citations=(0,)),
    ScriptLine(text="Augustin Fresnel had cut the glass into rings.", citations=(0,)),
    ScriptLine(text="He threw most of it away.", citations=(0,)),
    ScriptLine(text="That saved a million ships.", role="payoff", citations=(0,)),
)
SCRIPT = Script(title="The lamp", language="en", lines=LINES, made_by="me")


@pytest.mark.parametrize("text", SPOKEN)
def test_the_estimate_is_near_what_was_measured(text: str) -> None:
    assert sum(speech_s(one, "en") for one in split_sentences(text)) == pytest.approx(SPOKEN[text], rel=0.085)


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("lighthouse", "en", 2), ("made", "en", 1), ("wanted", "en", 2), ("jumped", "en", 1), ("radiation", "en", 4),
        ("1823", "en", 5), ("1,000,000", "en", 3), ("32", "en", 3), ("12.5", "en", 3), ("faro", "es", 2),
        ("маяк", "ru", 2), ("灯台", "ja", 2), ("とうだい", "ja", 4), ("", "en", 0),
    ],
)  # fmt: skip
def test_syllables(text: str, language: str, count: int) -> None:
    assert syllables(text, language) == count


def test_a_faster_voice_takes_less() -> None:
    slow, fast = speech_s("A plain sentence.", "en", 120), speech_s("A plain sentence.", "en", 240)
    assert slow == pytest.approx(2 * fast)
    assert speech_s("A plain sentence.", "en", pace=2.0) == pytest.approx(speech_s("A plain sentence.", "en") / 2)
    assert speech_s(" ", "en") == 0


def test_a_long_script_loses_its_least_line_first() -> None:
    whole = script_s(SCRIPT, REFERENCE_WPM)
    assert trimmed(SCRIPT, whole, REFERENCE_WPM) is SCRIPT
    shorter = trimmed(SCRIPT, whole * 0.78, REFERENCE_WPM)
    assert [line.text for line in shorter.lines] == [LINES[0].text, LINES[2].text, LINES[3].text, LINES[4].text]
    assert len(trimmed(SCRIPT, 1.0, REFERENCE_WPM).lines) >= 3, "something must be left to say"


def test_a_line_the_next_one_leans_on_stays() -> None:
    kept = trimmed(SCRIPT, 1.0, REFERENCE_WPM)
    texts = [line.text for line in kept.lines]
    assert (LINES[3].text in texts) <= (LINES[2].text in texts)


@pytest.mark.parametrize(
    ("measured_s", "pace", "dropped"),
    [(30.0, 1.0, ()), (32.0, 1.0, ()), (27.8, 1.0, ()), (33.0, FASTEST, ()), (27.0, SLOWEST, ()), (42.0, None, (1,))],
)
def test_tightening(measured_s: float, pace: float | None, dropped: tuple[int, ...]) -> None:
    todo = tightening(SCRIPT, measured_s, 30.0)
    assert todo.dropped == dropped
    assert pace is None or todo.pace == pace
    assert SLOWEST <= todo.pace <= FASTEST
    assert todo.changes is (todo.pace != 1.0 or bool(dropped))
    assert len(without(SCRIPT, todo.dropped).lines) == len(LINES) - len(dropped)


TEXT = (
    "The old lamp of the harbour burnt 40 pounds of oil a night. Why did nobody see it from the sea? Ann Marsh, a "
    "glazier of Hull, never believed in bigger lamps. In 1819 she cut a ring of glass by candle light. Her first "
    "lens was lit in Dover in 1823. Sailors saw the beam from 20 miles away. The idea has not aged a day since "
    "then."
)


def test_offline_openings_are_sentences_of_the_source_of_different_kinds() -> None:
    items = read_pasted(TEXT)
    script = write_offline(Evidence(topic="lamps", items=items), ScriptWanted(duration_s=15, hooks=3))
    assert len(script.hooks) == 3
    assert script.hooks[0].line.text == script.lines[0].text
    assert len({hook.kind for hook in script.hooks}) == 3
    assert all(hook.line.text in TEXT for hook in script.hooks)
    assert all(hook.line.role == "hook" and hook.line.citations == (0,) for hook in script.hooks)


def test_an_opening_is_put_in_use_and_not_said_twice() -> None:
    items = read_pasted(TEXT)
    script = write_offline(Evidence(topic="lamps", items=items), ScriptWanted(duration_s=20, hooks=4))
    for number, hook in enumerate(script.hooks):
        opened = with_hook(script, number)
        assert opened.lines[0].text == hook.line.text
        assert [line.text for line in opened.lines].count(hook.line.text) == 1
    with pytest.raises(InvalidInput) as caught:
        with_hook(script, 9)
    assert caught.value.code == "script.no_such_hook"


def test_too_few_openings_are_said() -> None:
    items = read_pasted("Bees dance for one another. Every dance is a map of the fields.")
    script = write_offline(Evidence(topic="bees", items=items), ScriptWanted(duration_s=15, hooks=5))
    assert len(script.hooks) < 5
    assert any("could open" in note for note in script.notes)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Who lit it?", "question"), ("It burnt 40 pounds.", "number"), ("Nobody saw it.", "contradiction"),
     ("In 1819 she cut a ring.", "story")],
)  # fmt: skip
def test_kinds_of_openings(text: str, kind: str) -> None:
    assert kind_of(text, "en") == kind
