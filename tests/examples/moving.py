"""Follows docs/migration.md as a person would: types its commands, changes the bot's code, and runs it."""

import io
import re
import shlex
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from aiogram import Bot, Dispatcher
from django.core.management import call_command

from faceitbot.core.exit_codes import DONE_WITH_REFUSALS
from tests.examples.telegram import TOKEN, FakeSession, recorded

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
MANAGE = "python manage.py "


def commands():
    """Give the commands in their order, each with the lines that the page shows as its answer."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
    return found


def type_in(command):
    """Run a command in the working folder, which may leave records out; give what it says on its output."""
    if not command.startswith(MANAGE):
        subprocess.run(command, shell=True, check=True)
        return []
    said, words = io.StringIO(), shlex.split(command.removeprefix(MANAGE))
    try:
        call_command(*words, stdout=said)
    except SystemExit as end:
        if end.code != DONE_WITH_REFUSALS:
            raise
    return said.getvalue().splitlines()


def diffs():
    """Give the changes of the bot's code in their order, each as pairs of what goes and what comes."""
    return [
        [_sides(hunk) for hunk in re.split(r"(?m)^@@.*@@\n", diff)[1:]]
        for diff in re.findall(r"```diff\n(.*?)```", TEXT, re.DOTALL)
    ]


def apply(diff, file):
    """Make a change; what goes must stand in the file exactly once."""
    text = file.read_text(encoding="utf-8")
    for before, after in diff:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")


def _sides(hunk):
    lines = [line or " " for line in hunk.splitlines()]
    before = [line[1:] for line in lines if line[0] in " -"]
    after = [line[1:] for line in lines if line[0] in " +"]
    return "\n".join(before) + "\n", "\n".join(after) + "\n"


class RunningBot:
    """The bot that a file holds, fed with recorded updates."""

    def __init__(self, file):
        spec = spec_from_file_location(f"bot_{id(self)}", file)
        module = module_from_spec(spec)
        sys.modules[spec.name] = module  # aiogram looks handlers' annotations up
        try:
            spec.loader.exec_module(module)
        finally:
            del sys.modules[spec.name]
        self.session = FakeSession()
        self._bot = Bot(TOKEN, session=self.session)
        self._dispatcher = Dispatcher()
        self._dispatcher.include_router(module.router)

    async def feed(self, name, sender, **values):
        """Feed an update; give what the bot has said to it."""
        self.session.requests.clear()
        await self._dispatcher.feed_update(self._bot, recorded(name, id=sender, **values))
        return self.session.texts

    async def write(self, text, sender):
        return await self.feed("text", sender, text=text, command=len(text))
