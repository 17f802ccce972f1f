"""Tests of the health view: each list with its count, advice, entries and links; and its empty state."""

from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant
from tests.ui.kept_knowledge import sound_health
from tests.ui.reading import markup_of, text_of


def test_each_list_has_count_advice_and_links(open_knowledge: Opener) -> None:
    page = open_knowledge(view="health")

    text, markup = text_of(page), markup_of(page)
    assert "Alerts without a runbook 40 These can page somebody" in text
    assert "leads to teams/platform.md" in text
    assert "Review overdue since 2022-01-01" in text
    assert "3 secrets were replaced by marks" in text
    assert 'href="knowledge?view=alerts&amp;text=Alert3"' in markup
    assert 'href="#health-dead_links"' in markup


def test_both_sides_of_a_contradiction_stand_side_by_side_with_their_lines(open_knowledge: Opener) -> None:
    markup = markup_of(open_knowledge(view="health"))

    sides = markup[markup.index("gw-sides") : markup.index("</section>", markup.index("gw-sides"))]
    assert "85 %" in sides
    assert "90 %" in sides
    assert "document=document-disk&amp;line=9-9&amp;chars=" in sides


def test_long_lists_are_folded_and_what_is_not_listed_is_counted(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge(view="health"))

    assert "Show 4 more" in text
    assert "28 more are not listed here." in text


def test_where_nothing_is_wrong_each_list_says_that_it_is_well(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.found_health = sound_health()

    text = text_of(open_knowledge(view="health"))

    assert "Every alert has a runbook." in text
    assert "No two current documents contradict each other" in text
    assert "Retrieval is not counted yet" in text


def test_a_hostile_title_stays_text(open_knowledge: Opener) -> None:
    assert "<script>window" not in markup_of(open_knowledge(view="health"))
