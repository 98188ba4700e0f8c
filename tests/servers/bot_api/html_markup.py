"""parse_mode=HTML read as Telegram reads it: its tags only, its error sentences, byte offsets and all."""

import re

from tests.servers.bot_api.entities import Opened, ParseError, RichText, Sink, byte_offset

_PLAIN = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
_TAGS = {*_PLAIN, "a", "code", "pre", "blockquote", "tg-emoji", "tg-time"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#[xX]([0-9a-fA-F]{1,8})|#([0-9]{1,10})|([a-zA-Z]+));?")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"""([^\s=>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.\-]+)(?=[\s>])))?\s*""")


def parse_html(text: str) -> RichText:
    """Plain text and entities of Telegram's HTML.

    Raises:
        ParseError: in the words the Bot API adds after "can't parse entities: ".
    """
    return _Html(text).parse()


class _Html:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.sink = Sink()

    def parse(self) -> RichText:
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "<":
                self._tag()
                continue
            decoded, self.at = _decode(self.text, self.at) if character == "&" else (character, self.at + 1)
            self.sink.put(decoded)
        if self.sink.open:
            raise ParseError(f'Can\'t find end tag corresponding to start tag "{self.sink.open[-1].kind}"')
        return self.sink.finish()

    def _tag(self) -> None:
        begin = self.at
        if self.text.startswith("</", begin):
            self._end(begin)
        else:
            self._start(begin)

    def _start(self, begin: int) -> None:
        where = byte_offset(self.text, begin)
        name = self._name(begin + 1)
        if self.at >= len(self.text):
            raise ParseError(f"Unclosed start tag at byte offset {where}")
        if name not in _TAGS:
            raise ParseError(f'Unsupported start tag "{name}" at byte offset {where}')
        attributes = self._attributes(name, where)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise ParseError(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.sink.begin(name, _argument(name, attributes), where)

    def _name(self, start: int) -> str:
        match = _NAME.match(self.text, start)
        self.at = match.end() if match else start
        return self.text[start : self.at].lower()

    def _attributes(self, tag: str, where: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            while self.at < len(self.text) and self.text[self.at].isspace():
                self.at += 1
            if self.text.startswith(">", self.at):
                self.at += 1
                return found
            match = _ATTRIBUTE.match(self.text, self.at)
            if match is None:
                raise self._bad_attribute(tag, where)
            value = next((group for group in match.groups()[1:] if group is not None), "")
            found[match.group(1)] = _decode_all(value)
            self.at = match.end()

    def _bad_attribute(self, tag: str, where: int) -> ParseError:
        if ">" not in self.text[self.at :]:
            return ParseError(f"Unclosed start tag at byte offset {where}")
        return ParseError(f'Empty attribute name in the tag "{tag}" at byte offset {where}')

    def _end(self, begin: int) -> None:
        where = byte_offset(self.text, begin)
        if not self.sink.open:
            raise ParseError(f"Unexpected end tag at byte offset {where}")
        found = self._name(begin + 2)
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        if not self.text.startswith(">", self.at):
            raise ParseError(f"Unclosed end tag at byte offset {where}")
        self.at += 1
        expected = self.sink.open[-1].kind
        if found not in {"", expected}:
            detail = f'expected "</{expected}>", found "</{found}>"'
            raise ParseError(f"Unmatched end tag at byte offset {where}, {detail}")
        self._close(self.sink.open.pop())

    def _close(self, opened: Opened) -> None:
        name, argument = opened.kind, opened.argument
        if name in _PLAIN:
            self.sink.close(opened, _PLAIN[name])
        elif name == "a":
            self._close_link(opened)
        elif name == "code":
            self._close_code(opened)
        elif name == "pre":
            self.sink.close(opened, "pre", language=argument or None)
        elif name == "blockquote":
            self.sink.close(opened, "expandable_blockquote" if argument else "blockquote")
        elif name == "tg-emoji":
            self.sink.close(opened, "custom_emoji", custom_emoji_id=argument)
        else:
            unix, _, form = argument.partition(" ")
            if unix.isdecimal():
                self.sink.close(opened, "date_time", unix_time=int(unix), date_time_format=form or None)

    def _close_link(self, opened: Opened) -> None:
        url = opened.argument or self.sink.since(opened)
        if re.match(r"(?:https?://|tg://|mailto:|tel:)?[^\s/]+[.:/]", url):
            self.sink.close(opened, "text_link", url=with_scheme(url))

    def _close_code(self, opened: Opened) -> None:
        outer = self.sink.open[-1] if self.sink.open else None
        if outer is not None and outer.kind == "pre" and outer.offset == opened.offset and opened.argument:
            outer.argument = opened.argument
        elif outer is None or outer.kind != "pre":
            self.sink.close(opened, "code")


def with_scheme(url: str) -> str:
    """A link as Telegram stores it: with a scheme, and a slash after a bare host."""
    full = url if re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) else f"http://{url}"
    return f"{full}/" if re.fullmatch(r"https?://[^/?#]+", full) else full


def _argument(name: str, attributes: dict[str, str]) -> str:
    if name == "code":
        css = attributes.get("class", "")
        return css.removeprefix("language-") if css.startswith("language-") else ""
    if name == "tg-time":
        return f"{attributes.get('unix', '0')} {attributes.get('format', '')}"
    if name == "blockquote":
        return "1" if "expandable" in attributes else ""
    return attributes.get({"a": "href", "tg-emoji": "emoji-id"}.get(name, ""), "")


def _decode(text: str, at: int) -> tuple[str, int]:
    match = _REFERENCE.match(text, at)
    if match is None:
        return "&", at + 1
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return (_NAMED[name], match.end()) if name in _NAMED else ("&", at + 1)
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return "&", at + 1
    return chr(code), match.end()


def _decode_all(value: str) -> str:
    pieces, at = [], 0
    while at < len(value):
        piece, at = _decode(value, at) if value[at] == "&" else (value[at], at + 1)
        pieces.append(piece)
    return "".join(pieces)
