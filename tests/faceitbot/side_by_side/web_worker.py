"""A web process at a port, whose repositories answer the commands "read" and "write" of `bot_worker.py`."""

import json
import sys
import threading

import uvicorn
from django.conf import settings

settings.STAFF_TOTP = False

from faceitbot.asgi import application  # noqa: E402 - loads the apps
from users.repositories import UserRepository  # noqa: E402

users = UserRepository()


def answer_commands() -> None:
    for line in sys.stdin:
        match line.split():
            case ["read", number]:
                user = users.get_by_telegram_id.blocking(int(number))
                answer = user.last_checked_match_id if user else None
            case ["write", number, match]:
                users.update_last_checked_match.blocking(int(number), match)
                answer = "written"
            case _:
                return
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    threading.Thread(target=answer_commands, daemon=True).start()
    uvicorn.run(application, port=int(sys.argv[1]), log_level="warning", access_log=False)
