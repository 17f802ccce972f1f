"""When changes began to act, and by which deployment."""

from api.investigation.suspects.diffs import read_diff
from api.investigation.suspects.timing import Acting, Deployments, touches
from api.investigation.telemetry import Happening
from tests.api.investigation.suspects.troubles_at_hand import commit, deploy


def acting(change: Happening, *others: Happening) -> Acting:
    return Deployments([change, *others]).acting(change, read_diff(change.detail))


def test_a_commit_acts_from_the_first_deployment_of_its_own_name_even_cut_short() -> None:
    found = acting(commit("abcdef0123456", at=10), deploy("abcdef0", at=30), deploy("abcdef0", at=20))

    assert (found.at, found.own) == (20, True)


def test_a_later_deployment_of_what_it_touches_carries_a_commit() -> None:
    own = commit("a" * 12, diff="checkout/pool.py", at=10)
    found = acting(own, deploy("b" * 12, "checkout", at=20), commit("b" * 12, diff="checkout/x.py", at=15))

    assert (found.at, found.component, found.own) == (20, "checkout", False)


def test_a_deployment_of_an_older_commit_does_not_carry_it() -> None:
    own = commit("a" * 12, diff="checkout/pool.py", at=10)
    found = acting(own, deploy("b" * 12, at=20), commit("b" * 12, at=5))

    assert found.at is None


def test_files_of_another_component_wait_for_its_own_deployment_and_shared_ones_for_any() -> None:
    theirs = commit("a" * 12, diff="services/cart/x.py", at=10)
    shared = commit("c" * 12, diff="pkg/auth/token.py", at=10)

    assert acting(theirs, deploy("b" * 12, "checkoutservice", at=20)).at is None
    assert acting(theirs, deploy("b" * 12, "cartservice", at=20)).at == 20
    assert acting(shared, deploy("b" * 12, "checkoutservice", at=20)).at == 20


def test_without_any_deployment_a_commit_acts_from_its_own_time() -> None:
    assert acting(commit("a" * 12, at=10)) == Acting(10, None, None)


def test_names_of_components_and_folders_meet_without_what_all_services_are_called() -> None:
    assert touches("payment-service", "services/payment/charge.go")
    assert touches("paymentservice", "apps/payment/charge.go")
    assert not touches("paymentservice", "services/cart/payment.go")
    assert not touches("service", "service/x.go")
