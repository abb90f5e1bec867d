"""What staff do to rows: asked for a reason, done once, refused where a row is not what they saw."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model, QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from unfold.admin import ModelAdmin

from faceitbot.core import versions
from faceitbot.core.asking import TOKEN, Question, is_sent, seen_by, told_by
from faceitbot.core.errors import FaceitBotError, Unavailable
from faceitbot.core.reasons import FormMaker, ReasonForm
from faceitbot.core.refusals import clause, sentence
from faceitbot.core.sent_forms import SentForms
from faceitbot.core.versions import Stale

Given = Mapping[str, Any]
MOST_ROWS = 1_000
NAMED = 10


@dataclass
class Outcome:
    """What became of the rows of an action; one that is in neither list was so already."""

    done: list[Any] = field(default_factory=list)
    refused: list[tuple[Model | None, str]] = field(default_factory=list)


Run = Callable[[Given, Sequence[Any]], Sequence[Any] | Outcome]


def act_with_reason(
    page: ModelAdmin,
    request: HttpRequest,
    rows: Sequence[Model],
    *,
    title: object,
    confirm: object,
    run: Callable[[Given], Sequence[Any]],
    form_class: FormMaker = ReasonForm,
    presets: type[TextChoices] | None = None,
) -> HttpResponse | None:
    """Ask for the reason of an action on one row or on none, then run it; None when it has been run.

    `run` takes what the form holds (`reason` among it), calls one repository method, and gives what that
    changed.
    """
    return act_on_rows(
        page,
        request,
        rows,
        title=title,
        confirm=confirm,
        run=lambda given, _rows: run(given),
        form_class=form_class,
        presets=presets,
    )


def act_on_rows(
    page: ModelAdmin,
    request: HttpRequest,
    rows: Sequence[Model],
    *,
    title: object,
    confirm: object,
    run: Run,
    form_class: FormMaker = ReasonForm,
    presets: type[TextChoices] | None = None,
) -> HttpResponse | None:
    """Ask for the reason of an action on rows, then run it on those that are as they were shown.

    `run` gives the rows that it changed, or an `Outcome`; `each` makes one of a method for one row. The page
    says what a decision about a row rests on (`StaffPages.version_fields`).
    """
    if len(rows) > MOST_ROWS:
        text = gettext("At most %(most)d rows at once: choose fewer, or a narrower filter.")
        page.message_user(request, text % {"most": MOST_ROWS}, messages.ERROR)
        return None
    # A link to an action may say what to begin with.
    form = form_class(request.POST if is_sent(request) else None, presets, request.GET.dict())
    question = Question(page, request, rows, title, confirm, form)
    if not form.is_valid():
        return question.page()
    outcome = Outcome()

    def work() -> tuple[int, int]:
        nonlocal outcome
        outcome = _run_on_fresh(page, request, rows, lambda fresh: run(form.cleaned_data, fresh))
        return len(outcome.done), len(outcome.refused)

    try:
        actor = cast("AbstractBaseUser", request.user)
        sent_before = SentForms().act_once.blocking(token_of(request), actor, work)
    except Stale:
        return question.page_of_what_changed()
    except FaceitBotError as error:
        page.message_user(request, sentence(error), messages.ERROR)
        return None
    if sent_before is None:
        _tell(page, request, len(rows), outcome)
    else:
        text = gettext("This form had been sent already: %(done)d done then, nothing more now.")
        page.message_user(request, text % {"done": sent_before.done}, messages.INFO)
    return None


def chosen(queryset: QuerySet[Any]) -> list[Any]:
    """Give the rows that are chosen in a list, of all rows only enough to see that they are too many."""
    return list(queryset[: MOST_ROWS + 1])


def each(one: Callable[[Any, Given], Model | None]) -> Run:
    """Give what runs a repository method on each row, and collects what that refuses.

    `one` gives what it changed, None where there was nothing to change.
    """

    def run(given: Given, rows: Sequence[Any]) -> Outcome:
        outcome = Outcome()
        for row in rows:
            try:
                changed = one(row, given)
            except Unavailable:
                raise  # this says nothing about the row, and the whole is done or not
            except FaceitBotError as error:
                outcome.refused.append((row, clause(error)))
            else:
                if changed is not None:
                    outcome.done.append(changed)
        return outcome

    return run


def _run_on_fresh(
    page: Any,
    request: HttpRequest,
    rows: Sequence[Model],
    run: Callable[[Sequence[Model]], Sequence[Any] | Outcome],
) -> Outcome:
    """Run an action on the rows that are as the form has shown them. Errors: `Stale` where it is one."""
    versions.queue_up(page.lock_key(row) for row in rows)
    seen = seen_by(request)
    stored = versions.versions_of(rows, page.version_fields) if seen else {}
    fresh: list[Model] = []
    changed: list[Model] = []
    for row in sorted(rows, key=page.lock_key):
        key = str(row.pk)
        (fresh if not seen or seen.get(key) == stored.get(key) else changed).append(row)
    if changed and len(rows) == 1:
        raise Stale("the row has changed since the form was opened", id=str(rows[0].pk))
    result = run(fresh)
    outcome = result if isinstance(result, Outcome) else Outcome(list(result))
    outcome.refused += [(row, told_by(page, request, row)) for row in changed]
    left = len(set(seen) - {str(row.pk) for row in rows})
    outcome.refused += [(None, gettext("is not in this list any more"))] * left
    return outcome


def _tell(page: Any, request: HttpRequest, asked: int, outcome: Outcome) -> None:
    done, refused = len(outcome.done), len(outcome.refused)
    if asked == 1 and refused == 1 and not done:
        page.message_user(request, f"{capfirst(outcome.refused[0][1])}.", messages.ERROR)
        return
    unchanged = asked - done - refused
    if done or unchanged <= 0:
        page.message_user(request, ngettext("%d done.", "%d done.", done) % done, messages.SUCCESS)
    if unchanged > 0:
        text = ngettext("%d was so already.", "%d were so already.", unchanged) % unchanged
        page.message_user(request, text, messages.WARNING)
    by_reason: dict[str, list[Model | None]] = defaultdict(list)
    for row, why in outcome.refused:
        by_reason[why].append(row)
    for why, its_rows in by_reason.items():
        text = ngettext("%d refused", "%d refused", len(its_rows)) % len(its_rows)
        names = [page.name_of(row) for row in its_rows if row is not None]
        more = ["…"] if len(names) > NAMED else []
        named = f" ({', '.join([*names[:NAMED], *more])})" if names else ""
        page.message_user(request, f"{text}: {why}{named}", messages.WARNING)


def token_of(request: HttpRequest) -> UUID:
    """Give what tells one form from another."""
    try:
        return UUID(request.POST.get(TOKEN, ""))
    except ValueError:
        return uuid4()  # a program's form, which is nobody's double click
