"""The form in which staff say whom money in review gives access, and for what."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from faceitbot.core.reasons import ReasonForm
from subscriptions.admin.pages import TelegramIdField
from subscriptions.admin.reasons import ResolvingReason
from subscriptions.desk.belonging import buyer_of, payer_of
from subscriptions.desk.sentences import in_words, on, who
from subscriptions.desk.similar import payable_orders
from subscriptions.models import Payment, PlanDuration, SubscriptionTier
from users.models import User


class ResolveForm(ReasonForm):
    """To whom money in review grants access, and what.

    Nobody is given anything by a number alone: the page has shown the name before, or shows it first.
    """

    presets = ResolvingReason

    order = forms.ChoiceField(
        label=_("The order that it was for"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Its buyer gets what he ordered, and the order is paid."),
        error_messages={"invalid_choice": _("This order is not open any more. Open the page again.")},
    )
    telegram_id = TelegramIdField(label=_("Telegram id of the user who gets access"), required=False)
    named = forms.CharField(required=False, widget=forms.HiddenInput)  # whose name has been shown besides
    plan = forms.ChoiceField(
        label=_("What it buys"),
        required=False,
        choices=lambda: [
            ("", _("what was ordered")),
            *(
                (f"{tier.value} {duration.value}", f"{tier.label}, {duration.label}")
                for tier in SubscriptionTier
                for duration in PlanDuration
                if tier.rank
            ),
        ],
        widget=UnfoldAdminSelectWidget,
        help_text=_("Only where no order is known."),
    )
    field_order = ("order", "telegram_id", "plan", "preset", "reason")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        presets: type[TextChoices] | None = None,
        initial: Mapping[str, Any] | None = None,
        *,
        payment: Payment,
    ) -> None:
        buyer, payer = buyer_of(payment), payer_of(payment)
        likeliest = {"telegram_id": buyer.telegram_id} if buyer else {}
        super().__init__(data, presets, {**likeliest, **(initial or {})})
        self._known = {user.pk for user in (buyer, payer) if user}
        self._orders = {str(order.pk): order for order in payable_orders(payment)}
        self.fields["telegram_id"].help_text = _people(buyer, payer)
        if self._orders:
            choices = [
                (key, f"{in_words(order)}, {on(order.created_at)}") for key, order in self._orders.items()
            ]
            self.fields["order"].choices = [("", gettext("none of these")), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["order"]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "telegram_id" in self.errors or "order" in self.errors:
            return given
        user, order = given["telegram_id"], self._orders.get(given.get("order", ""))
        if order:
            self._check_order(user, order.user, given)
        elif user is None:
            self.add_error("telegram_id", gettext("Say who gets access."))
        elif user.pk not in self._known and given["named"] != str(user.telegram_id):
            self._name(user)
        return {**given, "order": order, "user": order.user if order else user}

    def _check_order(self, user: User | None, owner: User, given: Mapping[str, Any]) -> None:
        if user and user != owner:
            text = gettext("This order is one of %(who)s. Leave the Telegram id empty if he is meant.")
            self.add_error("order", text % {"who": who(owner)})
        if given["plan"]:
            self.add_error("plan", gettext("The order says what it buys."))

    def _name(self, user: User) -> None:
        text = gettext(
            "This is %(who)s, neither the buyer nor the payer. Send the form again if he is meant."
        )
        self.add_error("telegram_id", text % {"who": who(user)})
        self.data = dict([*self.data.items(), ("named", str(user.telegram_id))])


def _people(buyer: User | None, payer: User | None) -> str:
    # A form shows its help as HTML.
    people = {"buyer": escape(who(buyer)), "payer": escape(who(payer))}
    if buyer and payer and buyer != payer:
        return gettext("The buyer is %(buyer)s, the payer %(payer)s.") % people
    if buyer:
        return gettext("The buyer is %(buyer)s.") % people
    return gettext("The payer is %(payer)s.") % people if payer else ""
