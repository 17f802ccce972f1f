"""Which component labels name, and what runs a pod."""

import pytest

from api.telemetry.live.labels import OF_CLUSTERS, component_of, owner_of


@pytest.mark.parametrize(
    ("pod", "owner"),
    [
        ("shop-7d4b9c6f5-x2x9k", "shop"),
        ("shop-7d4b9c6f5", "shop"),
        ("node-agent-bxk2z", "node-agent"),
        ("backup-28123456-x2x9k", "backup"),
        ("db-0", "db"),
        ("cart-redis", "cart-redis"),
        ("user-mysql", "user-mysql"),
        ("orders-kafka", "orders-kafka"),
        ("checkout", "checkout"),
    ],
)
def test_a_pod_belongs_to_what_made_it_and_a_name_of_words_stays(pod: str, owner: str) -> None:
    assert owner_of(pod) == owner


def test_a_replica_set_is_one_of_its_deployment() -> None:
    assert component_of({"replicaset": "shop-7d4b9c6f5"}, OF_CLUSTERS) == "shop"
