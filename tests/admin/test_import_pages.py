"""The history of imports: what the pages say, what they find, and the report that one can take along."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from faceitbot.core.models import AuditEntry
from faceitbot.legacy.fates import Code
from faceitbot.models import ImportRefusal, ImportRun, UndecidedAccess
from faceitbot.staff_room.import_page.words import codes, meaning
from faceitbot.staff_room.steps import page_of
from tests.admin.imports import an_import
from tests.admin.roles import member
from tests.faceitbot.legacy.importing import run_import
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:faceitbot_importrun_changelist")


def shown(page, run, **asked):
    answer = page.get(page_of(run), asked)
    assert answer.status_code == 200
    return answer


def records(answer, table):
    return [line.record for line in answer.context[table].rows]


def report_of(page, run):
    return page.post(reverse("admin:faceitbot_importrun_report", args=[run.pk]))


def walk(page, run, table, **asked):
    """Turn the pages of a table to the end and back; give the records on each."""
    answer = shown(page, run, **asked)
    seen = [records(answer, table)]
    while url := answer.context[table].next_url:
        answer = page.get(page_of(run) + url)
        seen.append(records(answer, table))
    back = [seen[-1]]
    while url := answer.context[table].previous_url:
        answer = page.get(page_of(run) + url)
        back.append(records(answer, table))
    assert back == seen[::-1]
    return seen


# ---- What they say


def test_the_list_tells_each_import_in_one_line(page):
    an_import()

    line = re.sub(r"<[^>]*>|\s+", " ", page.get(LIST).text.partition("<tbody")[2])

    said = ["2 days ago", "data.json", "done", "1 990", "412", "2", "3", "1 min 23 s"]
    assert re.search(r"\s.*".join(map(re.escape, said)), line)


def test_what_a_person_has_to_decide_comes_first(page):
    run = an_import()

    answer = shown(page, run)

    assert answer.context["sentence"] == (
        "1\u202f990 of 2\u202f003 records came in. Paid access for a person to decide on: 2. "
        "Refused: 3. Left alone, for they changed here later: 10."
    )
    assert "verdict-urgent" in answer.text
    places = [answer.text.index(part) for part in ("verdict-urgent", 'id="to_decide"', 'id="refused"')]
    assert places == sorted(places)


def test_an_import_without_a_refusal_shows_no_empty_tables(page):
    answer = shown(page, an_import(refused=0, undecided=0, counts={"records": 5, "created": 5}))

    assert answer.context["sentence"] == "5 of 5 records came in."
    assert "verdict-urgent" not in answer.text
    assert 'class="lines"' not in answer.text


@pytest.mark.parametrize(
    ("state", "said"),
    [("running", "under way, or its process was killed"), ("interrupted", "running it again")],
)
def test_an_import_that_has_not_ended_says_so(page, state, said):
    run = an_import(refused=0, undecided=0, state=state, finished_at=None)

    assert said in shown(page, run).context["sentence"]
    assert "Took" in page.get(LIST).text


def test_a_record_leads_to_its_user(page):
    run = an_import()
    undecided = run.undecided.first()

    answer = shown(page, run)

    line = answer.context["to_decide"].rows[0]
    user_page = reverse("admin:users_user_changelist")
    assert line.telegram_id == undecided.telegram_id
    assert line.user_url.startswith(user_page)
    assert page.get(line.user_url).status_code == 200
    assert [line.user_url for line in answer.context["refused"].rows] == [""] * 3  # they are nobody here


def test_the_place_in_the_file_is_said_once(page):
    line = shown(page, an_import()).context["to_decide"].rows[0]

    assert (line.record, line.line) == (10, 200)
    assert line.sentence.startswith('subscription.expires_at "2025-13-45" is not a date')


def test_what_was_forgotten_of_a_person_is_a_dash(page):
    run = an_import(refused=1)
    ImportRefusal.objects.update(telegram_id=None, sentence="")

    (line,) = shown(page, run).context["refused"].rows

    assert (line.telegram_id, line.sentence, line.means) == (None, "", "No such Telegram id is possible")


def test_every_code_has_words_in_both_languages():
    assert codes() == {str(code) for code in Code}
    with override("ru"):
        assert all(meaning(code) != code for code in codes())
        assert [code for code in codes() if meaning(code).isascii()] == []


# ---- What they find


def test_thousands_of_refusals_come_in_pages(page):
    run = an_import(refused=120, undecided=60)

    assert [len(each) for each in walk(page, run, "refused")] == [50, 50, 20]
    assert [len(each) for each in walk(page, run, "to_decide")] == [50, 10]
    assert [len(each) for each in walk(page, run, "refused", code="duplicate_user")] == [40]


def test_turning_the_pages_of_one_table_keeps_search_and_reason(page):
    run = an_import(refused=180)

    pages = walk(page, run, "refused", code="duplicate_user")

    shown_records = [record for each in pages for record in each]
    assert [len(each) for each in pages] == [50, 10]
    assert {row.code for row in run.refusals.filter(record__in=shown_records)} == {"duplicate_user"}
    assert records(shown(page, run, code="duplicate_user"), "to_decide") == [10, 11]


def test_a_telegram_id_finds_its_records_alone(page):
    run = an_import(refused=120)
    refused = run.refusals.filter(code="duplicate_user")[30]
    undecided = run.undecided.last()

    first = shown(page, run, q=str(refused.telegram_id))
    second = shown(page, run, q=f" {undecided.telegram_id} ")

    assert (records(first, "refused"), records(first, "to_decide")) == ([refused.record], [])
    assert (records(second, "refused"), records(second, "to_decide")) == ([], [undecided.record])


def test_who_came_in_well_is_said_to_be_here(page):
    user = UserFactory.create()

    answer = shown(page, an_import(), q=str(user.telegram_id))

    assert "No record of this Telegram id was refused" in answer.text
    assert answer.context["wanted_url"] == page_of(user)


@pytest.mark.parametrize("nonsense", ["x", "9" * 5000, "a\x00b", "<script>", "-1"])
def test_any_address_is_answered(page, nonsense):
    run = an_import()

    for name in ("q", "code", "to_decide", "refused"):
        assert shown(page, run, **{name: nonsense})


def test_the_list_finds_an_import_by_whom_it_refused(page):
    run, _other = an_import(), an_import()
    undecided = run.undecided.first()

    found = page.get(LIST, {"q": str(undecided.telegram_id)}).context["cl"].result_list
    by_file = page.get(LIST, {"q": "data"}).context["cl"].result_list

    assert [each.pk for each in found] == [run.pk]
    assert len(by_file) == 2


# ---- The report


def test_the_report_is_that_of_the_command(page, tmp_path):
    file, report = tmp_path / "data.json", tmp_path / "report.json"
    users = [{"user_id": 7, "x": 1}, {"user_id": "8"}, {"user_id": 7}, {"user_id": None}, None]
    file.write_text(json.dumps({"users": users}), encoding="utf-8")
    run_import(file, "--report", str(report))
    written = json.loads(report.read_text(encoding="utf-8"))

    answer = report_of(page, ImportRun.objects.get())

    kept = json.loads(answer.getvalue())
    assert answer.headers["Content-Type"].startswith("application/json")
    assert len(kept["refused_records"]) == 3
    written.pop("noted_records")  # of these the history keeps the numbers
    assert {name: kept[name] for name in written} == written


def test_the_report_holds_what_a_person_has_to_decide(page):
    run = an_import(refused=0)

    kept = json.loads(report_of(page, run).getvalue())

    told = UndecidedAccess.objects.order_by("record")
    assert [each["telegram_id"] for each in kept["access_to_decide"]] == [each.telegram_id for each in told]


def test_who_takes_a_report_along_stands_in_the_audit_log(page, staff):
    run = an_import()

    report_of(page, run).getvalue()

    entry = AuditEntry.objects.get(action="import.report_exported")
    assert (entry.actor, entry.object_id, entry.after) == (staff, str(run.pk), {"format": "json", "rows": 5})
    assert "import report exported" in page.get(page_of(run)).text


def test_a_report_is_given_to_those_who_see_the_page(onlooker):
    run = an_import()
    support = Client()
    support.force_login(member("support"))

    assert report_of(onlooker, run).status_code == 403
    assert json.loads(report_of(support, run).getvalue())["sha256"] == run.sha256
    assert support.get(reverse("admin:faceitbot_importrun_report", args=[run.pk])).status_code == 405
    assert support.post(reverse("admin:faceitbot_importrun_report", args=[run.pk + 1])).status_code == 404


def test_nobody_changes_the_history(page):
    run = an_import()

    assert page.post(page_of(run), {"file_name": "other.json"}).status_code == 403
    assert ImportRun.objects.get().file_name == "data.json"
