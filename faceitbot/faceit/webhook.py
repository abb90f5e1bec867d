"""What FACEIT sends when a match changes.

There is no score in it and no winner: those come from the match's body.
"""

from typing import Annotated

from faceitbot.faceit.loading import Raw, decode
from faceitbot.faceit.matches import Member, Team
from faceitbot.faceit.reading import Body
from faceitbot.faceit.values import Count, Id, Label, Moment, Name, Word

STATUS_EVENT = "match_status_"


class WebhookMember(Member, frozen=True, kw_only=True):
    """One player of a roster, which has names of its own here."""

    player_id: Annotated[Id, "id", "player_id"]


class WebhookTeam(Team, frozen=True, kw_only=True):
    """One side of a match, likewise."""

    team_id: Annotated[Id, "id", "faction_id", "team_id"]
    roster: tuple[WebhookMember, ...] = ()


class WebhookMatch(Body, frozen=True, kw_only=True):
    """The match that it is about."""

    match_id: Annotated[Id, "id"]
    game: Label | None = None
    region: Word | None = None
    organizer_id: Id | None = None
    competition_id: Annotated[Id | None, "entity.id"] = None
    competition_name: Annotated[Name | None, "entity.name"] = None
    competition_type: Annotated[Word | None, "entity.type"] = None
    team1: Annotated[WebhookTeam | None, "teams[0]"] = None
    team2: Annotated[WebhookTeam | None, "teams[1]"] = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None


class Webhook(Body, frozen=True, kw_only=True):
    """One delivery of an event.

    The same event may come again, with its `event_id` and a higher `retry_count`.
    """

    event: Label
    event_id: Id | None = None
    transaction_id: Id | None = None
    sent_at: Annotated[Moment | None, "timestamp"] = None
    retry_count: Count | None = None
    match: Annotated[WebhookMatch, "payload"]

    @property
    def status(self) -> str | None:
        """What the match became (`finished`); None for an event of another sort."""
        return self.event.removeprefix(STATUS_EVENT) if self.event.startswith(STATUS_EVENT) else None


def decode_webhook(body: Raw) -> Webhook:
    """Give the event that a webhook tells.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(Webhook, body)
