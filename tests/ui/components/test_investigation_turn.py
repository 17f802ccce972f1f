"""What an investigation says in a conversation, as markup."""

from api.schemas.investigation_questions import IncidentStatement, InvestigationTurn
from ui.components.investigation_turn import investigation_turn_markup


def test_each_sentence_links_to_its_observations_and_stays_words() -> None:
    said = IncidentStatement(text="<script>x</script> rose", observations=["o1"])

    markup = investigation_turn_markup(InvestigationTurn(id="i1", statements=[said]))

    assert "&lt;script&gt;x&lt;/script&gt; rose" in markup
    assert 'href="investigations?id=i1&amp;rows=o1"' in markup
    assert 'href="investigations?id=i1"' in markup


def test_without_an_investigation_nothing_is_linked() -> None:
    assert investigation_turn_markup(InvestigationTurn()) == ""
