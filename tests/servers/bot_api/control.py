"""The control API under /control/: what tests do to a server in another process, as small JSON requests."""

import base64
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.servers.bot_api.faults import Fault
from tests.servers.bot_api.state import ChatMessage
from tests.servers.bot_api.wire import to_json

if TYPE_CHECKING:
    from tests.servers.bot_api.server import BotApiServer

Action = Callable[["BotApiServer", dict[str, Any]], Awaitable[Any]]


def control_routes(server: "BotApiServer") -> list[web.RouteDef]:
    """One POST route per action; a mistake of the test answers 422 with its sentence."""

    async def serve(request: web.Request) -> web.Response:
        action = _ACTIONS.get(request.match_info["action"])
        if action is None:
            return web.json_response({"error": "no such control action"}, status=404)
        try:
            body = await request.json() if request.can_read_body else {}
            return web.json_response({"result": await action(server, body)})
        except (LookupError, ValueError, TypeError, TimeoutError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=422)

    return [web.post("/control/{action}", serve)]


def show(entry: ChatMessage) -> dict[str, Any]:
    """A message as the control API tells it: its present state, its past texts and buttons."""
    return {
        "message_id": entry.message_id,
        "chat_id": entry.chat_id,
        "from_bot": entry.from_bot,
        "deleted": entry.deleted,
        "silent": entry.silent,
        "supports_streaming": entry.supports_streaming,
        "text": entry.text,
        "texts": entry.texts,
        "buttons": entry.button_texts,
        "update_id": entry.update_id,
        "message": to_json(entry.current),
    }


async def _person(server: "BotApiServer", body: dict[str, Any]) -> Any:
    return to_json(server.person(**body).user)


async def _group(server: "BotApiServer", body: dict[str, Any]) -> Any:
    members = [server.person(one) for one in body.pop("members", [])]
    return to_json(server.group(members=members, **body).record.chat)


async def _say(server: "BotApiServer", body: dict[str, Any]) -> Any:
    person = server.person(body["user_id"])
    return show(await person.sends(body["text"], reply_to=body.get("reply_to"), chat=body.get("chat_id")))


async def _document(server: "BotApiServer", body: dict[str, Any]) -> Any:
    person, data = server.person(body.pop("user_id")), base64.b64decode(body.pop("data"))
    return show(await person.sends_document(data, **body))


async def _voice(server: "BotApiServer", body: dict[str, Any]) -> Any:
    person = server.person(body["user_id"])
    return show(await person.sends_voice(base64.b64decode(body["data"]), duration_s=body.get("duration_s", 1)))


async def _photo(server: "BotApiServer", body: dict[str, Any]) -> Any:
    person = server.person(body["user_id"])
    return show(await person.sends_photo(base64.b64decode(body["data"]), caption=body.get("caption", "")))


async def _click(server: "BotApiServer", body: dict[str, Any]) -> Any:
    person = server.person(body["user_id"])
    press = person.clicks_raw if body.get("raw") else person.clicks
    click = await press(_entry(server, body), body["button"])
    return {"query_id": click.query_id, "update_id": click.update_id}


async def _answer(server: "BotApiServer", body: dict[str, Any]) -> Any:
    click = server.state.clicks[body["query_id"]]
    await server.answer_to(click, body.get("timeout_s", 10.0))
    return {"text": click.text, "show_alert": click.show_alert}


async def _edit(server: "BotApiServer", body: dict[str, Any]) -> Any:
    return show(await server.person(body["user_id"]).edits(_entry(server, body), body["text"]))


async def _react(server: "BotApiServer", body: dict[str, Any]) -> Any:
    await server.person(body["user_id"]).reacts(_entry(server, body), *body.get("emoji", []))
    return True


def _entry(server: "BotApiServer", body: dict[str, Any]) -> ChatMessage:
    entry = server.chat(body.get("chat_id", body["user_id"])).find(body["message_id"])
    if entry is None:
        raise LookupError(f"no message {body['message_id']}")
    return entry


async def _revoke(server: "BotApiServer", body: dict[str, Any]) -> Any:
    server.revoke_token(body.get("new_token"))
    return True


async def _wait_calls(server: "BotApiServer", body: dict[str, Any]) -> Any:
    """Wait until a method was called so many times in all; tells how often it was."""
    method, count = body["method"], body.get("count", 1)
    await server.wait_until(lambda: len(server.calls_of(method)) >= count, body.get("timeout_s", 10.0))
    return len(server.calls_of(method))


async def _block(server: "BotApiServer", body: dict[str, Any]) -> Any:
    person = server.person(body["user_id"])
    await (person.blocks_bot() if body.get("blocked", True) else person.unblocks_bot())
    return True


async def _messages(server: "BotApiServer", body: dict[str, Any]) -> Any:
    record = server.chat(body["chat_id"])
    return [show(one) for one in (record.everything if body.get("deleted") else record.messages)]


async def _wait(server: "BotApiServer", body: dict[str, Any]) -> Any:
    """The bot's first message after an id that contains a text, has a button, carries a kind of media."""
    after, kind = body.get("after", 0), body.get("kind")

    def wanted(entry: ChatMessage) -> bool:
        return (
            entry.message_id > after
            and body.get("contains", "") in entry.text
            and body.get("button") in {None, *entry.button_texts}
            and (kind is None or bool(getattr(entry.current, kind)))
        )

    return show(await server.wait_for(body["chat_id"], wanted, body.get("timeout_s", 10.0)))


async def _fault(server: "BotApiServer", body: dict[str, Any]) -> Any:
    server.plan(Fault(**body))
    return True


async def _calls(server: "BotApiServer", body: dict[str, Any]) -> Any:
    wanted = server.calls_of(body["method"]) if "method" in body else server.calls
    return [{**vars(one), "params": to_json_params(one.params)} for one in wanted]


def to_json_params(params: dict[str, Any]) -> dict[str, Any]:
    """A call's fields; files stand as [name, size]."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in params.items()}


async def _redeliver(server: "BotApiServer", body: dict[str, Any]) -> Any:
    server.redeliver(body["update_id"])
    return True


async def _rate(server: "BotApiServer", body: dict[str, Any]) -> Any:
    return server.worst_rate(body.get("chat_id"), body.get("window_s", 1.0), body.get("kind"))


async def _file(server: "BotApiServer", body: dict[str, Any]) -> Any:
    return base64.b64encode(server.file(body["file_id"])).decode()


async def _status(server: "BotApiServer", _: dict[str, Any]) -> Any:
    updates = server.state.updates
    return {
        "pending": len(updates.pending),
        "conflicts": updates.conflicts,
        "polls": server.polls,
        "calls": len(server.calls),
        "webhook": server.webhook.url,
    }


_ACTIONS: dict[str, Action] = {
    "person": _person,
    "group": _group,
    "say": _say,
    "document": _document,
    "voice": _voice,
    "photo": _photo,
    "click": _click,
    "answer": _answer,
    "edit": _edit,
    "react": _react,
    "revoke": _revoke,
    "block": _block,
    "messages": _messages,
    "wait": _wait,
    "wait_calls": _wait_calls,
    "fault": _fault,
    "calls": _calls,
    "redeliver": _redeliver,
    "rate": _rate,
    "file": _file,
    "status": _status,
}
