"""The checker: labelled claims about three texts, amounts and their rounding, and what the ear cannot follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.evidence import Evidence, EvidenceItem
from ettametta.scripts.amounts import agrees, amounts
from ettametta.scripts.checker import check_script, reading_ease
from ettametta.scripts.flags import UNSUPPORTED
from ettametta.scripts.grounding import Ground
from ettametta.scripts.script import Script, ScriptLine
from ettametta.scripts.speakable import unspeakable
from ettametta.storyboard import ChartPoint, ChartVisual, Citation
from tests.unit.scripts.claims import CLAIMS, SOURCES, Claim

EVIDENCE = Evidence(
    topic="",
    items=tuple(
        EvidenceItem(citation=Citation(title=title), text=text, language=code) for title, text, code in SOURCES
    ),
)
GROUNDS = {code: Ground(EVIDENCE, code) for code in ("en", "es")}


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim.text for claim in CLAIMS])
def test_claims(claim: Claim) -> None:
    found = GROUNDS[SOURCES[claim.source][2]].findings(claim.text, (claim.source,))
    kinds = {one.kind for one in found}
    assert not kinds if claim.true else claim.wrong in kinds
    assert kinds <= UNSUPPORTED


def test_the_labelled_set_has_both_kinds_and_every_reason() -> None:
    assert 20 < sum(claim.true for claim in CLAIMS) < len(CLAIMS) - 20
    assert {claim.wrong for claim in CLAIMS if not claim.true} == {
        "figure", "date", "name", "quotation", "superlative", "cause", "contradiction", "unsupported"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "source", "fair"),
    [
        ("about 1.5 million", "1,512,345", True),
        ("1.6 million", "1,512,345", False),
        ("1,500", "1,512", False),
        ("about 1,500", "1,512", True),
        ("half a million", "500,000", True),
        ("more than 60,000", "up to 60,000", False),
        ("nearly 2,000", "1,960", True),
        ("over 2,000", "1,960", False),
        ("20 miles", "32 kilometres", True),
        ("30 miles", "32 kilometres", False),
        ("32,000 metres", "32 km", True),
        ("45 percent", "45 years", False),
        ("thirty-nine years", "39 years", True),
        ("the 1850s", "1852", True),
        ("1852", "the 1850s", False),
        ("12,5 %", "12.5 percent", True),
        ("3 millones", "3,000,000", True),
    ],
)
def test_rounding_is_fair_or_not(said: str, source: str, fair: bool) -> None:  # a table of cases
    assert agrees(amounts(said)[0], amounts(source)[0]) is fair


def test_years_between_may_be_counted() -> None:
    item = EvidenceItem(citation=Citation(title="t"), text="He was born in 1788. He died in 1827.", language="en")
    ground = Ground(Evidence(topic="t", items=(item,)), "en")
    assert ground.findings("He died after 39 years.", (0,), strict=False) == []
    assert ground.findings("He died after 49 years.", (0,), strict=False) != []


def test_another_language_is_held_to_figures_and_names() -> None:
    ground = Ground(EVIDENCE, "en")
    assert ground.findings("The Tower of Hercules is 55 metres tall.", (2,)) == []
    assert [one.kind for one in ground.findings("The tower is 75 metres tall.", (2,))] == ["figure"]


def script(*texts: str, language: str = "en", citations: tuple[int, ...] = (0,)) -> Script:
    lines = tuple(ScriptLine(text=text, citations=citations) for text in texts)
    return Script(title="t", language=language, lines=lines, made_by="me")


def test_flags_name_the_line_and_the_reason() -> None:
    checked = script("The harbour was opened in 1962.", "The harbour was opened in 1926.")
    (flag,) = [one for one in check_script(checked, EVIDENCE) if one.is_unsupported]
    assert (flag.kind, flag.line, flag.text) == ("figure", 1, "1926")
    assert flag.sentence == "Line 2: its source does not have 1926."


def test_a_call_to_action_may_cite_nothing_but_a_fact_may_not() -> None:
    lines = (
        ScriptLine(text="The harbour was opened in 1962.", role="hook"),
        ScriptLine(text="Would you go there?"),
        ScriptLine(text="Sources in the description.", role="cta"),
        ScriptLine(text="Join 12 million viewers.", role="cta"),
    )
    flags = check_script(script("x").model_copy(update={"lines": lines}), EVIDENCE)
    assert [(one.kind, one.line) for one in flags] == [("uncited", 0), ("uncited", 3)]


def test_drawn_data_is_checked_too() -> None:
    chart = ChartVisual(
        kind="bar_chart", points=(ChartPoint(label="2010", value=980_000), ChartPoint(label="2021", value=2_512_345))
    )
    line = ScriptLine(text="The port handled more containers in 2021.", citations=(0,), visual=chart)
    flags = check_script(script("x").model_copy(update={"lines": (line,)}), EVIDENCE)
    assert [one.kind for one in flags if one.is_unsupported] == ["figure"]


def test_without_evidence_claims_are_not_looked_at() -> None:
    assert check_script(script("Napoleon was 9 metres tall.", citations=())) == ()


def test_repetition() -> None:
    flags = check_script(
        script(
            "The old glass lens bent the light.",
            "Ships came home.",
            "The old glass lens bent the beam.",
            "The old days were dark.",
        )
    )
    assert [(one.kind, one.line) for one in flags] == [("repeated", 2), ("same_opening", 3)]


@pytest.mark.parametrize(
    ("text", "language", "what"),
    [
        ("See https://a.example/b now.", "en", "a web address"),
        ("Go to example.com today.", "en", "a web address"),
        ("Ask ann@example.org.", "en", "an e-mail address"),
        ("It is #viral now.", "en", "a handle or hashtag"),
        ("Call print_all() here.", "en", "code or markup"),
        ("Its number is 1234567890.", "en", "a long run of digits"),
        ("The word is маяк.", "en", "letters of another script"),
        ("Das Wort ist 灯台.", "de", "letters of another script"),
        ("So good 🔥.", "en", "a symbol or emoji"),
    ],
)
def test_what_cannot_be_spoken(text: str, language: str, what: str) -> None:
    assert what in [found for _, found in unspeakable(text, language)]
    assert "unpronounceable" in [flag.kind for flag in check_script(script(text, language=language))]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("In 1822 it cost $3.50, about 12 % of 1,512,345 people’s pay — or “more”.", "en"),
        ("Маяк был построен в 1823 году.", "ru"),
        ("灯台は海にあります。", "ja"),
        ("बत्ती जलती है।", "hi"),
        ("Le phare d’Ouessant brille.", "fr"),
        ("كان الضوء بعيدا.", "ar"),
    ],
)
def test_what_can_be_spoken(text: str, language: str) -> None:
    assert unspeakable(text, language) == []


def test_long_sentences_and_hard_words() -> None:
    long = " ".join(["word"] * 30) + "."
    assert [one.kind for one in check_script(script(long))] == ["too_long"]
    hard = (
        "Institutional representatives characterised unconstitutional administrative simplification unsatisfactorily."
    )
    assert "hard_to_read" in [one.kind for one in check_script(script(hard))]
    plain, learned = reading_ease("The cat sat on the mat.", "en"), reading_ease(hard, "en")
    assert plain is not None
    assert learned is not None
    assert plain > 90
    assert learned < 0
    assert reading_ease("灯台", "ja") is None


def test_the_length_of_the_whole() -> None:
    one = script("The cat sat on the mat and looked at the wide blue sea.")
    assert [flag.kind for flag in check_script(one, target_s=30)] == ["too_short_script"]
    assert [flag.kind for flag in check_script(one, target_s=1)] == ["too_long_script"]


@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=4), st.sampled_from(["en", "es", "de", "ja"]))
def test_no_text_breaks_the_checker(texts: list[str], language: str) -> None:
    for flag in check_script(script(*texts, language=language), EVIDENCE, target_s=20):
        assert flag.line is None or 0 <= flag.line < len(texts)
        assert flag.why
