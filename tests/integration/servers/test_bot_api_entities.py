"""The Bot API test server reads formatted text as Telegram does."""

import pytest
from aiogram.types import MessageEntity
from aiogram.utils.text_decorations import html_decoration, markdown_decoration
from hypothesis import given
from hypothesis import strategies as st

from tests.servers.bot_api.entities import ParseError, RichText, explicit, tidy, utf16_len, utf16_slice
from tests.servers.bot_api.html_markup import parse_html
from tests.servers.bot_api.limits import most_in_window
from tests.servers.bot_api.markdown_markup import parse_markdown

Marks = list[tuple[str, str]]


def marks(rich: RichText) -> Marks:
    return [(one.type, utf16_slice(rich.text, one.offset, one.length)) for one in rich.entities]


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("<b>a<i>😀</i></b>c", "a😀c", [("bold", "a😀"), ("italic", "😀")]),
        ("1 &lt; 2 &amp;&#38; &copy; &", "1 < 2 && &copy; &", []),
        ('<a href="https://x.example/?a=1&amp;b=2">l</a>', "l", [("text_link", "l")]),
        ("<pre><code class='language-python'>x</code></pre>", "x", [("pre", "x")]),
        ('<tg-spoiler>s</tg-spoiler><span class="tg-spoiler">t</span>', "st", [("spoiler", "s"), ("spoiler", "t")]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", "q")]),
        ("<b></b>x<STRONG>y</strong>", "xy", [("bold", "y")]),
        ('<tg-time unix="1700000000" format="t">then</tg-time>', "then", [("date_time", "then")]),
    ],
)
def test_html(source: str, text: str, found: Marks) -> None:
    rich = parse_html(source)
    assert (rich.text, marks(rich)) == (text, found)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("é<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("😀</b>", "Unexpected end tag at byte offset 4"),
        ("2 <", "Unclosed start tag at byte offset 2"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_that_telegram_refuses(source: str, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_html(source)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("*b _i_* ~s~ ||p||", "b i s p", [("bold", "b i"), ("italic", "i"), ("strikethrough", "s"), ("spoiler", "p")]),
        ("__u__ 1\\.5", "u 1.5", [("underline", "u")]),
        ("```py\nx*y\n```", "x*y\n", [("pre", "x*y\n")]),
        ("`a_b` [l](https://x.example/\\))", "a_b l", [("code", "a_b"), ("text_link", "l")]),
        (">q1\n>q2\nrest", "q1\nq2\nrest", [("blockquote", "q1\nq2\n")]),
        (">q||", "q", [("expandable_blockquote", "q")]),
        ("![👍](tg://emoji?id=5368324170671202286)", "👍", [("custom_emoji", "👍")]),
    ],
)
def test_markdown(source: str, text: str, found: Marks) -> None:
    rich = parse_markdown(source)
    assert (rich.text, marks(rich)) == (text, found)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("é *b", "Can't find end of Bold entity at byte offset 3"),
        ("a.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("[l](http://x", "Can't find end of a URL at byte offset 4"),
        ("```x", "Can't find end of Pre entity at byte offset 0"),
        ("a > b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
    ],
)
def test_markdown_that_telegram_refuses(source: str, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_markdown(source)
    assert str(caught.value) == sentence


def test_what_is_found_by_itself_and_what_code_hides() -> None:
    rich = tidy(RichText("/make@ettametta_bot see example.com/a, mail me@x.org @someone #news /no/path 1/2"))
    assert marks(rich) == [
        ("bot_command", "/make@ettametta_bot"),
        ("url", "example.com/a"),
        ("email", "me@x.org"),
        ("mention", "@someone"),
        ("hashtag", "#news"),
    ]
    coded = tidy(parse_html("<b>x <code>/make</code> y</b>"))
    assert marks(coded) == [("bold", "x "), ("code", "/make"), ("bold", " y")]


def test_outer_white_space_goes_and_offsets_follow() -> None:
    assert marks(tidy(parse_html("  \n a <b>b </b> \n"))) == [("bold", "b")]
    assert tidy(parse_html(" <i> </i> ")).text == ""


def test_explicit_entities_must_lie_in_the_text() -> None:
    with pytest.raises(ParseError, match="ends after the end of the text at UTF-16 offset 9"):
        explicit("😀", [MessageEntity(type="bold", offset=1, length=8)])
    with pytest.raises(ParseError, match="middle of a UTF-16 symbol"):
        explicit("😀", [MessageEntity(type="bold", offset=1, length=1)])


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


@given(PLAIN)
def test_quoted_text_comes_back_whole(text: str) -> None:
    assert parse_html(html_decoration.quote(text)) == RichText(text)
    assert parse_markdown(markdown_decoration.quote(text.replace("\\", "/"))) == RichText(text.replace("\\", "/"))


@given(PLAIN.filter(bool), st.data())
def test_what_aiogram_writes_is_read_back(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    kind = data.draw(st.sampled_from(["bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre"]))
    piece = (utf16_len(text[:start]), utf16_len(text[start:end]))
    entity = MessageEntity(type=kind, offset=piece[0], length=piece[1])
    rich = parse_html(html_decoration.unparse(text, [entity]))
    assert (rich.text, marks(rich)) == (text, [(kind, text[start:end])])


@given(st.text(alphabet="<>/&;ab \"'=*_`[]()!|~\\\n😀.", max_size=30))
def test_any_markup_is_read_or_refused(source: str) -> None:
    for parse in (parse_html, parse_markdown):
        try:
            rich = tidy(parse(source))
        except ParseError:
            continue
        assert all(one.offset >= 0 and one.offset + one.length <= rich.units for one in rich.entities)


def test_most_in_window() -> None:
    assert most_in_window([0.0, 0.4, 0.9, 1.0, 5.0], 1.0) == 3
    assert most_in_window([], 1.0) == 0
