"""Measurements. Not tests: they never fail on a time."""

import os

import faceitbot

os.environ.setdefault("LOG_LEVEL", "ERROR")
faceitbot.setup()
