"""Telegram as the example bot meets it: updates that are fed to it, and a session that answers it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.types import Update

UPDATES = Path(__file__).with_name("updates")
TOKEN = "1:TEST"


def recorded(name: str, **values: Any) -> Update:
    """Read a recorded update, and put values in the place of its `{names}`."""
    text = (UPDATES / f"{name}.json").read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f'"{{{key}}}"', json.dumps(value))
    return Update.model_validate(json.loads(text))


def refusal(status: int, description: str, **parameters: Any) -> tuple[int, str]:
    """Give Telegram's answer to what it does not do."""
    body = {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    return status, json.dumps(body)


class FakeSession(BaseSession):
    """Keeps what the bot asks of Telegram, and answers in JSON as Telegram would, which aiogram then reads.

    `answers` holds, by the name of a method, the status and the text that come instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[TelegramMethod[Any]] = []
        self.answers: dict[str, tuple[int, str]] = {}
        self.transactions: list[dict[str, Any]] = []

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        # Telegram lets a bot wait for updates, too.
        await asyncio.sleep(0.05 if method.__api_method__ == "getUpdates" else 0)
        self.requests.append(method)
        well = HTTPStatus.OK, json.dumps({"ok": True, "result": self._result(method)})
        status, content = self.answers.get(method.__api_method__, well)
        return self.check_response(bot, method, status, content).result

    def _result(self, method: Any) -> Any:
        match method.__api_method__:
            case "createInvoiceLink":
                return "https://t.me/$invoice"
            case "getStarTransactions":
                first = method.offset or 0
                return {"transactions": self.transactions[first : first + (method.limit or 100)]}
            case "getMe":
                return {"id": 1, "is_bot": True, "first_name": "bot", "username": "a_bot"}
            case "getUpdates":
                return []
            case "sendMessage" | "sendInvoice":
                return {"message_id": 1, "date": 0, "chat": {"id": method.chat_id, "type": "private"}}
        return True

    def of(self, kind: type[TelegramMethod[Any]]) -> list[Any]:
        """Give the requests of one kind."""
        return [request for request in self.requests if isinstance(request, kind)]

    @property
    def texts(self) -> list[str]:
        """Give what the bot has said."""
        said = (getattr(request, "text", None) for request in self.requests)
        return [text for text in said if text]

    async def stream_content(self, *_args: Any, **_kwargs: Any) -> AsyncGenerator[bytes, None]:
        yield b""

    async def close(self) -> None:
        """Nothing is open."""
