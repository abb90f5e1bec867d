"""Telegram's own list of the bot's Stars, mirrored."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from subscriptions.models.payments import MAX_CHARGE_ID_LENGTH, MAX_RECEIVED_LENGTH, Payment


class StarDirection(models.TextChoices):
    """Which way the Stars went, seen from the bot."""

    IN = "in", _("received")
    OUT = "out", _("sent")


class StarTransaction(models.Model):
    """One transaction as Telegram lists it. A refund has the id of its charge and the other direction."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    transaction_id = models.CharField(_("transaction id"), max_length=MAX_CHARGE_ID_LENGTH)
    direction = models.CharField(_("direction"), max_length=3, choices=StarDirection)
    amount = models.BigIntegerField(_("Stars"))
    nanostar_amount = models.BigIntegerField(_("billionths of a Star"), default=0)
    at = models.DateTimeField(_("at"))
    partner_type = models.CharField(_("partner"), max_length=64, blank=True, default="")
    partner_telegram_id = models.BigIntegerField(_("partner's Telegram id"), null=True, blank=True)
    transaction_type = models.CharField(_("type"), max_length=64, blank=True, default="")
    payload = models.CharField(_("payload"), max_length=MAX_RECEIVED_LENGTH, blank=True, default="")
    subscription_seconds = models.BigIntegerField(_("period of the subscription"), null=True, blank=True)
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="star_transactions",
        verbose_name=_("payment"),
    )
    created_at = models.DateTimeField(_("first seen at"), default=clock.now)
    settled_at = models.DateTimeField(
        _("settled at"), null=True, blank=True, help_text=_("Empty: not yet compared with the payments.")
    )

    class Meta:
        db_table = "star_transactions"
        verbose_name = _("Star transaction")
        verbose_name_plural = _("Star transactions")
        default_permissions = ("view",)
        permissions: ClassVar = [("reconcile_startransaction", "Can have Telegram's list of Stars read")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["transaction_id", "direction"], name="star_transactions_id_direction_unique"
            ),
            models.CheckConstraint(
                condition=Q(direction__in=StarDirection.values), name="star_transactions_direction_known"
            ),
        ]
        indexes: ClassVar = [
            # The admin's list: newest first.
            models.Index(fields=["-at", "id"], name="star_transactions_at_idx"),
            # get_all, get_stats: the newest rows first.
            models.Index(fields=["-created_at", "id"], name="star_transactions_created_idx"),
            # The admin's list by its filters: most Stars come, and from users.
            models.Index(
                fields=["-at", "id"],
                condition=Q(direction=StarDirection.OUT),
                name="star_transactions_out_idx",
            ),
            models.Index(
                fields=["partner_type", "-at", "id"],
                condition=~Q(partner_type="user"),
                name="star_transactions_others_idx",
            ),
            # What staff search for after a complaint.
            models.Index(
                fields=["partner_telegram_id"],
                condition=Q(partner_telegram_id__isnull=False),
                name="star_transactions_partner_idx",
            ),
            # What a sync that was cut off left to compare.
            models.Index(
                fields=["at", "id"],
                condition=Q(settled_at__isnull=True),
                name="star_transactions_open_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class StarSync(models.Model):
    """How far Telegram's list has been read; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    position = models.BigIntegerField(_("transactions read"), default=0)
    last_transaction_id = models.CharField(
        _("last transaction read"), max_length=MAX_CHARGE_ID_LENGTH, blank=True, default=""
    )
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    claimed_by = models.UUIDField(_("claimed by"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("last finished at"), null=True, blank=True)
    requested_at = models.DateTimeField(
        _("asked for at"), null=True, blank=True, help_text=_("Staff ask; the bot's next run answers.")
    )
    # Purchases of the old bot from before this moment came by import; they are mirrored and grant nothing.
    since = models.DateTimeField(_("old payloads count from"), default=clock.now)

    class Meta:
        db_table = "star_sync"
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliation")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="star_sync_one_row"),
            models.CheckConstraint(condition=Q(position__gte=0), name="star_sync_position_range"),
        ]

    def __str__(self) -> str:
        return str(_("reconciliation"))
