"""Telegram as the example bot meets it: updates that are fed to it, and a session that answers it."""

import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramAPIError
from aiogram.methods import CreateInvoiceLink, GetStarTransactions, RefundStarPayment, TelegramMethod
from aiogram.types import Chat, Message, StarTransactions, Update

UPDATES = Path(__file__).with_name("updates")
TOKEN = "1:TEST"


def recorded(name: str, **values: Any) -> Update:
    """Read a recorded update, and put values in the place of its `{names}`."""
    text = (UPDATES / f"{name}.json").read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f'"{{{key}}}"', json.dumps(value))
    return Update.model_validate(json.loads(text))


class FakeSession(BaseSession):
    """Keeps what the bot asks of Telegram, and answers as Telegram would; `errors` makes a method fail."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[TelegramMethod[Any]] = []
        self.errors: dict[type[TelegramMethod[Any]], type[TelegramAPIError]] = {}
        self.transactions: list[dict[str, Any]] = []

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        self.requests.append(method)
        if error := self.errors.get(type(method)):
            raise error(method, "Telegram says no")
        match method:
            case CreateInvoiceLink():
                return "https://t.me/$invoice"
            case GetStarTransactions():
                first = method.offset or 0
                page = {"transactions": self.transactions[first : first + (method.limit or 100)]}
                return StarTransactions.model_validate(page)
            case RefundStarPayment():
                return True
        chat = Chat(id=getattr(method, "chat_id", 0) or 1, type="private")
        return Message(message_id=1, date=datetime.now(UTC), chat=chat)

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
