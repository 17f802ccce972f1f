"""Kubernetes manifests: one document a file, a section for each object, workloads and who talks to whom."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.knowledge.diagrams.graph import role_of
from ingest.knowledge.documents import ParsedText
from ingest.knowledge.extracts import Component, ComponentRole, Dependency, Extract
from ingest.knowledge.spans import LineIndex
from ingest.parsing.structured_hosts import hosts_in
from ingest.parsing.structured_sections import Stretch, line_span, sections_of, whole_lines
from ingest.parsing.yaml_places import Node, Shape

_PODS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Rollout", "ReplicationController")
_NETWORK = ("Service", "Ingress", "IngressClass", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "Gateway")
_TRAFFIC = ("NetworkPolicy", "EndpointSlice", "Endpoints", "VirtualService", "DestinationRule", "ServiceEntry")
_ACCESS = ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "Namespace")
_STORAGE = ("ConfigMap", "Secret", "PersistentVolume", "PersistentVolumeClaim", "StorageClass")
_LIMITS = ("HorizontalPodAutoscaler", "VerticalPodAutoscaler", "PodDisruptionBudget", "LimitRange", "ResourceQuota")
_OTHERS = ("PriorityClass", "ServiceMonitor", "PodMonitor")
WORKLOADS = frozenset((*_PODS, "CronJob", "Job"))
_KINDS = WORKLOADS.union(_NETWORK, _TRAFFIC, _ACCESS, _STORAGE, _LIMITS, _OTHERS)
MENTION = re.compile(rf"kind[\"']?[ \t]*:\s{{0,9}}[\"']?(?:{'|'.join(sorted(_KINDS))}|\w{{0,40}}List)\b")
_MOST_OBJECTS = 2_000
_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"})


@dataclass(frozen=True, slots=True)
class _Thing:
    """One object with its kind and names."""

    node: Node
    kind: str
    name: str
    app: str  # the name that its labels give the application, else its own


@dataclass(slots=True)
class _Facts:
    text: str
    lines: LineIndex
    components: dict[str, Component] = field(default_factory=dict)
    dependencies: dict[tuple[str, str, str], Dependency] = field(default_factory=dict)

    def component(self, name: str, at: Node, role: ComponentRole, description: str = "") -> None:
        known = self.components.get(name)
        if known is None or (known.role is ComponentRole.SERVICE and role is not ComponentRole.SERVICE):
            span = line_span(at.start, at.end, self.text, self.lines) if known is None else known.span
            self.components[name] = Component(name, span, role, "manifest", description)

    def dependency(self, source: str, target: str, at: Node, label: str) -> None:
        if source != target:
            span = line_span(at.start, at.end, self.text, self.lines)
            self.dependencies.setdefault((source, target, label), Dependency(source, target, span, label, "manifest"))


def manifests_in(roots: Sequence[Node]) -> list[Node]:
    """Return the objects of kinds that are known, those of a List one by one; none of custom kinds."""
    found: list[Node] = []
    for root in roots:
        if not (root.text("apiVersion") and root.text("kind")):
            continue
        members = root.entries("items") if root.text("kind").endswith("List") else [root]
        found.extend(node for node in members if node.text("kind") in _KINDS)
    return found[:_MOST_OBJECTS]


def parse_manifests(objects: Sequence[Node], text: str, lines: LineIndex) -> ParsedText:
    """Return the objects as one document of kind architecture; what a Secret holds is in no fact."""
    things = [_thing(node) for node in objects]
    facts = _Facts(text, lines)
    for thing in things:
        _components(thing, facts)
    hosts = {thing.name: thing.app for thing in things if thing.kind in WORKLOADS}
    hosts |= {thing.name: _behind(thing, things) for thing in things if thing.kind == "Service"}
    maps = {thing.name: thing for thing in things if thing.kind == "ConfigMap"}
    for thing in things:
        _dependencies(thing, hosts, maps, facts)
    names = [thing.app for thing in things if thing.kind in WORKLOADS]
    title = f"{things[0].kind} {things[0].name}" if len(things) == 1 else None
    metadata: dict[str, object] = {"kind": "architecture"}
    if len(set(names)) == 1:
        metadata["services"] = [names[0]]
        title = title or names[0]
    stretches = (
        Stretch((f"{thing.kind} {thing.name}".strip(),), *whole_lines(thing.node.start, thing.node.end, text, lines))
        for thing in things
    )
    extract = Extract(components=tuple(facts.components.values()), dependencies=tuple(facts.dependencies.values()))
    return ParsedText(text, sections_of(text, lines, stretches), title, metadata, extract=extract)


def _thing(node: Node) -> _Thing:
    name = node.text("metadata", "name") or node.text("metadata", "generateName").rstrip("-")
    app = node.text("metadata", "labels", "app.kubernetes.io/name")
    part_of = node.text("metadata", "labels", "app.kubernetes.io/component")
    # Charts give all parts of a release one name; then only the object's own name tells them apart.
    return _Thing(node, node.text("kind"), name, app if app and not part_of and app in name else name)


def _components(thing: _Thing, facts: _Facts) -> None:
    at = thing.node.get("metadata", "name")
    if at is None or not thing.name:
        return
    if thing.kind in WORKLOADS:
        images = [image for container in _containers(thing.node) if (image := container.text("image"))]
        role = next((role for image in images if (role := _role_of_image(image)) is not None), ComponentRole.SERVICE)
        facts.component(thing.app, at, role, thing.kind)
    elif thing.kind == "Service" and thing.node.text("spec", "type") == "ExternalName":
        facts.component(thing.name, at, ComponentRole.EXTERNAL, thing.node.text("spec", "externalName"))
    elif thing.kind in ("Ingress", "Gateway") or thing.kind in _ROUTES:
        facts.component(thing.name, at, ComponentRole.GATEWAY, thing.kind)


def _role_of_image(image: str) -> ComponentRole | None:
    """Return the role that an image's own name states: the last part of `registry/team/redis:7`."""
    name = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    role = role_of(name.replace("_", " ").replace("-", " "))
    return role if role is not ComponentRole.COMPONENT else None


def _behind(service: _Thing, things: Sequence[_Thing]) -> str:
    """Return the workload that a Service's selector picks in this file, else the Service's own name."""
    wanted = {(key.value, value.value) for key, value in service.node.items("spec", "selector")}
    for thing in things:
        if wanted and thing.kind in WORKLOADS:
            labels = {(key.value, value.value) for key, value in _template(thing.node).items("metadata", "labels")}
            if wanted <= labels:
                return thing.app
    return service.name


def _dependencies(thing: _Thing, hosts: dict[str, str], maps: dict[str, _Thing], facts: _Facts) -> None:
    if thing.kind in WORKLOADS:
        for at, label, value in _settings(thing, maps):
            for host in hosts_in(label, value, known=frozenset(hosts)):
                _add_host(thing.app, host, hosts, at, label, facts)
    elif thing.kind == "Ingress" or thing.kind in _ROUTES:
        for at, name in _backends(thing):
            _add_host(thing.name, name, hosts, at, "routes to", facts)
    elif thing.kind == "NetworkPolicy":
        _egress(thing, hosts, facts)


def _add_host(source: str, host: str, hosts: dict[str, str], at: Node, label: str, facts: _Facts) -> None:
    target = hosts.get(host, host)
    if target not in facts.components and target != source:
        role = ComponentRole.EXTERNAL if "." in host else role_of(host.replace("-", " "))
        facts.component(target, at, role, "named as a host")
    facts.dependency(source, target, at, label)


def _settings(thing: _Thing, maps: dict[str, _Thing]) -> Iterator[tuple[Node, str, str]]:
    """Yield (place, name, value) of environment variables, arguments and the config maps taken in whole."""
    for container in _containers(thing.node):
        for entry in container.entries("env"):
            value = entry.get("value")
            if value is not None and value.shape is Shape.SCALAR:
                yield value, entry.text("name"), value.value
        for field_name in ("args", "command"):
            for argument in container.entries(field_name):
                if argument.shape is Shape.SCALAR and len(argument.value) < 500:
                    flag, _, value_text = argument.value.partition("=")
                    yield argument, flag.lstrip("-"), value_text or argument.value
        for origin in container.entries("envFrom"):
            source = maps.get(origin.text("configMapRef", "name"))
            for key, value in source.node.items("data") if source is not None else ():
                if value.shape is Shape.SCALAR and not value.block:
                    yield value, key.value, value.value


def _backends(thing: _Thing) -> Iterator[tuple[Node, str]]:
    spec = thing.node.get("spec")
    if spec is None:
        return
    if thing.kind in _ROUTES:
        found = [ref.get("name") for rule in spec.entries("rules") for ref in rule.entries("backendRefs")]
    else:
        backends = [path.get("backend") for rule in spec.entries("rules") for path in rule.entries("http", "paths")]
        backends += [spec.get("defaultBackend"), spec.get("backend")]
        found = [(b.get("service", "name") or b.get("serviceName")) for b in backends if b is not None]
    yield from ((node, node.value) for node in found if node is not None and node.value)


def _egress(thing: _Thing, hosts: dict[str, str], facts: _Facts) -> None:
    """A policy that lets one application reach another states that it does."""
    source = _selected(thing.node.get("spec", "podSelector"))
    if source is None or source.value not in hosts:
        return
    for rule in thing.node.entries("spec", "egress"):
        for peer in rule.entries("to"):
            target = _selected(peer.get("podSelector"))
            if target is not None and target.value in hosts:
                facts.dependency(hosts[source.value], hosts[target.value], target, "may reach")


def _selected(selector: Node | None) -> Node | None:
    labels = selector.items("matchLabels") if selector is not None else []
    return next((value for key, value in labels if key.value in ("app", "app.kubernetes.io/name", "k8s-app")), None)


def _template(workload: Node) -> Node:
    """Return the node that holds the pod's metadata and spec."""
    if workload.text("kind") == "CronJob":
        return workload.get("spec", "jobTemplate", "spec", "template") or workload
    return workload.get("spec", "template") or workload


def _containers(workload: Node) -> list[Node]:
    template = _template(workload)
    return [*template.entries("spec", "containers"), *template.entries("spec", "initContainers")]
