"""Kinds of secrets with values made at run time, so that no file of this repository holds one."""

import base64
import json
import string
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

_ALNUM = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_URL_SAFE = _ALNUM + "-_"
_BASE64 = _ALNUM + "+/"
_UPPER = string.ascii_uppercase + string.digits
_WORDS = ("harbor", "copper", "meadow", "lantern", "walnut", "signal", "granite", "velvet")

Make = Callable[[Random], str]


@dataclass(frozen=True, slots=True)
class SecretKind:
    """A kind of secret: how a value is made, and the texts that it stands in, `{}` being the value.

    `needles` of a value of several lines are its lines.
    """

    name: str
    make: Make
    texts: tuple[str, ...]


def needles(value: str) -> list[str]:
    """Return what must not be found of a value: the whole, or each long line of it."""
    return [line for line in value.split("\n") if len(line) >= 8 and " " not in line]


def _chars(alphabet: str, count: int) -> Make:
    def make(random: Random) -> str:
        # At least one digit, one letter of each case where the alphabet has them: as real generators give.
        while True:
            value = "".join(random.choices(alphabet, k=count))
            if all(set(value) & set(group) for group in _groups(alphabet)):
                return value

    return make


def _groups(alphabet: str) -> list[str]:
    groups = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
    return [group for group in groups if set(group) & set(alphabet)]


def _after(prefix: str, alphabet: str, count: int, suffix: str = "") -> Make:
    make = _chars(alphabet, count)
    return lambda random: f"{prefix}{make(random)}{suffix}"


def _joined(separator: str, *makes: Make) -> Make:
    return lambda random: separator.join(make(random) for make in makes)


def _weak_password(random: Random) -> str:
    return f"{random.choice(_WORDS)}{random.randint(1000, 99999)}"


def _password(random: Random) -> str:
    return _chars(_ALNUM, 9)(random) + random.choice("!%^*") + _chars(_ALNUM, 5)(random)


def _uuid(random: Random) -> str:
    return "-".join(_chars(_HEX, count)(random) for count in (8, 4, 4, 4, 12))


def _pem(what: str) -> Make:
    def make(random: Random) -> str:
        lines = [_chars(_BASE64, 64)(random) for _ in range(6)]
        dashes = "-" * 5
        return "\n".join([f"{dashes}BEGIN {what}{dashes}", *lines, f"{dashes}END {what}{dashes}"])

    return make


def _jwt(random: Random) -> str:
    def part(data: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    body = {"sub": _chars(_ALNUM, 12)(random), "iss": "issuer"}
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(body)}.{_chars(_URL_SAFE, 43)(random)}"


def _basic(random: Random) -> str:
    return base64.b64encode(f"deploy:{_password(random)}".encode()).decode()


def _encoded(random: Random) -> str:
    return base64.b64encode(_password(random).encode()).decode()


_ANYWHERE = (
    "The job uses {} and runs at night.",
    "export SERVICE_CREDENTIAL={}",
    'value: "{}"',
    "`{}`",
)

KINDS: tuple[SecretKind, ...] = (
    SecretKind("github token", _after("gh" + "p_", _ALNUM, 36), _ANYWHERE),
    SecretKind("github fine-grained token", _after("github" + "_pat_", _ALNUM + "_", 82), _ANYWHERE),
    SecretKind("gitlab token", _after("gl" + "pat-", _URL_SAFE, 20), _ANYWHERE),
    SecretKind("npm token", _after("npm" + "_", _ALNUM, 36), (*_ANYWHERE, "//registry.example.org/:_authToken={}")),
    SecretKind("pypi token", _after("py" + "pi-AgEIcHlwaS5vcmc", _URL_SAFE, 120), _ANYWHERE),
    SecretKind("aws access key", _after("AK" + "IA", _UPPER, 16), _ANYWHERE),
    SecretKind(
        "aws secret key",
        _chars(_BASE64, 40),
        ("aws_secret_access_key = {}", "AWS_SECRET_ACCESS_KEY={}", '"SecretAccessKey": "{}"', "secretAccessKey: {}"),
    ),
    SecretKind("google api key", _after("AI" + "za", _URL_SAFE, 35), _ANYWHERE),
    SecretKind(
        "azure storage key",
        _after("", _BASE64, 86, "=="),
        (
            "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={};EndpointSuffix=core.windows.net",
            "storage_key: {}",
            "AZURE_STORAGE_KEY={}",
        ),
    ),
    SecretKind(
        "azure client secret", _joined("8Q~", _chars(_ALNUM, 3), _chars(_ALNUM + "_.-", 34)), ("ARM_CLIENT_SECRET={}",)
    ),
    SecretKind("azure sas", _after("", _ALNUM, 43, "%3D"), ("https://shop.blob.core.windows.net/a?sv=2024&sig={}",)),
    SecretKind("slack token", _joined("-", _after("xo" + "xb-", string.digits, 11), _chars(_ALNUM, 24)), _ANYWHERE),
    SecretKind(
        "slack webhook",
        _joined("/", _after("T", _UPPER, 9), _after("B", _UPPER, 9), _chars(_ALNUM, 24)),
        ("https://hooks.slack.com/services/{}", "slack_api_url: https://hooks.slack.com/services/{}"),
    ),
    SecretKind("stripe key", _after("sk" + "_live_", _ALNUM, 24), _ANYWHERE),
    SecretKind("sendgrid key", _after("S" + "G.", _ALNUM, 22, "." + "Qz7" * 14 + "Q"), _ANYWHERE),
    SecretKind("twilio key", _after("S" + "K", _HEX, 32), _ANYWHERE),
    SecretKind("datadog key", _chars(_HEX, 32), ("DD_API_KEY={}", "datadog api key: {}", '"dd_app_key": "{}"')),
    SecretKind("new relic key", _after("NR" + "AK-", _UPPER, 27), _ANYWHERE),
    SecretKind(
        "pagerduty key", _chars(_HEX, 32), ("routing_key: {}", "integration_key = {}", "Authorization: Token token={}")
    ),
    SecretKind("grafana token", _joined("_", _after("gl" + "sa_", _ALNUM, 32), _chars(_HEX, 8)), _ANYWHERE),
    SecretKind("vault token", _after("hv" + "s.", _URL_SAFE, 24), _ANYWHERE),
    SecretKind("terraform token", _joined(".atlas" + "v1.", _chars(_ALNUM, 14), _chars(_URL_SAFE, 67)), _ANYWHERE),
    SecretKind("digitalocean token", _after("do" + "p_v1_", _HEX, 64), _ANYWHERE),
    SecretKind("heroku key", _uuid, ("HEROKU_API_KEY={}", "heroku_api_key: {}")),
    SecretKind("mailgun key", _after("ke" + "y-", _HEX, 32), _ANYWHERE),
    SecretKind(
        "discord token",
        _joined(".", _after("M", _ALNUM, 23), _chars(_ALNUM, 6), _chars(_ALNUM, 27)),
        _ANYWHERE,
    ),
    SecretKind("telegram token", _joined(":", _chars("123456789", 9), _chars(_ALNUM, 35)), _ANYWHERE),
    SecretKind("openai key", _after("s" + "k-proj-", _ALNUM, 48), _ANYWHERE),
    SecretKind("anthropic key", _after("s" + "k-ant-api03-", _ALNUM, 60), _ANYWHERE),
    SecretKind("shopify token", _after("shp" + "at_", _HEX, 32), _ANYWHERE),
    SecretKind("age key", _after("AGE-SECRET" + "-KEY-1", _UPPER, 58), _ANYWHERE),
    SecretKind("json web token", _jwt, (*_ANYWHERE, "Authorization: Bearer {}", "kubectl --token={} get pods")),
    SecretKind(
        "bearer token", _chars(_URL_SAFE, 40), ("Authorization: Bearer {}", "curl -H 'Authorization: Bearer {}' x")
    ),
    SecretKind(
        "basic auth", _basic, ("Authorization: Basic {}", "curl -H 'Authorization: Basic {}' https://shop.example")
    ),
    SecretKind(
        "connection string",
        _password,
        (
            "postgresql://shop:{}@db-1.internal:5432/orders",
            "amqp://worker:{}@rabbit.internal/",
            "redis://:{}@cache.internal:6379/0",
            "mongodb+srv://app:{}@cluster0.example.net/shop",
            "shop:{}@tcp(mysql.internal:3306)/orders",
            "Server=db;Database=shop;User Id=sa;Password={};",
            "jdbc:postgresql://db/shop?user=app&password={}",
        ),
    ),
    SecretKind(
        "password",
        _password,
        (
            "password: {}",
            "DB_PASSWORD={}",
            '"password": "{}"',
            "The admin password is {}",
            "export PGPASSWORD='{}'",
            "ENV MYSQL_ROOT_PASSWORD {}",
            "password = {}",
        ),
    ),
    SecretKind("weak password", _weak_password, ("password: {}", "REDIS_PASSWORD={}", '"db_password": "{}"')),
    SecretKind(
        "password of a command",
        _password,
        (
            "mysql -h db -u root -p{} shop",
            "curl -u deploy:{} https://nexus.example/repo",
            "docker login -u ci -p {} registry.example",
            "redis-cli -h cache -a {} info",
            "psql --username app --password {}",
            "sshpass -p {} ssh ops@bastion",
            "ldapsearch -D cn=admin -w {} -b dc=shop",
            "CREATE USER app WITH PASSWORD '{}';",
        ),
    ),
    SecretKind("pgpass", _password, ("db-1.internal:5432:orders:app:{}",)),
    SecretKind("netrc", _password, ("machine git.example login deploy password {}",)),
    SecretKind(
        "password hash", _joined("$", lambda _: "$apr" + "1", _chars(_ALNUM, 8), _chars(_ALNUM, 22)), ("deploy:{}",)
    ),
    SecretKind(
        "kubernetes secret", _encoded, ("kind: Secret\ndata:\n  password: {}", "kind: Secret\ndata:\n  api: {}")
    ),
    SecretKind(
        "named value", _password, ("- name: DB_PASSWORD\n  value: {}", '{{"name": "API_TOKEN", "value": "{}"}}')
    ),
    SecretKind("kubeconfig token", _chars(_ALNUM, 40), ("users:\n- name: admin\n  user:\n    token: {}",)),
    SecretKind("tls private key", _pem("PRIVATE " + "KEY"), ("{}",)),
    SecretKind("ssh private key", _pem("OPENSSH PRIVATE " + "KEY"), ("{}",)),
    SecretKind("rsa private key", _pem("RSA PRIVATE " + "KEY"), ("{}",)),
    SecretKind("high-entropy string", _chars(_ALNUM, 44), ("{}", "Use `{}` to sign in.", '"{}"')),
)
