"""The pure parts of candidates: addresses, identities, words, fingerprints, grouping, velocity, keywords."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ettametta.discovery.candidates.addresses import canonical_url
from ettametta.discovery.candidates.grouping import Story, is_same_story
from ettametta.discovery.candidates.identity import MAX_NAME_CHARS, identity_of, names_of
from ettametta.discovery.candidates.keywords import MAX_KEYWORDS, keywords
from ettametta.discovery.candidates.preparing import FACET, facet_words, prepare, words_of
from ettametta.discovery.candidates.simhash import distance, simhash, title_key
from ettametta.discovery.candidates.velocity import Snapshot, known_metrics, leading_metric, velocity
from ettametta.discovery.candidates.words import folded, query_words, search_words
from ettametta.discovery.items import FoundItem

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

_SAME = (
    ("http://www.Example.COM:80/a/", "https://example.com/a"),
    ("https://example.com/a?b=2&a=1&utm_source=x&fbclid=y", "https://example.com/a?a=1&b=2"),
    ("https://user:pw@example.com/a#top", "https://example.com/a"),
    ("https://m.example.com/story/amp", "https://example.com/story"),
    ("https://amp.example.com/story.amp.html?amp=1", "https://example.com/story.html"),
    ("https://www.google.com/amp/s/www.example.com/story/amp/", "https://example.com/story"),
    ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/story", "https://example.com/story"),
    ("https://Bücher.example/%c3%bc%7e?q=a%20b", "https://xn--bcher-kva.example/ü~?q=a+b"),
    ("https://example.com/x/../a//./b/index.html", "https://example.com/a/b"),
    ("https://example.com/a?ref=producthunt&source=rss", "https://example.com/a"),
    ("https://en.m.wikipedia.org/wiki/Tea", "https://en.wikipedia.org/wiki/Tea"),
)


@pytest.mark.parametrize(("one", "other"), _SAME)
def test_addresses_of_one_page_are_one(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/a", "https://example.com:8080/a"),
        ("https://example.com/?id=1", "https://example.com/?id=2"),
        ("https://example.com/?ref=main", "https://example.com/?ref=v2"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/?q=a%26b", "https://example.com/?q=a&b"),
        ("https://example.com/?q=%E9", "https://example.com/?q=%EA"),
        ("https://example.com/#!/a", "https://example.com/#!/b"),
        ("https://example.com/amp", "https://example.com/"),
        ("https://straße.example/", "https://strasse.example/"),
    ],
)
def test_addresses_of_two_pages_are_two(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


_ODD_ADDRESSES = st.one_of(
    st.text(max_size=80),
    st.builds(
        "{}://{}{}/{}?{}#{}".format,
        st.sampled_from(("http", "HTTPS", "ftp", "")),
        st.sampled_from(("www.", "m.", "en.m.", "user@", "")),
        st.one_of(
            st.sampled_from(("example.com", "[::1]", "1.2.3.4:80", "a..b", "google.com/amp/s/m.x.org")),
            st.text(max_size=12),
        ),
        st.text("aZ/.%25fFé茶 \\;@:+&=#?", max_size=20),
        st.text("aref=utm_source&%2;+é", max_size=20),
        st.text("!/a", max_size=3),
    ),
)


@settings(max_examples=250)
@given(_ODD_ADDRESSES)
@example("https://m.google.com/amp/s/amp.google.com/amp/s/www.m.example.com/a/amp/amp")
@example("http://a/%%%2525%E9?%=%&=&a=%ff#/%")
@example("https://[::1")
@example("http://x:99999/")
@example("\x00 \ud800https://é.\u3002/")
def test_every_text_has_one_canonical_form(text: str) -> None:
    once = canonical_url(text)
    assert canonical_url(once) == once
    assert identity_of(text) == identity_of(once)
    assert len(identity_of(text)) <= MAX_NAME_CHARS


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("https://www.youtube.com/watch?feature=share&v=dQw4w9WgXcQ&t=3s", "youtube:dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", "youtube:dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "youtube:dQw4w9WgXcQ"),
        ("http://arxiv.org/pdf/2101.00001v3.pdf", "arxiv:2101.00001"),
        ("https://arxiv.org/abs/hep-th/9901001", "arxiv:hep-th/9901001"),
        ("https://dx.doi.org/10.1000/XYZ(1)", "doi:10.1000/xyz(1)"),
        ("https://github.com/Foo/Bar.git", "github:foo/bar"),
        ("https://github.com/foo/bar/issues/1", "https://github.com/foo/bar/issues/1"),
        ("https://github.com/topics/python", "https://github.com/topics/python"),
        ("https://old.reddit.com/r/tea/comments/1Abc2/a_title/", "reddit:1abc2"),
        ("https://news.ycombinator.com/item?id=42", "hackernews:42"),
        ("https://mobile.twitter.com/a/status/42?s=20", "x:42"),
        ("https://de.m.wikipedia.org/wiki/Caf%C3%A9", "wikipedia:de/Café"),
        (
            "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
            "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        ),
    ],
)
def test_platforms_name_what_they_show(url: str, identity: str) -> None:
    assert identity_of(url) == identity


def _item(**changes: object) -> FoundItem:
    item = FoundItem(source="feed", ref="feed:1", url="https://example.org/a", title="A title of some words")
    return replace(item, **changes)  # type: ignore[arg-type]


def test_aliases_that_say_the_same_everywhere_are_names() -> None:
    telling = (
        "https://www.example.org/b?utm_source=x",
        "doi:10.1000/ABC",
        "arXiv:2101.00001v2",
        "tag:a.example,2026:x12",
    )
    names = names_of(_item(discussion_url="https://lobste.rs/s/abc/x", aliases=telling))
    assert names == (
        "https://example.org/a", "lobsters:abc", "https://example.org/b", "doi:10.1000/abc", "arxiv:2101.00001",
        "tag:a.example,2026:x12",
    )  # fmt: skip
    assert names_of(_item(aliases=("1", "post-12", "https://example.org/", "?p=3", ""))) == ("https://example.org/a",)


def test_a_name_shared_by_a_batch_is_nobody_s() -> None:
    items = [_item(ref=str(n), url="https://example.org/news", title=f"Story number {n}") for n in range(3)]
    names = [one.names for one in prepare(items, _NOW)]
    assert len({name for own in names for name in own}) == 3


@settings(max_examples=150)
@given(st.text(max_size=60), st.text(max_size=200))
def test_no_text_raises_and_nothing_breaks_out_of_its_words(title: str, text: str) -> None:
    assert all(word.startswith(FACET) for word in facet_words("0" * 32, source=title, language=text))
    for word in words_of(title, text, None, ()):
        assert FACET not in word
        assert not set(word) & set("'\"\\: \t\n\x00&|!()*<>-")
    assert set(query_words(title)) <= set(search_words([title]))
    assert len(keywords(title, text)) <= MAX_KEYWORDS
    assert simhash(text) is None or -(2**63) <= (simhash(text) or 0) < 2**63
    assert is_same_story(Story(title, text), Story(title, text)) in {True, False}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Crème BRÛLÉE, 50% off", ["creme", "brulee", "50%", "off"]),
        ("C++ and C# for $5", ["c++", "and", "c#", "for", "$5"]),
        ("人工智能 AI", ["人工", "工智", "智能", "ai"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ＦＵＬＬ　ｗｉｄｔｈ", ["full", "width"]),
        ("삼성전자", ["삼성", "성전", "전자"]),
        ("إِلى الذَّكاء", ["الى", "الذكاء"]),
    ],
)
def test_words_of_any_script(text: str, words: list[str]) -> None:
    assert folded(text) == words


_LEAD = (
    "The city council of Riverton voted on Monday to close the old bridge to cars from next spring, after engineers "
    "found cracks in two of its pillars, and asked the state for money to repair it within the next few years."
)
_LEAD_ZH = (
    "里弗顿市议会周一投票决定，从明年春天起对汽车关闭这座老桥，此前工程师在两根桥墩上发现了裂缝，并请求州政府拨款维修。"
)


def test_near_texts_have_near_numbers_in_any_script() -> None:
    for text in (_LEAD, _LEAD_ZH):
        one, other = simhash(text), simhash(text + " And more to come later.")
        assert one is not None
        assert other is not None
        assert distance(one, other) <= 12
    english, chinese = simhash(_LEAD), simhash(_LEAD_ZH)
    assert distance(english or 0, chinese or 0) > 16
    assert simhash("only four words here") is None
    assert title_key("Council votes to close old bridge - Daily") == title_key("COUNCIL votes to close old bridge")


def _story(title: str, text: str = "", host: str = "", author: str = "", day: int = 0) -> Story:
    return Story(title, text, host, author, _NOW + timedelta(days=day))


_TITLE = "Riverton council votes to close the old bridge"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_story(_TITLE), _story(_TITLE)),
        (_story(_TITLE), _story(_TITLE.upper() + "!")),
        (_story(_TITLE, _LEAD), _story(_TITLE, _LEAD[:190] + "…")),
        (_story(_TITLE, _LEAD), _story(_TITLE, "RIVERTON (Wire) — " + _LEAD)),
        (_story(_TITLE, _LEAD), _story("Riverton council votes to close old bridge", _LEAD + " It was built in 1910.")),
        (
            _story(_TITLE + " - The Riverton Post", host="feeds.example"),
            _story(_TITLE, host="www.rivertonpost.example"),
        ),
        (_story(_TITLE + " | Daily", author="Daily"), _story(_TITLE)),
        (_story("里弗顿市议会投票关闭老桥", _LEAD_ZH), _story("里弗顿市议会投票关闭老桥", _LEAD_ZH)),
    ],
)
def test_the_same_story_is_known(one: Story, other: Story) -> None:
    assert is_same_story(one, other)
    assert is_same_story(other, one)


_QUAKE = (
    "A magnitude {} earthquake struck near {} at 10:04 on Tuesday, the geological survey said. There were no reports "
    "of damage or of people hurt, and no warning of a wave was given, officials of the region told reporters later."
)
_JOB = (
    "We are a small team that builds tools for people who look after gardens and parks. We work from anywhere, meet "
    "twice a year, and share what we earn. Tell us what you have made and why you would like to join us in this work."
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # a figure, a name, a unit
        (_story("Magnitude 5.1 earthquake strikes near Ashford"),
         _story("Magnitude 5.2 earthquake strikes near Ashford")),
        (_story("Magnitude 5.1 earthquake strikes near Ashford"),
         _story("Magnitude 5.1 earthquake strikes near Bexley")),
        (_story("Strong earthquake strikes", _QUAKE.format("5.1", "Ashford")),
         _story("Strong earthquake strikes", _QUAKE.format("5.1", "Bexley"))),
        (_story("Strong earthquake strikes", _QUAKE.format("5.1", "Ashford")),
         _story("Strong earthquake strikes", _QUAKE.format("6.1", "Ashford"))),
        (_story("Shares of Acme fall 3% after the report"), _story("Shares of Acme fall 3 points after the report")),
        (_story("Acme to pay $5 million to former workers"), _story("Acme to pay €5 million to former workers")),
        (_story("The tea show, episode 12: all about green tea"),
         _story("The tea show, episode 13: all about green tea")),
        (_story("Learning C in thirty days for beginners"), _story("Learning C++ in thirty days for beginners")),
        # opposites and "not"
        (_story("Central bank raises rates by half a point"), _story("Central bank cuts rates by half a point")),
        (_story("The minister will resign over the old bridge"),
         _story("The minister will not resign over the old bridge")),
        (_story(_TITLE, _LEAD), _story("Riverton council votes not to close the old bridge", _LEAD)),
        (_story("Dog bites man in the old town of Riverton"), _story("Man bites dog in the old town of Riverton")),
        # one template, two things
        (_story("Senior Python Engineer at Acme", _JOB), _story("Senior Rust Engineer at Acme", _JOB)),
        (_story("Gardens podcast: Love", _JOB), _story("Gardens podcast: War", _JOB)),
        (_story("Gardens podcast", _JOB), _story("Gardens podcast 12", _JOB)),
        (_story("Phone X review - Pro", host="a.example"), _story("Phone X review - Pro Max", host="b.example")),
        (_story("北京明天天气晴"), _story("上海明天天气晴")),
        (_story("里弗顿市议会投票关闭老桥", _LEAD_ZH), _story("里弗顿市议会投票关闭新桥", _LEAD_ZH)),
        (_story("Сборная России выиграла матч со счётом 3:1"), _story("Сборная России выиграла матч со счётом 1:3")),
        # one title, two stories
        (_story("Morning briefing"), _story("Morning briefing")),
        (_story("What you need to know today", _LEAD), _story("What you need to know today", _JOB)),
        (_story(_TITLE, day=0), _story(_TITLE, day=5)),
        (_story(""), _story("")),
    ],
)  # fmt: skip
def test_different_stories_stay_apart(one: Story, other: Story) -> None:
    assert not is_same_story(one, other)
    assert not is_same_story(other, one)


def _shots(*points: tuple[int, int]) -> list[Snapshot]:
    return [Snapshot(_NOW + timedelta(minutes=minutes), {"views": views}) for minutes, views in points]


def test_velocity_is_measured_or_unknown() -> None:
    assert velocity([], "views") is None
    assert velocity(_shots((0, 5)), "views") is None
    assert velocity(_shots((0, 5), (5, 50)), "views") is None  # too near to measure
    assert velocity(_shots((0, 5), (60, 50)), "points") is None  # a number that was not sent
    one = velocity(_shots((60, 50), (0, 5)), "views")  # in any order
    assert one is not None
    assert (one.per_hour, one.acceleration, one.span_h) == (45.0, None, 1.0)
    two = velocity(_shots((0, 0), (60, 10), (120, 40)), "views")
    assert two is not None
    assert (two.per_hour, two.acceleration) == (30.0, 20.0)


def test_a_counter_that_begins_anew_is_no_fall() -> None:
    assert velocity(_shots((0, 1000), (60, 3)), "views") is None
    after = velocity(_shots((0, 1000), (60, 3), (120, 13)), "views")
    assert after is not None
    assert (after.per_hour, after.acceleration) == (10.0, None)
    fallen = velocity(_shots((0, 100), (60, 90)), "views")
    assert fallen is not None
    assert fallen.per_hour == -10.0


@given(
    st.dictionaries(
        st.sampled_from(("views", "points", "rank", "score")),
        st.one_of(st.integers(), st.floats(), st.booleans(), st.none()),
    )
)
def test_no_number_is_made_up(sent: dict[str, object]) -> None:
    kept = known_metrics(sent)
    assert all(sent[name] is value for name, value in kept.items())
    assert set(kept) <= {"views", "points"}
    leading = leading_metric(kept, ("points",))
    assert leading is None or leading in kept
    measured = velocity([Snapshot(_NOW, kept), Snapshot(_NOW + timedelta(hours=1), {})], "views")
    assert measured is None


def test_keywords_are_names_and_what_comes_back() -> None:
    found = keywords(
        "European Space Agency's telescope finds galaxies",
        "Euclid left from Cape Canaveral. Astronomers of the University of Cambridge said that it found galaxies.",
        ["#space"],
    )
    assert {"space", "European Space Agency", "Cape Canaveral", "University of Cambridge", "galaxies"} <= set(found)
    assert "Astronomers" not in found
    assert {"アルファ", "将棋"} <= set(keywords("人工知能「アルファ」が将棋で勝利"))
    assert keywords("النموذج الجديد") == ["النموذج", "الجديد"]
    assert keywords("") == []
