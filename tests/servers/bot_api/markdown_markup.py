"""parse_mode=MarkdownV2 read as Telegram reads it, with its error sentences and byte offsets."""

import re
from urllib.parse import parse_qs, urlsplit

from tests.servers.bot_api.entities import Opened, ParseError, RichText, Sink, byte_offset
from tests.servers.bot_api.html_markup import with_scheme

_RESERVED = set("_*[]()~`>#+-=|{}.!")
_ENDS = {
    "Bold": "*", "Italic": "_", "Underline": "__", "Strikethrough": "~", "Spoiler": "||",
    "Code": "`", "Pre": "```", "PreCode": "```", "TextUrl": "]", "CustomEmoji": "]",
}  # fmt: skip
_KINDS = {
    "Bold": "bold", "Italic": "italic", "Underline": "underline", "Strikethrough": "strikethrough",
    "Spoiler": "spoiler", "Code": "code", "Pre": "pre", "PreCode": "pre",
}  # fmt: skip
_STARTS = (
    ("__", "Underline"), ("_", "Italic"), ("*", "Bold"), ("~", "Strikethrough"), ("||", "Spoiler"),
    ("```", "Pre"), ("`", "Code"), ("![", "CustomEmoji"), ("[", "TextUrl"),
)  # fmt: skip


def parse_markdown(text: str) -> RichText:
    """Plain text and entities of MarkdownV2.

    Raises:
        ParseError: in the words the Bot API adds after "can't parse entities: ".
    """
    return _Markdown(text).parse()


class _Markdown:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.sink = Sink()
        self.quote: Opened | None = None

    def parse(self) -> RichText:
        while self.at < len(self.text):
            self._line_start()
            if self.at < len(self.text):
                self._step()
        if self.sink.open:
            last = self.sink.open[-1]
            raise ParseError(f"Can't find end of {last.kind} entity at byte offset {last.byte_offset}")
        self._end_quote()
        return self.sink.finish()

    def _step(self) -> None:
        character = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if character == "\\" and following and 0 < ord(following) <= 126:
            self.sink.put(following)
            self.at += 2
        elif character not in _RESERVED or (self._in_code() and character != "`"):
            self.sink.put(character)
            self.at += 1
        elif self._ends_here(character, following):
            self._end()
        elif self.text.startswith("||", self.at) and self._closes_quote():
            self.at += 2
        else:
            self._begin(character)

    def _in_code(self) -> bool:
        return bool(self.sink.open) and self.sink.open[-1].kind in {"Code", "Pre", "PreCode"}

    def _ends_here(self, character: str, following: str) -> bool:
        if not self.sink.open:
            return False
        kind = self.sink.open[-1].kind
        if kind == "Italic":
            return character == "_" and following != "_"
        return self.text.startswith(_ENDS[kind], self.at)

    def _begin(self, character: str) -> None:
        where = byte_offset(self.text, self.at)
        for mark, kind in _STARTS:
            if self.text.startswith(mark, self.at):
                self.at += len(mark)
                language = self._language() if kind == "Pre" else ""
                self.sink.begin("PreCode" if language else kind, language, where)
                return
        raise ParseError(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")

    def _language(self) -> str:
        match = re.compile(r"([^\s`]+)(?=\s)").match(self.text, self.at)
        language = match.group(1) if match else ""
        self.at += len(language)
        if self.text.startswith("\n", self.at):
            self.at += 1
        return language

    def _end(self) -> None:
        opened = self.sink.open.pop()
        self.at += len(_ENDS[opened.kind])
        if opened.kind in {"TextUrl", "CustomEmoji"}:
            self._end_link(opened)
        else:
            self.sink.close(opened, _KINDS[opened.kind], language=opened.argument or None)

    def _end_link(self, opened: Opened) -> None:
        url = self._url() if self.text.startswith("(", self.at) else ""
        if opened.kind == "TextUrl":
            target = url or self.sink.since(opened)
            if re.match(r"\S+[.:/]", target):
                self.sink.close(opened, "text_link", url=with_scheme(target))
            return
        query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        if url.startswith("tg://emoji") and "id" in query:
            self.sink.close(opened, "custom_emoji", custom_emoji_id=query["id"])
        elif url.startswith("tg://time") and query.get("unix", "").isdecimal():
            form = query.get("format")
            self.sink.close(opened, "date_time", unix_time=int(query["unix"]), date_time_format=form)
        else:
            raise ParseError("Custom emoji entity must contain a tg://emoji URL")

    def _url(self) -> str:
        self.at += 1
        begin, pieces = self.at, []
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.text[self.at] == "\\" and self.at + 1 < len(self.text):
                self.at += 1
            pieces.append(self.text[self.at])
            self.at += 1
        if self.at >= len(self.text):
            raise ParseError(f"Can't find end of a URL at byte offset {byte_offset(self.text, begin)}")
        self.at += 1
        return "".join(pieces)

    def _line_start(self) -> None:
        """A line that begins with > (or **>) is part of a quote; the first that does not ends it."""
        if self._in_code() or (self.at and self.text[self.at - 1] != "\n"):
            return
        if self.text.startswith("**>", self.at):
            self._end_quote()
            self.at += 2
        if self.text.startswith(">", self.at):
            self.quote = self.quote or Opened("BlockQuote", "", self.sink.offset, byte_offset(self.text, self.at), 0)
            self.at += 1
        else:
            self._end_quote()

    def _closes_quote(self) -> bool:
        """A quote whose last line ends with || is collapsed at first."""
        rest = self.text[self.at + 2 :]
        if self.quote is None or self.sink.open or (rest and not rest.startswith("\n")):
            return False
        self.quote.argument = "1"
        return True

    def _end_quote(self) -> None:
        if self.quote is not None:
            self.sink.close(self.quote, "expandable_blockquote" if self.quote.argument else "blockquote")
            self.quote = None
