"""Slack exports: which document a message is part of, how it reads, and exports that are damaged or hostile."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import DocumentUnavailable, SourceUnreadable, UsageError
from ingest.sources.slack import SlackSource
from ingest.sources.slack_text import markdown_of
from tests.ingest.sources.archives import DAY_1, DAY_1_LATER, DAY_2, USERS, Post, SlackWorld, post


def export(folder: Path, days: dict[str, list[Post]], **files: object) -> SlackSource:
    """Return the source of an export with these days of messages."""
    names = sorted({name.partition("/")[0] for name in days})
    more = {name + ".json": content for name, content in files.items()}
    listed = {"channels.json": [{"name": name} for name in names], "users.json": USERS, **more}
    world = SlackWorld(folder / "export", {**listed, **{name + ".json": posts for name, posts in days.items()}})
    world.write()
    return SlackSource(name="slack", path=world.path)


def texts(source: SlackSource) -> dict[str, str]:
    return {entry.path: source.fetch(entry.path).decode() for entry in source.snapshot().entries}


def test_a_thread_is_one_document_and_the_rest_of_a_day_another(tmp_path: Path) -> None:
    found = texts(
        export(
            tmp_path,
            {
                "ops/2026-06-01": [
                    post(DAY_1, "db-1 is slow", thread_ts=DAY_1),
                    post(DAY_1_LATER, "lunch?"),
                ],
                "ops/2026-06-02": [post(DAY_2, "vacuumed", thread_ts=DAY_1, user="U2")],
            },
        )
    )

    assert found == {
        "channels/ops/2026-06-01.md": "# ops, 2026-06-01\n\n## 2026-06-01\n\n11:00 UTC **Ada Lovelace**: lunch?\n",
        "channels/ops/threads/2026-06-01-1780308000-000100.md": (
            "# ops: db-1 is slow\n\n## 2026-06-01\n\n10:00 UTC **Ada Lovelace**: db-1 is slow\n\n"
            "## 2026-06-02\n\n10:00 UTC **Grace**: vacuumed\n"
        ),
    }


@pytest.mark.parametrize("channel", ["inc-42-checkout", "incident-checkout", "2026-06-02-incident-db"])
def test_an_incident_channel_is_one_document_with_replies_below_what_they_answer(tmp_path: Path, channel: str) -> None:
    days = {
        f"{channel}/2026-06-01": [
            post(DAY_1, "502 everywhere", thread_ts=DAY_1),
            post(DAY_1_LATER, "rolling back"),
            post("1780311700.000200", "same here", thread_ts=DAY_1, user="U2"),
        ],
        f"{channel}/2026-06-02": [post(DAY_2, "all good")],
    }

    ((path, text),) = texts(export(tmp_path, days)).items()

    assert path == f"incidents/{channel}.md"
    lines = [line for line in text.split("\n") if line]
    assert lines[1:] == [
        "## 2026-06-01",
        "10:00 UTC **Ada Lovelace**: 502 everywhere",
        "↳ 11:01 UTC **Grace**: same here",
        "11:00 UTC **Ada Lovelace**: rolling back",
        "## 2026-06-02",
        "10:00 UTC **Ada Lovelace**: all good",
    ]


def test_an_entry_says_its_channel_and_the_time_of_its_newest_message(tmp_path: Path) -> None:
    days = {"ops/2026-06-01": [post(DAY_1, "slow", thread_ts=DAY_1), post(DAY_1_LATER, "done", thread_ts=DAY_1)]}

    (entry,) = export(tmp_path, days).snapshot().entries

    assert (entry.title, entry.labels, entry.access) == ("ops: slow", ("slack", "#ops"), ())
    assert entry.updated_at == datetime(2026, 6, 1, 11, 0, 0, 200, tzinfo=UTC)


def test_private_channels_are_open_to_their_members_and_direct_messages_are_never_read(tmp_path: Path) -> None:
    days = {"ops/2026-06-01": [post(DAY_1, "a")], "board/2026-06-01": [post(DAY_1, "b")]}
    days["D123/2026-06-01"] = [post(DAY_1, "between us")]
    source = export(
        tmp_path, days, channels=[{"name": "ops"}], groups=[{"name": "board"}], dms=[{"id": "D123", "members": []}]
    )

    entries = source.snapshot().entries

    assert {entry.path: entry.access for entry in entries} == {
        "channels/board/2026-06-01.md": ("slack:#board",),
        "channels/ops/2026-06-01.md": (),
    }


def test_bots_are_labelled_files_named_and_reactions_joins_and_empty_messages_left_out(tmp_path: Path) -> None:
    alert = {"title": "DiskFull", "text": "db-1 at 97%", "fields": [{"title": "severity", "value": "page"}]}
    day = [
        post(DAY_1, "", subtype="bot_message", bot_id="B1", username="Alertmanager", user=None, attachments=[alert]),
        post("1780308001.0", "<@U2> has joined", subtype="channel_join"),
        post("1780308002.0", "look", files=[{"name": "graph.png"}], reactions=[{"name": "eyes", "users": ["U2"]}]),
        post("1780308003.0", ""),
        post("1780308004.0", "ack", user="U3"),
    ]

    ((_, text),) = texts(export(tmp_path, {"ops/2026-06-01": day})).items()

    assert "**Alertmanager (bot)**: DiskFull\ndb-1 at 97%\nseverity: page" in text
    assert "look\n\nAttached: `graph.png`" in text
    assert "**Pager (bot)**: ack" in text
    assert "joined" not in text
    assert "eyes" not in text


@pytest.mark.parametrize(
    ("mrkdwn", "markdown"),
    [
        ("<@U1> see <#C1|ops>", "@Ada see #ops"),
        ("<@U9|bob> or <@U8>", "@bob or @U8"),
        ("<https://wiki.example/a|the runbook>", "[the runbook](https://wiki.example/a)"),
        ("<https://wiki.example/a?b=1&amp;c=2>", "<https://wiki.example/a?b=1&c=2>"),
        ("<!here> <!subteam^S1|@sre> <!channel>", "@here @sre @channel"),
        ("*bold* and ~gone~, 2 * 3 * 4", "**bold** and ~~gone~~, 2 * 3 * 4"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("run `kubectl get pods *` now", "run `kubectl get pods *` now"),
        ("`curl <https://x.example>`", "`curl https://x.example`"),
        ("do ```rm -rf *a*\nls``` now", "do \n```\nrm -rf *a*\nls\n```\n now"),
        ("<javascript:alert(1)|click>", "click"),
        ("<<<>>> <|>", "<<<>>> <|>"),
    ],
)
def test_slack_markup_becomes_markdown(mrkdwn: str, markdown: str) -> None:
    assert markdown_of(mrkdwn, {"U1": "Ada"}) == markdown


def test_a_damaged_day_makes_the_listing_partial_and_names_the_file(tmp_path: Path) -> None:
    source = export(tmp_path, {"ops/2026-06-01": [post(DAY_1, "a")], "ops/2026-06-02": [post(DAY_2, "b")]})
    (tmp_path / "export" / "ops" / "2026-06-02.json").write_text('[{"ts": "17803')

    snapshot = source.snapshot()

    assert [entry.path for entry in snapshot.entries] == ["channels/ops/2026-06-01.md"]
    assert not snapshot.complete
    assert "'ops/2026-06-02.json' is no JSON" in snapshot.problems[0]
    with pytest.raises(DocumentUnavailable, match="is no JSON"):
        source.fetch("channels/ops/2026-06-01.md")


@pytest.mark.parametrize(
    "message",
    [{"ts": 5}, {"ts": "nan", "text": "x"}, {"ts": "1e400", "text": "x"}, {"ts": DAY_1, "text": ["x"]}, {}, 7, None],
)
def test_odd_messages_do_not_stop_the_others(tmp_path: Path, message: object) -> None:
    source = export(tmp_path, {"ops/2026-06-01": [post(DAY_1, "fine")]})
    (tmp_path / "export" / "ops" / "2026-06-01.json").write_text(json.dumps([message, post(DAY_1, "fine")]))

    assert "fine" in "".join(texts(source).values())


def test_what_is_no_export_is_told(tmp_path: Path) -> None:
    (tmp_path / "some.zip").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "folder").mkdir()

    for name, told in [("some.zip", "no readable .zip file"), ("folder", r"has no 'channels\.json'")]:
        with pytest.raises(SourceUnreadable, match=f"source 'slack': .*{told}"):
            SlackSource(name="slack", path=tmp_path / name).snapshot()
    with pytest.raises(UsageError, match="no such file or folder"):
        SlackSource(name="slack", path=tmp_path / "gone.zip")


def test_an_archive_made_to_fill_memory_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("channels.json", json.dumps([{"name": "ops"}]))
        packed.writestr("ops/2026-06-01.json", b"[" + b" " * 60_000_000 + b"]")

    snapshot = SlackSource(name="slack", path=tmp_path / "bomb.zip").snapshot()

    assert not snapshot.complete
    assert "made to fill memory" in snapshot.problems[0]


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "2026-06-01.json").write_text(json.dumps([post(DAY_1, "not for you")]))
    channels = [{"name": "ops"}, {"name": "../secret"}]
    source = export(tmp_path, {"ops/2026-06-01": [post(DAY_1, "fine")]}, channels=channels)
    (tmp_path / "export" / "ops" / "2026-06-02.json").symlink_to(tmp_path / "secret" / "2026-06-01.json")

    assert "not for you" not in "".join(texts(source).values())


def test_a_password_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "locked.zip", "w") as packed:
        packed.writestr("channels.json", "[]")
    data = bytearray((tmp_path / "locked.zip").read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    (tmp_path / "locked.zip").write_bytes(data)

    with pytest.raises(SourceUnreadable, match="password"):
        SlackSource(name="slack", path=tmp_path / "locked.zip").snapshot()
