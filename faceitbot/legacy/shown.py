"""How a value from the file is shown to a person: short, on one line, and harmless to a terminal."""

import json

MAX_SHOWN = 60


def shown(value: object) -> str:
    """Give the value as JSON, cut at 60 characters, unprintable characters escaped."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > MAX_SHOWN:
        text = text[: MAX_SHOWN - 1] + "…"
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)
