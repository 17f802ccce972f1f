"""Which words name machines, addresses and people, and which only have a dot in them."""

import pytest

from api.llm.found import Category
from api.llm.sensitive_names import find_names, named_by_addresses, people_pattern


def found(text: str, *, domains: tuple[str, ...] = (), kept: tuple[str, ...] = ()) -> set[tuple[Category, str]]:
    names = find_names(text, domains=frozenset(domains), kept=frozenset(kept))
    return {(each.category, text[each.start : each.end]) for each in names}


@pytest.mark.parametrize(
    ("text", "category", "value"),
    [
        ("ssh db1.eu-west-1.shop.com now", Category.HOST, "db1.eu-west-1.shop.com"),
        ("open https://wiki.shop.io/x?y", Category.HOST, "wiki.shop.io"),
        ("http://kafka-0.kafka.svc:9092", Category.HOST, "kafka-0.kafka.svc"),
        ("api.checkout.svc.cluster.local is down", Category.HOST, "api.checkout.svc.cluster.local"),
        ("ip-10-0-0-7.eu-west-1.compute.internal", Category.HOST, "ip-10-0-0-7.eu-west-1.compute.internal"),
        ("x.abc123.eu-west-1.rds.amazonaws.com:5432", Category.HOST, "x.abc123.eu-west-1.rds.amazonaws.com"),
        ("registry.shop.dev/team/image:1.2", Category.HOST, "registry.shop.dev"),
        ("mail ops+page@shop.co.uk please", Category.EMAIL, "ops+page@shop.co.uk"),
        ("ping 192.168.7.20, then", Category.IP, "192.168.7.20"),
        ("10.0.0.0/8", Category.IP, "10.0.0.0"),
        ("to [2001:db8::17]:443", Category.IP, "2001:db8::17"),
        ("route fe80::1%eth0", Category.IP, "fe80::1"),
    ],
)
def test_a_name_is_found(text: str, category: Category, value: str) -> None:
    assert (category, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "values.yaml main.py README.md run.sh lib.rs data.json nginx.conf Main.java",
        "os.path.join(self.name) e.g. i.e. etc.",
        "app.kubernetes.io/name prometheus.io/scrape github.com/kubernetes",
        "http://localhost:8080 127.0.0.1 0.0.0.0 ::1",
        "version 1.2.3 and v1.2.3.4 and 1.2.3.4.5",
        "12:30:45 std::vector DB::System zz::b 00:11",
        "http.server.request.duration com.example.shop.Checkout",
        "checkout.latency.p99 process.it",
    ],
)
def test_files_code_and_versions_are_no_names(text: str) -> None:
    assert found(text) == set()


def test_a_sites_own_domain_is_found_whatever_it_ends_in() -> None:
    assert found("db1.shop.zone and shop.zone", domains=("shop.zone",)) == {
        (Category.HOST, "db1.shop.zone"),
        (Category.HOST, "shop.zone"),
    }


def test_what_a_site_keeps_is_not_found() -> None:
    assert found("docs.shop.com and 10.0.0.1", kept=("shop.com", "10.0.0.1")) == set()


@pytest.mark.parametrize("text", ["Jane Doe", "jane.doe", "JANE_DOE", "Jane  Doe", "@jane-doe:"])
def test_a_person_is_found_however_the_name_is_joined(text: str) -> None:
    assert people_pattern(frozenset({"Jane Doe"})).search(text)


@pytest.mark.parametrize("text", ["Janet Doe", "Jane Does", "jane", "doe"])
def test_other_words_are_not_a_person(text: str) -> None:
    assert people_pattern(frozenset({"Jane Doe"})).search(text) is None


def test_nobody_known_finds_nobody() -> None:
    assert people_pattern(frozenset({"", " ", "."})).search("a . b") is None


def test_an_address_names_a_person_by_its_parts_and_a_team_by_none() -> None:
    assert named_by_addresses("jane.doe@a.com on-call@a.com sre@a.com x.y@a.com") == {"jane doe", "on call"}
