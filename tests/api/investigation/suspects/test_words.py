"""Words that a trouble and a change share, whatever their ending and spelling."""

from api.investigation.suspects.words import distinct, spelling, stem, terms


def test_endings_do_not_keep_words_apart() -> None:
    assert stem("expired") == stem("expiry") == "expir"
    assert stem("validation") == stem("validate") == "valid"
    assert stem("bus") == "bus"


def test_identifiers_give_their_parts_and_themselves_however_they_are_written() -> None:
    assert "max pool size" in distinct(["maxPoolSize"]) & distinct(["max_pool_size"]) & distinct(["max-pool-size"])
    assert "pool" in distinct(["maxPoolSize"])


def test_a_stack_frame_shares_the_name_of_its_file() -> None:
    assert "charge.go" in distinct(["panic at services/pay/charge.go:118"]) & distinct(["services/pay/charge.go"])


def test_words_that_all_code_has_and_units_are_left_out() -> None:
    assert not distinct(["return err if nil else error in 30 seconds"])


def test_each_term_is_given_as_often_as_it_stands_there() -> None:
    assert list(terms("pool pool")) == ["pool", "pool"]


def test_a_term_is_shown_as_the_text_writes_it() -> None:
    assert spelling("expir", "the token has Expired") == "Expired"
    assert spelling("max pool size", "with maxPoolSize = 5") == "maxPoolSize"
    assert spelling("absent", "nothing of it") == "absent"
