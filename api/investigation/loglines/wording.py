"""What the words of a log line say: the kinds of fault that they are typical of, and the component that they name."""

import re
from collections.abc import Iterable

from api.investigation.faults import FaultKind

_LOOKED_AT = 1_000  # characters
_K = FaultKind
# The first that matches says the most typical kind; words only, never what they ask for.
_TABLE: tuple[tuple[str, tuple[FaultKind, ...]], ...] = (
    (r"oom[-_ ]?kill|out ?of ?memory|cannot allocate memory|heap space|memory limit|memorypressure|heap growing",
     (_K.MEMORY, _K.CRASH)),
    (r"imagepullbackoff|errimagepull|failedscheduling|insufficient (?:cpu|memory)|unschedulable|evicted",
     (_K.SCHEDULING,)),
    (r"x509|certificate|\bexpired\b|unauthori[sz]ed|forbidden|permission denied|access denied|authentication failed|"
     r"invalid (?:token|credentials?|api.?key)|jwt|\b(?:status|http|code|returned|upstream)\W{0,3}(?:401|403)\b",
     (_K.CREDENTIAL,)),
    (r"quota (?:exceeded|exhausted)|rate.?limit|too many requests|throttl|resource.?exhausted|"
     r"\b(?:status|http|code|returned|upstream)\W{0,3}429\b", (_K.QUOTA,)),
    (r"no space left|disk (?:is )?full|enospc|read-only file ?system|i/o error|input/output error", (_K.DISK,)),
    (r"no such host|nxdomain|name (?:or service )?not (?:known|resolved)|unknownhost|getaddrinfo|enotfound|servfail|"
     r"temporary failure in name resolution", (_K.DNS,)),
    (r"deadlock|lock wait|lock.{0,30}time(?:d )?out|too many connections|pool (?:is )?(?:exhausted|timed out)|"
     r"connection is not available|remaining connection slots|slow query|could not serialize", (_K.DATABASE,)),
    (r"does not exist; line|relation \S{1,80} does not exist|unknown column|no such (?:table|column)|"
     r"duplicate key|constraint violation", (_K.DATA_ERROR, _K.BAD_CHANGE, _K.DATABASE)),
    (r"deseriali[sz]|serialization|schema|malformed|pars(?:e|ing) (?:error|exception|failed)|"
     r"failed to (?:parse|decode)|unexpected token|invalid json|validation error|missing required field|unmarshal",
     (_K.DATA_ERROR,)),
    (r"consumer lag|backlog|queue (?:is )?full|ageofoldest|offset commit|redeliver|rebalanc|not acking",
     (_K.QUEUE_LAG,)),
    (r"null ?pointer|nil pointer|typeerror|attributeerror|keyerror|indexerror|nameerror|referenceerror|classcast|"
     r"index ?out ?of|segfault|segmentation fault|assertion|panic|undefined is not|unhandled|not implemented|"
     r"nosuchmethod|classnotfound|traceback", (_K.CODE_DEFECT, _K.BAD_CHANGE)),
    (r"connection (?:was )?(?:refused|reset|closed|aborted)|econnrefused|econnreset|broken pipe|no route to host|"
     r"network is unreachable|unavailable|no healthy upstream|bad gateway|\b(?:502|503)\b",
     (_K.DEPENDENCY_DOWN, _K.NETWORK_PARTITION)),
    (r"time[d]? ?-?out|deadline|etimedout|latency budget|too slow|\bslow\b|\b504\b|context cancell?ed",
     (_K.DEPENDENCY_SLOW, _K.NETWORK_DELAY)),
    (r"crashloop|\bkilled\b|sigkill|sigterm|sigsegv|core dumped|exited with|shutting down|terminated|failed to start",
     (_K.CRASH,)),
    (r"overloaded|shedding load|saturated|too busy|request volume", (_K.TRAFFIC_SURGE, _K.CPU)),
    (r"cpu contended|cfs quota|runqueue|noisy|co-tenant", (_K.NOISY_NEIGHBOUR, _K.CPU)),
)  # fmt: skip
_KINDS = tuple((re.compile(pattern, re.IGNORECASE), kinds) for pattern, kinds in _TABLE)
_TROUBLE = re.compile(r"\b(?:error|fail(?:ed|ure|s)?|exception|abort(?:ed)?|reject(?:ed|ing)?|unable|cannot)\b", re.I)
_TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}")
_DYING = re.compile(r"oom[-_ ]?killed|out ?of ?memory|^panic|crashloop|segmentation fault|sigkill|core dumped", re.I)


def kinds_in(text: str) -> tuple[FaultKind, ...]:
    """Return the kinds of fault that the words of a line are typical of, most typical first; none for plain words."""
    looked_at = text[:_LOOKED_AT]
    found = [kind for pattern, kinds in _KINDS if pattern.search(looked_at) for kind in kinds]
    return tuple(dict.fromkeys(found))[:4]


def tells_trouble(text: str) -> bool:
    """Tell whether the words of a line say that something went wrong, whatever severity it was given."""
    return _TROUBLE.search(text[:_LOOKED_AT]) is not None or bool(kinds_in(text))


def tells_death(text: str) -> bool:
    """Tell whether a line says that a process died: one such line is enough."""
    return _DYING.search(text[:_LOOKED_AT]) is not None


def named_in(text: str, components: frozenset[str], own: str) -> str | None:
    """Return the first known component other than `own` that a line names as a whole word, or None."""
    for token in _words(text):
        if token != own and token in components:
            return token
    return None


def _words(text: str) -> Iterable[str]:
    """Give the words of a text; of a host name such as `shop.svc.local` its first parts too."""
    for found in _TOKEN.finditer(text[:_LOOKED_AT]):
        word = found.group().rstrip(".-")
        yield word
        if "." in word:
            yield word.partition(".")[0]
