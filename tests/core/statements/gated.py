"""What tests count by a `Tally`: numbers, once a gate is open."""

import asyncio

from faceitbot.core.statements.line import line_of_loop
from faceitbot.core.statements.tallies import Tally
from tests.eventually import eventually_async


class Gated:
    """Counts numbers once its gate is open, or fails with the error given."""

    def __init__(self, error=None):
        self.gate, self.error, self.counted = asyncio.Event(), error, []

    async def count(self, _repository, _line, numbers):
        self.counted.append(dict(numbers))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return []

    async def answer(self, _repository, _rows, numbers):
        return {key: [key] * number for key, number in numbers.items()}

    async def ask(self, keys):
        """Ask for the keys, and wait until two transactions are under way."""
        tally = Tally("Test.count", None, self.count, self.answer, line_of_loop())
        calls = [asyncio.ensure_future(tally.ask(key)) for key in keys]
        await eventually_async(lambda: len(self.counted) == 2)
        return calls

    async def asked(self, keys):
        """Ask for the keys, and open the gate."""
        calls = await self.ask(keys)
        self.gate.set()
        return await asyncio.gather(*calls, return_exceptions=True)
