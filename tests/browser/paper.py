"""The handouts as a printer makes them: few pages, and the quiz on a sheet of its own."""

import re

import pytest
from playwright.sync_api import Page

from notebooks import ROOT, lessons


@pytest.mark.parametrize("size", ["A4", "Letter"])
@pytest.mark.parametrize("number", [path.name[:2] for path in lessons()])
def test_a_sheet_has_at_most_four_pages_and_the_quiz_one(number: str, size: str, page: Page) -> None:
    page.context.set_offline(True)
    page.goto((ROOT / "build" / "handout" / f"{number}.html").as_uri())
    page.evaluate("MathJax.startup.promise")
    assert page.locator("mjx-merror").count() == 0
    parts = page.locator(".last")
    sheets = ["the exercises", *parts.locator("h1").all_inner_texts()]
    pages = {}
    for i, name in enumerate(sheets):
        alone = f".last:not(:nth-of-type({i})) {{ display: none !important }}"
        alone += "main > :not(.last) { display: none }" * (i > 0)
        page.evaluate(
            "(css) => { document.querySelector('#alone')?.remove(); "
            "document.head.insertAdjacentHTML('beforeend', `<style id=alone>${css}</style>`) }",
            alone,
        )
        pages[name] = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=size, prefer_css_page_size=True)))
    assert pages["the exercises"] <= 4
    assert [n for name, n in pages.items() if name.startswith("Exit quiz")] == [1]
