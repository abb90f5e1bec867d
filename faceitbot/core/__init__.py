"""The library floor: knows no app."""

from faceitbot.core.transactions import atomically

__all__ = ["atomically"]
