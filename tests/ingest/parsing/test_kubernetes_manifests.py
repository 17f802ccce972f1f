"""Kubernetes manifests state workloads and who talks to whom; what a Secret holds is in no fact."""

from ingest.knowledge.documents import ParsedText
from ingest.parsing.structured import parse_structured

_MANIFESTS = """apiVersion: v1
kind: Service
metadata:
  name: redis-cart
spec:
  selector: {app: redis}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cartservice
spec:
  template:
    metadata:
      labels: {app: cartservice}
    spec:
      containers:
      - name: server
        image: registry.example/cartservice:v1
        args: ["--orders=orders.shop.svc.cluster.local:80", "--retries:30"]
        env:
        - name: REDIS_ADDR
          value: "redis-cart:6379"
        - name: PAYMENT_URL
          value: https://user:pw@api.payments.example/v1
        - name: MAIL_HOST
          value: mailer
        - name: PORT
          value: "7070"
        - name: LISTEN_ADDR
          value: 0.0.0.0:8080
        envFrom:
        - configMapRef: {name: cart-config}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis-main}
spec:
  template:
    metadata:
      labels: {app: redis, tier: data}
    spec:
      containers: [{name: r, image: "registry.example/library/redis:7@sha256:abc"}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cart-config}
data:
  TAX_SERVICE_URL: http://tax:80
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData:
  URL: http://hidden-host:80
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec:
  rules:
  - http:
      paths:
      - path: /
        backend: {service: {name: cartservice, port: {number: 80}}}
"""


def _arrows(parsed: ParsedText) -> list[str]:
    return [f"{d.source} -> {d.target}: {d.label}" for d in parsed.extract.dependencies]


def test_workloads_are_components_with_the_role_of_their_image() -> None:
    (parsed,) = parse_structured("shop.yaml", _MANIFESTS)

    roles = {c.name: c.role.value for c in parsed.extract.components}
    assert roles["cartservice"] == "service"
    assert roles["redis-main"] == "cache"
    assert roles["front"] == "gateway"
    assert roles["api.payments.example"] == "external"


def test_settings_and_routes_state_dependencies_resolved_through_services() -> None:
    (parsed,) = parse_structured("shop.yaml", _MANIFESTS)

    assert _arrows(parsed) == [
        "cartservice -> redis-main: REDIS_ADDR",
        "cartservice -> api.payments.example: PAYMENT_URL",
        "cartservice -> mailer: MAIL_HOST",
        "cartservice -> orders: orders",
        "cartservice -> tax: TAX_SERVICE_URL",
        "front -> cartservice: routes to",
    ]
    span = parsed.extract.dependencies[0].span
    assert _MANIFESTS[span.start : span.end] == 'value: "redis-cart:6379"'


def test_what_a_secret_holds_is_in_no_fact() -> None:
    (parsed,) = parse_structured("shop.yaml", _MANIFESTS)

    assert "hidden-host" not in repr(parsed.extract)


def test_every_object_is_a_section() -> None:
    (parsed,) = parse_structured("shop.yaml", _MANIFESTS)

    assert [section.heading_path[0] for section in parsed.sections] == [
        "Service redis-cart",
        "Deployment cartservice",
        "StatefulSet redis-main",
        "ConfigMap cart-config",
        "Secret keys",
        "Ingress front",
    ]
    first = parsed.sections[0].span
    assert _MANIFESTS[first.start : first.end].endswith("selector: {app: redis}")


def test_the_objects_of_a_list_and_policies_count() -> None:
    text = """apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: api}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: web-out}
  spec:
    podSelector: {matchLabels: {app: web}}
    egress:
    - to: [{podSelector: {matchLabels: {app: api}}}]
"""

    (parsed,) = parse_structured("list.yaml", text)

    assert _arrows(parsed) == ["web -> api: may reach"]
    assert len(parsed.sections) == 3


def test_a_templated_chart_is_read_as_far_as_it_allows() -> None:
    text = (
        "{{- if .Values.on }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n"
        '  labels:\n    {{- include "x.labels" . | nindent 4 }}\nspec:\n  replicas: {{ .Values.r }}\n{{- end }}\n'
    )

    (parsed,) = parse_structured("templates/web.yaml", text)

    assert [component.name for component in parsed.extract.components] == ["web"]
    assert "templates" in parsed.warnings[0]
