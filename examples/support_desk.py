"""How support answers the nine buyers in the browser: what they paste, read and press.

`Desk` counts the clicks. The tests say that three are enough; `screenshots.py` takes its pictures on the way.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from examples.nine_stories import Story

REASON = "The buyer has written."
# What support does after reading the answer, by the address that the step leads to: nothing, where the answer
# is all that the buyer wants to know.
STEPS: dict[str, str | None] = {
    "paid_and_granted": None,
    "paid_twice": "propose_refund",
    "wrong_amount": "propose_refund",
    "forwarded_invoice": "propose_refund",
    "legacy_payload": None,
    "unknown_payload": "open_case",
    "refunded": None,
    "never_paid": None,
    "lost_in_an_outage": "reconcile",
}


@dataclass
class Desk:
    """A member of the staff on the landing page."""

    page: Page
    landing: str
    look: Callable[[str], None] = lambda _where: None
    clicks: int = 0

    def solve(self, story: Story, *, acts: bool = True) -> str:
        """Answer a buyer and give the sentence that tells what became of his money; act only if asked to."""
        self.clicks = 0
        self.page.goto(self.landing, wait_until="networkidle")
        self.page.fill("main input[name=q], #content input[name=q]", story.pasted)
        self._click(".find-box button[type=submit]")
        sentence = self.page.locator(".verdict-sentence").inner_text()
        self.look("answer")
        step = STEPS[story.name]
        if step is not None and acts:
            self._click(f"a.step[href*='{step}']")
            self.page.fill("input[name=reason]", REASON)
            self.look("step")
            self._click("#content form button[type=submit]")
            self.look("done")
        return sentence

    def _click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state("networkidle")
