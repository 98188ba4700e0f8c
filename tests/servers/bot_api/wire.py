"""The wire: an HTTP request becomes one of aiogram's method objects, an aiogram object becomes Telegram's JSON."""

import asyncio
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

import aiogram.methods
from aiogram.methods import TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    ForceReply,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from pydantic import BaseModel, ValidationError

from tests.servers.bot_api.limits import UPLOAD_BYTES, Refusal, bad_request

_MARKUPS: dict[str, type[BaseModel]] = {
    "inline_keyboard": InlineKeyboardMarkup,
    "keyboard": ReplyKeyboardMarkup,
    "remove_keyboard": ReplyKeyboardRemove,
    "force_reply": ForceReply,
}
_MISSING = {"text": "message text is empty", "chat_id": "chat_id is empty", "message_id": "message_id is empty"}


@dataclass
class Form:
    """The fields of one request and the files sent with it, by part name."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, BufferedInputFile] = field(default_factory=dict)


def method_table() -> dict[str, type[TelegramMethod[Any]]]:
    """Every published method by its lower-case name (Telegram ignores case)."""
    table: dict[str, type[TelegramMethod[Any]]] = {}
    for name in aiogram.methods.__all__:
        method = getattr(aiogram.methods, name)
        if isinstance(method, type) and issubclass(method, TelegramMethod) and method is not TelegramMethod:
            table[method.__api_method__.lower()] = method
    return table


async def read_form(request: web.Request) -> Form:
    """The query, urlencoded, JSON or multipart fields of a request.

    Raises:
        Refusal: the body is over 50 MB (413) or not what its content type says.
    """
    form = Form(dict(request.query))
    if request.content_type == "application/json":
        form.fields.update(_json_fields(await request.text()))
    elif request.content_type.startswith("multipart/"):
        await read_parts(await _whole(request), form)
    else:
        form.fields.update({key: value for key, value in (await request.post()).items() if isinstance(value, str)})
    return form


async def _whole(request: web.Request) -> MultipartReader:
    """A reader over the whole body: over a stream in odd pieces aiohttp's reader calls what aiohttp has deprecated."""
    content = StreamReader(BaseProtocol(asyncio.get_running_loop()), limit=2 * UPLOAD_BYTES)
    content.feed_data(await request.read())
    content.feed_eof()
    return MultipartReader(request.headers, content)


async def read_parts(reader: MultipartReader, form: Form) -> None:
    """Add the parts of a multipart body to the form."""
    async for part in reader:
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad_request("nested multipart bodies are not supported")
        data = bytes(await part.read(decode=True))
        if part.filename is None:
            form.fields[part.name] = data.decode("utf-8", "replace")
        elif len(data) > UPLOAD_BYTES:
            raise Refusal("Request Entity Too Large", 413)
        else:
            form.files[part.name] = BufferedInputFile(data, part.filename)


def _json_fields(body: str) -> dict[str, Any]:
    try:
        value = json.loads(body or "{}")
    except ValueError as error:
        raise bad_request("can't parse JSON object in the request body") from error
    if not isinstance(value, dict):
        raise bad_request("the request body must be a JSON object")
    return value


def validate(method: type[TelegramMethod[Any]], form: Form) -> TelegramMethod[Any]:
    """The request as the published method class.

    Raises:
        Refusal: a field is missing, of the wrong type, or names a file that was not sent.
    """
    values = {key: _decode(method, key, value) for key, value in form.fields.items()}
    attached = {key: _attach(value, form.files) for key, value in values.items()}
    direct = {key: file for key, file in form.files.items() if key in method.model_fields}
    try:
        if isinstance(attached.get("reply_markup"), dict):
            attached["reply_markup"] = _markup(attached["reply_markup"])
        return method.model_validate({**attached, **direct})
    except ValidationError as error:
        raise _refusal(error) from error


def _markup(value: dict[str, Any]) -> BaseModel:
    """The one kind of markup its keys name; left to the union, a misshapen keyboard would pass as another kind."""
    for key, kind in _MARKUPS.items():
        if key in value:
            return kind.model_validate(value)
    raise bad_request("object expected as reply markup")


def _decode(method: type[TelegramMethod[Any]], key: str, value: object) -> object:
    """Structured fields arrive as JSON text: parse those, leave plain ones alone."""
    known = method.model_fields.get(key)
    if known is None or not isinstance(value, str) or not _is_structured(known.annotation):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(f"can't parse {key} JSON object") from error


def _is_structured(annotation: object) -> bool:
    arguments = list(_flat(annotation))
    return str not in arguments and any(
        get_origin(one) in {list, dict} or (isinstance(one, type) and issubclass(one, BaseModel)) for one in arguments
    )


def _flat(annotation: object) -> list[Any]:
    """The members of a union, seen through Annotated."""
    origin = get_origin(annotation)
    if origin in {types.UnionType, typing.Union}:
        return [inner for one in get_args(annotation) for inner in _flat(one)]
    if origin is typing.Annotated:
        return _flat(get_args(annotation)[0])
    return [annotation]


def _attach(value: Any, files: Mapping[str, BufferedInputFile]) -> Any:
    """Put the uploaded file where attach://name stands, at any depth."""
    if isinstance(value, str) and value.startswith("attach://"):
        found = files.get(value.removeprefix("attach://"))
        if found is None:
            raise bad_request(f"file {value} was not sent with the request")
        return found
    if isinstance(value, dict):
        return {key: _attach(one, files) for key, one in value.items()}
    if isinstance(value, list):
        return [_attach(one, files) for one in value]
    return value


def _refusal(error: ValidationError) -> Refusal:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "request"
    if first["type"] == "missing":
        return bad_request(_MISSING.get(place, f'parameter "{place}" is required'))
    return bad_request(f'can\'t parse parameter "{place}": {first["msg"]}')


def to_json(value: object) -> Any:
    """An aiogram object, or lists of them, as the Bot API writes it: no empty fields, Unix times."""
    if isinstance(value, BaseModel):
        dumped = value.model_dump(
            mode="json", by_alias=True, exclude_none=True, fallback=lambda _: None, warnings=False
        )
        return _pruned(dumped)
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    return value


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_pruned(one) for one in value]
    return value


def success(result: object) -> web.Response:
    """ok=true and the result."""
    return web.json_response({"ok": True, "result": to_json(result)})


def failure(refusal: Refusal) -> web.Response:
    """ok=false with Telegram's code, sentence and parameters."""
    body: dict[str, Any] = {"ok": False, "error_code": refusal.error_code, "description": refusal.description}
    if refusal.retry_after is not None:
        body["parameters"] = {"retry_after": refusal.retry_after}
    return web.json_response(body, status=refusal.error_code)
