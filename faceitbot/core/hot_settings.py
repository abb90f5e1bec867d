"""Django's settings for calls that are made ten thousands of times a second.

Django takes half a microsecond to give one. Here each is read once, and again when a test has changed any.
"""

from typing import Any

from django.conf import settings
from django.core.signals import setting_changed


class _HotSettings:
    def __getattr__(self, name: str) -> Any:
        value = getattr(settings, name)
        setattr(self, name, value)  # is found without coming here from now on
        return value


hot_settings = _HotSettings()


def _forget(**_changed: object) -> None:
    vars(hot_settings).clear()


setting_changed.connect(_forget, dispatch_uid="faceitbot.core.hot_settings")
