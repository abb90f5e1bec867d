"""Access for many users at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock
from faceitbot.core.errors import Conflict, InvalidInput, NotFound
from faceitbot.core.ids import row_id
from faceitbot.core.ledger import LedgerRepository
from faceitbot.core.repository import BATCH_SECONDS
from faceitbot.core.text import clean_text
from faceitbot.core.transactions import prepared_transaction, query, transactional
from faceitbot.core.values import listed, whole
from subscriptions import campaigning
from subscriptions.models import Campaign, CampaignMember, SubscriptionTier
from subscriptions.models.campaigns import MAX_NAME_LENGTH
from subscriptions.models.plans import MAX_DAYS
from users.models import User

STARTED = audit.action("campaign.started", _("Campaign started"))
STOPPED = audit.action("campaign.stopped", _("Campaign stopped"))
RESUMED = audit.action("campaign.resumed", _("Campaign resumed"))
BATCH = 200


@dataclass(frozen=True)
class CampaignProgress:
    """How far a campaign is, in users; `refused` counts by reason."""

    members: int
    waiting: int
    refused: dict[str, int]

    @property
    def given(self) -> int:
        """How many have been given what it gives."""
        return self.members - self.waiting - sum(self.refused.values())


class CampaignRepository(LedgerRepository[Campaign]):
    """Campaigns are started, worked off in batches by anybody, stopped and resumed. Cached: no."""

    model = Campaign
    fields = frozenset(field.attname for field in Campaign._meta.concrete_fields)
    relationships = frozenset({"actor"})

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def start(
        self,
        name: str,
        tier: str | None,
        duration_days: int,
        users: QuerySet[User] | Iterable[UUID],
        *,
        actor: AbstractBaseUser,
        reason: str,
    ) -> Callable[[], Campaign]:
        """Have users given a tier for some days, each once; with no tier, more of what each has.

        Those whom a queryset finds are joined within the database. A name that is known, in any case, is that
        campaign: who is in it already is not added again. The blocked and the erased are left out.
        `run_batch` does the work.
        Errors: `Conflict` when the campaign of this name gives something else.
        """
        called = clean_text(clean_text(name, "name", MAX_NAME_LENGTH).strip(), "name", MAX_NAME_LENGTH)
        given, why = _paid_or_none(tier), audit.clean_reason(reason)
        days = whole("duration_days", duration_days, 1, MAX_DAYS)
        chosen = users
        if not isinstance(chosen, QuerySet):
            chosen = [row_id(key, "users") for key in listed("users", chosen)]

        def body() -> Campaign:
            new = Campaign(name=called, tier=given, days=days, reason=why, actor_id=actor.pk)
            Campaign.objects.bulk_create([new], ignore_conflicts=True)
            named = Campaign.objects.annotate(lower_name=Lower("name")).filter(
                lower_name=Lower(Value(called))
            )
            campaign = named.select_for_update(no_key=True).get()
            if (campaign.tier, campaign.days) != (given, days):
                raise Conflict("the campaign of this name gives something else", field="name")
            added = campaigning.add_members(campaign, chosen)
            if added:
                campaign.members, campaign.finished_at = campaign.members + added, None
                campaign.save(update_fields=["members", "finished_at"])
                what = {"tier": given, "days": days, "members": campaign.members}
                before = {} if campaign.pk == new.pk else {**what, "members": campaign.members - added}
                audit.record(STARTED, [audit.Change(campaign, before, what)], actor=actor, reason=why)
            return campaign

        return body

    @transactional(budget_seconds=BATCH_SECONDS)
    def run_batch(self, campaign_id: UUID, limit: int = BATCH, now: datetime | None = None) -> int:
        """Give the next users of a campaign what it gives; say how many are done with by that.

        Each is given in the transaction that remembers it. 0: nobody waits, others work on those who do, or
        the campaign is stopped. Concurrency: any number of runners; none waits for another.
        """
        key, most = row_id(campaign_id, "campaign_id"), whole("limit", limit, 1, 1_000)
        return campaigning.give_batch(key, most, clock.aware_or_none(now))

    @transactional()
    def finish(self, campaign_id: UUID) -> None:
        """Remember that a campaign is done, if nobody of it waits. Errors: `NotFound`."""
        # Asked after the lock, for which somebody may have waited who has added users.
        campaign = _locked(campaign_id)
        waiting = CampaignMember.objects.filter(campaign=campaign, done_at__isnull=True)
        if campaign.finished_at is None and campaign.stopped_at is None and not waiting.exists():
            campaign.finished_at = clock.now()
            campaign.save(update_fields=["finished_at"])

    @transactional()
    def stop(self, campaign_id: UUID, *, actor: AbstractBaseUser, reason: str) -> Campaign:
        """Give nobody else anything; waits for batches under way. Errors: `NotFound`, `Conflict`."""
        campaign = _locked(campaign_id)
        if campaign.finished_at or campaign.stopped_at:
            raise Conflict("the campaign is not running", id=str(campaign.pk))
        campaign.stopped_at = clock.now()
        return _turned(campaign, STOPPED, None, actor, reason)

    @transactional()
    def resume(self, campaign_id: UUID, *, actor: AbstractBaseUser, reason: str) -> Campaign:
        """Go on with a campaign that was stopped. Errors: `NotFound`, `Conflict`."""
        campaign = _locked(campaign_id)
        if campaign.stopped_at is None:
            raise Conflict("the campaign is not stopped", id=str(campaign.pk))
        before, campaign.stopped_at = campaign.stopped_at, None
        return _turned(campaign, RESUMED, before, actor, reason)

    @query
    def get_progress(self, campaign_id: UUID) -> CampaignProgress:
        """Give how far a campaign is. Errors: `NotFound`."""
        campaign = Campaign.objects.filter(pk=row_id(campaign_id, "campaign_id")).first()
        if campaign is None:
            raise NotFound("there is no such campaign", id=str(campaign_id))
        rows = CampaignMember.objects.filter(campaign=campaign)
        waiting = rows.filter(done_at__isnull=True).count()
        refused = rows.exclude(refusal="").values_list("refusal").annotate(Count("user_id"))
        return CampaignProgress(campaign.members, waiting, dict(refused.order_by("refusal")))

    @query
    def get_running(self) -> list[Campaign]:
        """Give the campaigns that have something left to do, the oldest first."""
        rows = Campaign.objects.filter(finished_at__isnull=True, stopped_at__isnull=True)
        return list(rows.order_by("created_at", "id"))


def _locked(campaign_id: object) -> Campaign:
    key = row_id(campaign_id, "campaign_id")
    campaign = Campaign.objects.select_for_update(no_key=True).filter(pk=key).first()
    if campaign is None:
        raise NotFound("there is no such campaign", id=str(key))
    return campaign


def _turned(
    campaign: Campaign,
    action: audit.ActionName,
    before: datetime | None,
    actor: AbstractBaseUser,
    reason: str,
) -> Campaign:
    why = audit.clean_reason(reason)
    campaign.save(update_fields=["stopped_at"])
    change = audit.Change(campaign, _stopped(before), _stopped(campaign.stopped_at))
    audit.record(action, [change], actor=actor, reason=why)
    return campaign


def _stopped(moment: datetime | None) -> dict[str, str | None]:
    return {"stopped_at": moment.isoformat() if moment else None}


def _paid_or_none(tier: str | None) -> str:
    if tier is not None and tier not in SubscriptionTier.paid():
        known = ", ".join(SubscriptionTier.paid())
        raise InvalidInput(f"tier must be None or one of {known}, not {tier!r}", field="tier")
    return tier or ""
