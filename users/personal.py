"""What the tables of users hold about people."""

from faceitbot.core.personal import PersonalTable
from users.models import User, UserActivity, UserNote

USER = PersonalTable(
    User,
    owners=("",),
    cleared=(
        "telegram_id",
        "faceit_player_id",
        "faceit_nickname",
        "last_checked_match_id",
        "waiting_for_nickname",
        "language",
        "notifications_enabled",
    ),
    kept=("id", "total_requests", "blocked_at", "bot_blocked_at", "created_at", "last_active_at"),
    impersonal=("erased_at", "updated_at"),
)
ACTIVITY = PersonalTable(UserActivity, owners=("user",), kept=("user_id", "hour", "requests"))
NOTES = PersonalTable(
    UserNote,
    owners=("user",),
    words=("text",),
    kept=("id", "user_id", "created_at"),
    impersonal=("author_id",),
)
TABLES = (USER, ACTIVITY, NOTES)
