"""Kubernetes, Argo CD and Flux: events, revisions with what differs, edits, syncs and releases."""

from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import SECOND, instant_text
from api.telemetry.live.kubernetes_objects import template_changes
from api.telemetry.live.sources import Scope
from api.telemetry.recording import Recording
from tests.api.telemetry.live.adapted import gathered, problems
from tests.api.telemetry.live.live_sources import WINDOW
from tests.api.telemetry.live.local_server import Answering, Asked, Reply

ALONE = Scope(WINDOW, None)


def _at(seconds: int) -> str:
    return instant_text(WINDOW.start + seconds * SECOND)


def _all(found: Recording) -> list[Happening]:
    return list(found.every_happening)


def _set(revision: int, created: int, image: str, **more: str) -> dict[str, Any]:
    env = [{"name": name, "value": value} for name, value in more.items()]
    return {
        "metadata": {
            "name": f"cart-{revision}",
            "namespace": "shop",
            "creationTimestamp": _at(created),
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "ownerReferences": [{"kind": "Deployment", "name": "cart"}],
        },
        "spec": {
            "template": {
                "metadata": {"labels": {"app": "cart", "pod-template-hash": str(revision)}},
                "spec": {"containers": [{"name": "cart", "image": image, "env": env}]},
            }
        },
    }


def _event(name: str, seconds: int, reason: str, message: str, **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": f"{name}.1", "creationTimestamp": _at(seconds)},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": name},
        "reason": reason,
        "message": message,
        "firstTimestamp": _at(seconds),
        "lastTimestamp": _at(seconds),
        **more,
    }


def _cluster(**lists: list[Any]) -> Answering:
    """Answer as a cluster that has these lists, two objects on each page."""

    def answering(asked: Asked) -> Reply:
        items = lists.get(asked.path.rpartition("/")[2], [])
        start = int(asked.query.get("continue", 0))
        more = {"continue": str(start + 2)} if start + 2 < len(items) else {}
        return Reply({"kind": "List", "metadata": more, "items": items[start : start + 2]})

    return answering


def test_events_are_told_of_what_the_pod_belongs_to() -> None:
    events = [
        _event("cart-7d4b9c6f5-x2x9k", 60, "OOMKilling", "memory is up"),
        _event("db-0", -7_200, "BackOff", "again", lastTimestamp=_at(30), count=9),
        _event("front-7d4b9c6f5-abcde", -7_200, "Old", "long over"),
    ]

    found, asked = gathered("kubernetes", _cluster(events=events), ALONE)

    told = [(one.kind, one.component, one.at, one.title) for one in _all(found)]
    assert told == [
        ("BackOff", "db", WINDOW.start + 30 * SECOND, f"again (9 times since {_at(-7_200)})"),
        ("OOMKilling", "cart", WINDOW.start + 60 * SECOND, "memory is up"),
    ]
    assert {one.source for one in _all(found)} == {SourceClass.EVENT}
    assert len([one for one in asked if one.path == "/api/v1/events"]) == 2  # two pages
    assert problems(found) == []


def test_a_revision_is_a_change_with_what_differs_and_no_secret() -> None:
    sets = [
        _set(3, -90_000, "cart:1.0", POOL="10", DB_PASSWORD="tell-nobody"),
        _set(4, -60, "cart:1.1", POOL="2", DB_PASSWORD="nor-this"),
    ]

    found, _ = gathered("kubernetes", _cluster(replicasets=sets), ALONE)

    latest = _all(found)[-1]
    assert latest.title == (
        "deployment cart is at revision 4: spec.containers[cart].image: cart:1.0 -> cart:1.1; "
        "spec.containers[cart].env[DB_PASSWORD].value: (not shown) -> (not shown); "
        "spec.containers[cart].env[POOL].value: 10 -> 2"
    )
    assert (latest.kind, latest.component, latest.at) == ("deploy", "cart", WINDOW.start - 60 * SECOND)
    assert latest.source is SourceClass.CHANGE
    assert "tell-nobody" not in str(_all(found))


def test_going_back_to_an_earlier_revision_is_a_change_at_the_time_it_took_place() -> None:
    old, new = _set(6, -90_000, "cart:1.0"), _set(5, -80_000, "cart:1.1")
    old["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] = "4"
    old["metadata"]["managedFields"] = [
        {"manager": "kube-controller-manager", "time": _at(-30), "fieldsV1": {"f:metadata": {"f:annotations": {}}}}
    ]

    found, _ = gathered("kubernetes", _cluster(replicasets=[old, new]), ALONE)

    assert _all(found)[-1].title.startswith("deployment cart is at revision 6 (an earlier revision again): ")
    assert _all(found)[-1].at == WINDOW.start - 30 * SECOND


def test_an_edit_of_a_config_map_is_a_change_with_its_fields() -> None:
    fields = {"f:data": {".": {}, "f:pool.size": {}}, "f:metadata": {"f:annotations": {"f:x": {}}}}
    edited = {
        "metadata": {
            "name": "cart-config", "namespace": "shop", "labels": {"app": "cart"},
            "managedFields": [
                {"manager": "kubectl-edit", "time": _at(-300), "fieldsV1": fields},
                {"manager": "kubelet", "time": _at(-1), "subresource": "status", "fieldsV1": fields},
            ],
        }
    }  # fmt: skip

    found, asked = gathered("kubernetes", _cluster(configmaps=[edited]), ALONE, namespaces=["shop"])

    assert [(one.kind, one.title, one.component, one.author) for one in _all(found)] == [
        ("config", "configmap cart-config was edited by kubectl-edit: data.pool.size", "cart", "kubectl-edit")
    ]
    assert {one.path for one in asked if "configmaps" in one.path} == {"/api/v1/namespaces/shop/configmaps"}
    assert all("PartialObjectMetadataList" in one.headers["accept"] for one in asked if "configmaps" in one.path)


def test_a_list_that_may_not_be_read_is_told_and_the_others_stay() -> None:
    whole = _cluster(events=[_event("cart-0", 5, "Killing", "stopping")])

    def answering(asked: Asked) -> Reply:
        return Reply({}, 403) if "replicasets" in asked.path else whole(asked)

    found, _ = gathered("kubernetes", answering, ALONE)

    assert [one.kind for one in _all(found)] == ["Killing"]
    assert "replicasets: it refused who asks (HTTP 403)" in problems(found)[0]


def test_an_object_that_is_broken_is_left_out_and_told() -> None:
    events = [
        {"metadata": {}},
        _event("cart-0", 5, "Killing", "stopping"),
        _event("x", 6, "A", "b", firstTimestamp="?"),
    ]

    found, _ = gathered("kubernetes", _cluster(events=events), ALONE)

    assert [one.kind for one in _all(found)] == ["Killing"]
    assert problems(found) == ["an event could not be understood and was left out"]


def test_templates_that_are_the_same_but_for_the_hash_do_not_differ() -> None:
    assert template_changes(_set(1, 0, "a"), _set(2, 0, "a")) == []


def _application(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "cart-prod", "labels": {"app": "cart"}}, "status": status}


def test_argo_cd_tells_what_was_synced_when_and_from_what() -> None:
    history = [
        {"id": 1, "revision": "a" * 40, "deployedAt": _at(-90_000)},
        {
            "id": 2, "revision": "b" * 40, "deployedAt": _at(-120), "initiatedBy": {"username": "ann"},
            "source": {"repoURL": "https://git/shop", "path": "cart", "targetRevision": "main"},
        },
    ]  # fmt: skip
    state = {"phase": "Failed", "finishedAt": _at(-60), "message": "no such image"}
    body = {"items": [_application(history=history, operationState=state), {"metadata": {"name": "new"}}]}

    found, asked = gathered("argocd", lambda _: Reply(body), ALONE, projects=["shop"])

    deploy, failed = _all(found)[-2:]
    assert deploy.title == "cart-prod was synced to bbbbbbbbbbbb (before: aaaaaaaaaaaa)"
    assert (deploy.component, deploy.author, deploy.at) == ("cart", "ann", WINDOW.start - 120 * SECOND)
    assert deploy.detail == "repoURL: https://git/shop\npath: cart\ntargetRevision: main"
    assert (failed.kind, failed.title) == ("failed sync", "cart-prod could not be synced: no such image")
    assert asked[0].query == {"projects": "shop"}


def test_flux_tells_releases_and_what_failed() -> None:
    release = {
        "metadata": {"name": "cart"},
        "status": {
            "history": [
                {
                    "chartName": "cart", "chartVersion": "1.3.0", "version": 8, "status": "deployed",
                    "firstDeployed": _at(-300), "lastDeployed": _at(-300),
                }
            ]
        },
    }  # fmt: skip
    ready = {"type": "Ready", "status": "False", "lastTransitionTime": _at(-60), "message": "build failed"}
    kustomization = {
        "metadata": {"name": "shop"},
        "status": {"lastAttemptedRevision": "main@1a", "conditions": [ready]},
    }

    found, _ = gathered("flux", _cluster(helmreleases=[release], kustomizations=[kustomization]), ALONE)

    assert [(one.kind, one.component, one.title) for one in _all(found)] == [
        ("deploy", "cart", "cart was released as cart 1.3.0 (deployed)"),
        ("failed deploy", "shop", "shop failed at main@1a: build failed"),
    ]
