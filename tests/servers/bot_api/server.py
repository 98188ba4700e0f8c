"""BotApiServer: the HTTP face over the state, and what a test may ask, plan and wait for."""

import inspect
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from aiogram.methods import DeleteWebhook, GetUpdates, GetWebhookInfo, SetWebhook, TelegramMethod
from aiogram.types import Chat, Update, User, WebhookInfo
from aiohttp import web

from tests.servers.bot_api.account import ACCOUNT_HANDLERS
from tests.servers.bot_api.control import control_routes
from tests.servers.bot_api.faults import Fault, Moment
from tests.servers.bot_api.files import StoredFile
from tests.servers.bot_api.limits import DOWNLOAD_BYTES, UPLOAD_BYTES, RateRules, Refusal, bad_request
from tests.servers.bot_api.media import MEDIA_HANDLERS
from tests.servers.bot_api.messages import MESSAGE_HANDLERS
from tests.servers.bot_api.person import Group, Person
from tests.servers.bot_api.state import BotState, Call, ChatMessage, ChatRecord, Click
from tests.servers.bot_api.webhook import Webhook
from tests.servers.bot_api.wire import Form, failure, method_table, read_form, success, validate

TOKEN = "123456789:AAtest-token_for-the-bot-api-server"
_HANDLERS = MESSAGE_HANDLERS | MEDIA_HANDLERS | ACCOUNT_HANDLERS


class BotApiServer:
    """Telegram's Bot API on 127.0.0.1 for one bot; use as an async context manager.

    Everything the bot did is in `calls` and `chat(id)`; people act through `person(...)` and `group(...)`.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        port: int = 0,
        username: str = "ettametta_test_bot",
        privacy_mode: bool = True,
        rate_rules: RateRules | None = None,
    ) -> None:
        bot = User(
            id=int(token.split(":", maxsplit=1)[0]),
            is_bot=True,
            first_name="Ettametta",
            username=username,
            can_join_groups=True,
            can_read_all_group_messages=not privacy_mode,
            supports_inline_queries=True,
        )
        self.state = BotState(token, bot, privacy_mode=privacy_mode)
        self.state.rates.rules = rate_rules
        self.webhook = Webhook(self.state.updates, self._execute)
        self.polls = 0
        self.revoked: set[str] = set()
        self._port = port
        self._runner: web.AppRunner | None = None
        self._methods = method_table()
        self._handlers: dict[str, Any] = {
            **_HANDLERS,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
            "close": lambda *_: True,
        }

    async def start(self) -> Self:
        """Listen; the port is in `url` afterwards."""
        app = web.Application(client_max_size=2 * UPLOAD_BYTES)
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._serve)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._download)
        app.add_routes(control_routes(self))
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def stop(self) -> None:
        """End waiting polls, hanging calls and webhook deliveries, and stop listening."""
        self.state.closing.set()
        self.state.updates.wake()
        await self.webhook.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """For TelegramAPIServer.from_base."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def token(self) -> str:
        """The token that is accepted."""
        return self.state.token

    @property
    def calls(self) -> list[Call]:
        """Every request but getUpdates, in order of arrival; refused ones with their error."""
        return self.state.calls

    def calls_of(self, method: str) -> list[Call]:
        """The requests of one method."""
        return [one for one in self.state.calls if one.method.lower() == method.lower()]

    def person(
        self,
        user_id: int = 1001,
        first_name: str = "Ada",
        *,
        language_code: str = "en",
        username: str | None = None,
        last_name: str | None = None,
        started: bool = False,
    ) -> Person:
        """Somebody; until they wrote once (or with started=True) the bot gets "chat not found"."""
        known = self.state.people.get(user_id)
        if known is None:
            names: dict[str, Any] = {"first_name": first_name, "last_name": last_name, "username": username}
            known = User(id=user_id, is_bot=False, language_code=language_code, **names)
            self.state.people[user_id] = known
            self.state.chats[user_id] = ChatRecord(Chat(id=user_id, type="private", **names), {user_id: known}, started)
        return Person(self.state, known)

    def group(
        self, chat_id: int, members: Iterable[Person], title: str = "Group", username: str | None = None
    ) -> Group:
        """A group the bot is in; ids from -100... are supergroups."""
        record = self.state.chats.get(chat_id)
        if record is None:
            kind = "supergroup" if str(chat_id).startswith("-100") else "group"
            chat = Chat(id=chat_id, type=kind, title=title, username=username)
            record = self.state.chats[chat_id] = ChatRecord(chat, started=True)
        record.members.update({one.user.id: one.user for one in members})
        return Group(self.state, record)

    def chat(self, chat_id: int) -> ChatRecord:
        """A chat with everything that stands or stood in it."""
        return self.state.chats[chat_id]

    async def wait_for(
        self,
        chat_id: int,
        predicate: Callable[[ChatMessage], object] = bool,
        timeout_s: float = 10.0,
        *,
        after: ChatMessage | None = None,
    ) -> ChatMessage:
        """The bot's first standing message for which the predicate holds, now or once it does.

        Raises:
            TimeoutError: it did not come; the text lists what stands in the chat.
        """
        found: list[ChatMessage] = []
        least = after.message_id if after is not None else 0

        def ready() -> bool:
            record = self.state.chats.get(chat_id)
            mine = [one for one in record.from_bot if one.message_id > least] if record is not None else []
            found[:] = [one for one in mine if predicate(one)][:1]
            return bool(found)

        try:
            await self.state.wait_until(ready, timeout_s)
        except TimeoutError as error:
            standing = [(one.message_id, one.text[:80]) for one in self.state.chats[chat_id].from_bot]
            raise TimeoutError(
                f"no such message in chat {chat_id} in {timeout_s} s; from the bot: {standing}"
            ) from error
        return found[0]

    async def wait_until(self, ready: Callable[[], object], timeout_s: float = 10.0) -> None:
        """Wait until a condition on this server holds; looked at after every call and act. Raises TimeoutError."""
        await self.state.wait_until(ready, timeout_s)

    async def answer_to(self, click: Click, timeout_s: float = 10.0) -> Click:
        """The click once the bot has answered it."""
        await self.state.wait_until(lambda: click.answered, timeout_s)
        return click

    def fail_next(
        self,
        method: str,
        error_code: int = 500,
        *,
        retry_after: int | None = None,
        description: str | None = None,
        times: int = 1,
        chat_id: int | None = None,
        when: Moment = "before",
    ) -> None:
        """Answer the next calls with an error; with when="after" although they took effect. "*" is any method."""
        self.plan(Fault(method, "error", when, times, error_code, description, retry_after, chat_id))

    def hang_next(self, method: str, *, times: int = 1, chat_id: int | None = None, when: Moment = "before") -> None:
        """Never answer the next calls; the bot must give up by itself."""
        self.plan(Fault(method, "hang", when, times, chat_id=chat_id))

    def cut_next(self, method: str, *, times: int = 1, chat_id: int | None = None, when: Moment = "before") -> None:
        """Cut the connection of the next calls, before or after they took effect."""
        self.plan(Fault(method, "cut", when, times, chat_id=chat_id))

    def plan(self, fault: Fault) -> None:
        """Plan a failure; those for the same call are used in order."""
        self.state.faults.planned.append(fault)

    def worst_rate(self, chat_id: int | None = None, window_s: float = 1.0, kind: str | None = None) -> int:
        """The most sends and edits (or one kind: "send", "edit") within any such window, in one chat or overall."""
        return self.state.rates.worst(chat_id, window_s, kind)

    def redeliver(self, update_id: int) -> None:
        """Deliver an update once more under the same id."""
        self.state.updates.redeliver(update_id)

    def set_next_update_id(self, update_id: int) -> None:
        """The id of the next update; a lower one than before gives updates out of order."""
        self.state.updates.next_id = update_id

    def expire_clicks(self) -> None:
        """All clicks so far are too old to be answered."""
        for click in self.state.clicks.values():
            click.expired = True

    def revoke_token(self, new_token: str | None = None) -> None:
        """The old token gets 401 from now on; the new one, if given, is accepted."""
        self.revoked.add(self.state.token)
        if new_token is not None:
            self.state.token = new_token

    def file(self, file_id: str) -> bytes:
        """The bytes behind a file id."""
        return self.state.files.by_id[file_id].data

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            self._authorize(request.match_info["token"])
            method = self._method(request.match_info["method"])
            form = await read_form(request)
            call = self._record(method, form)
            fault = self.state.faults.take(method.__api_method__, form.fields)
            if fault is not None and fault.when == "before":
                return await self._fail(request, fault, call)
            result = await self._run(method, form, call)
            return success(result) if fault is None else await self._fail(request, fault, call)
        except Refusal as refusal:
            return failure(refusal)

    def _authorize(self, token: str) -> None:
        if token != self.state.token or token in self.revoked:
            raise Refusal("Unauthorized", 401)
        if self.state.logged_out:
            raise bad_request("Logged out")

    def _method(self, name: str) -> type[TelegramMethod[Any]]:
        method = self._methods.get(name.lower())
        if method is None:
            raise Refusal("Not Found: method not found", 404)
        return method

    async def _run(self, method: type[TelegramMethod[Any]], form: Form, call: Call) -> object:
        """Validate and carry out one call, note how it ended, wake those who wait."""
        try:
            result = self._handle(validate(method, form))
            return await result if inspect.isawaitable(result) else result
        except Refusal as refusal:
            call.error_code, call.description = refusal.error_code, refusal.description
            raise
        finally:
            await self.state.notify()

    def _record(self, method: type[TelegramMethod[Any]], form: Form) -> Call:
        shown = {key: (file.filename, len(file.data)) for key, file in form.files.items()}
        unknown = sorted(set(form.fields) - set(method.model_fields))
        call = Call(method.__api_method__, {**form.fields, **shown}, time.time(), unknown)
        if method is GetUpdates:
            self.polls += 1
        else:
            self.state.calls.append(call)
        return call

    def _handle(self, method: TelegramMethod[Any]) -> object:
        name = method.__api_method__
        handler = self._handlers.get(name)
        if handler is not None:
            return handler(self.state, method)
        if method.__returning__ is not bool:
            raise bad_request(f"{name} is not implemented by the test server")
        chat_id = getattr(method, "chat_id", None)
        if chat_id is not None:
            self.state.writable(chat_id)
        return True

    async def _execute(self, name: str, form: Form) -> None:
        """A method called in a webhook's answer; its result goes nowhere, as at Telegram."""
        try:
            method = self._method(name)
            await self._run(method, form, self._record(method, form))
        except Refusal as refusal:
            self.webhook.note(refusal.description)

    async def _fail(self, request: web.Request, fault: Fault, call: Call) -> web.StreamResponse:
        """Let a call fail as planned."""
        call.error_code = fault.error_code if fault.kind == "error" else None
        call.description = f"planned: {fault.kind} {fault.when}"
        await self.state.notify()
        if fault.kind == "hang":
            await self.state.closing.wait()
        if fault.kind == "error":
            raise fault.refusal()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes; planned failures name it "file"."""
        try:
            self._authorize(request.match_info["token"])
            stored = self._stored(request.match_info["path"])
            call = Call("file", {"path": stored.path}, time.time())
            fault = self.state.faults.take("file", call.params)
            if fault is not None:
                return await self._fail(request, fault, call)
        except Refusal as refusal:
            return failure(refusal)
        return web.Response(body=stored.data, content_type="application/octet-stream")

    def _stored(self, path: str) -> StoredFile:
        stored = self.state.files.at_path(path)
        if stored is None or stored.size > DOWNLOAD_BYTES:
            raise Refusal("Not Found", 404)
        return stored

    async def _get_updates(self, state: BotState, method: GetUpdates) -> list[Update]:
        if self.webhook.url:
            how = "use deleteWebhook to delete the webhook first"
            raise Refusal(f"Conflict: can't use getUpdates method while webhook is active; {how}", 409)
        if method.allowed_updates is not None:
            state.updates.allowed = method.allowed_updates
        if method.offset:
            state.updates.acknowledge(method.offset)
        await state.notify()
        wait_s = 0.0 if state.closing.is_set() else float(min(method.timeout or 0, 50))
        limit = method.limit if method.limit is not None else 100
        return await state.updates.poll(limit, wait_s)

    async def _set_webhook(self, state: BotState, method: SetWebhook) -> bool:
        secret = method.secret_token or ""
        if method.url and not method.url.startswith(("http://", "https://")):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if len(secret) > 256 or not all(one.isascii() and (one.isalnum() or one in "_-") for one in secret):
            raise bad_request("secret token contains unallowed characters")
        if method.allowed_updates is not None:
            state.updates.allowed = method.allowed_updates
        await self._change_webhook(method.url, drop=bool(method.drop_pending_updates))
        await self.webhook.set(method.url, secret, method.max_connections or 40)
        return True

    async def _delete_webhook(self, _: BotState, method: DeleteWebhook) -> bool:
        await self._change_webhook("", drop=bool(method.drop_pending_updates))
        return True

    async def _change_webhook(self, url: str, *, drop: bool) -> None:
        await self.webhook.set("")
        if drop:
            self.state.updates.pending.clear()
        if url:
            self.state.updates.terminate("setWebhook request")

    def _webhook_info(self, _: BotState, __: GetWebhookInfo) -> WebhookInfo:
        return self.webhook.info()
