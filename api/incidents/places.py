"""Where an alert is, by what it says: its environment, its place without a service, and how that is called."""

from api.incidents.alerts import Alert

_ENVIRONMENTS = ("environment", "env", "deployment_environment", "stage")


def environment_of(alert: Alert) -> str:
    """Return the environment that an alert's labels name, "production" and "prod" being one, or ""."""
    said = next((value for name in _ENVIRONMENTS if (value := alert.label(name))), "").casefold()
    return {"production": "prod", "development": "dev", "stg": "staging"}.get(said, said)[:100]


def place_of(alert: Alert) -> str:
    """Return by what alerts without a service are told to be one: their name, cluster and namespace."""
    return " ".join((alert.name, alert.label("cluster") or "", alert.label("namespace") or ""))[:400]


def called(alert: Alert) -> str:
    """Return an alert's name with its service."""
    return f"{alert.name} at {alert.service}" if alert.service and alert.service not in alert.name else alert.name
