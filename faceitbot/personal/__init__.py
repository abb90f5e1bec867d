"""What the project holds about one person: giving it out, erasing it, forgetting in time.

Everything walks the registry of `faceitbot.core.personal`.
"""
