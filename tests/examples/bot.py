"""The example bot at work: updates go in, and what it asks of Telegram and FACEIT can be looked at."""

from aiogram import Bot

from examples.aiogram_bot import dispatcher
from faceitbot.core import atomically
from subscriptions.models import Order
from tests.examples.faceit import FakeFaceit
from tests.examples.telegram import TOKEN, FakeSession, recorded

MARIA = 7
# Routers belong to one dispatcher for good.
bot_dispatcher = dispatcher(FakeFaceit())


class Telegram:
    """What users send, and what the bot asks."""

    def __init__(self):
        self.session, self.faceit = FakeSession(), FakeFaceit()
        self.bot = Bot(TOKEN, session=self.session)

    async def feed(self, name, sender=MARIA, **values):
        """Feed an update; give what the bot has said to it."""
        self.session.requests.clear()
        update = recorded(name, id=sender, **values)
        await bot_dispatcher.feed_update(self.bot, update, faceit=self.faceit)
        return self.session.texts

    async def write(self, text, sender=MARIA):
        if text.startswith("/"):
            return await self.feed("text", sender, text=text, command=len(text.split()[0]))
        return await self.feed("plain_text", sender, text=text)

    async def order(self, data="buy:premium:monthly"):
        """Press a button of the plans; give what goes into the payment."""
        await self.feed("button", data=data)
        order = await atomically(Order.objects.latest, "created_at")
        return {"payload": order.payload, "stars": order.stars}
