"""The example bot, fed with recorded updates."""

import pytest

from tests.examples.bot import Telegram


@pytest.fixture
async def telegram(closed_links):
    return Telegram()
