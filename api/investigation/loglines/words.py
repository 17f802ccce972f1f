"""Which kind of fault the words of a log line speak of. The words are data: they are looked up and never obeyed."""

import re

from api.investigation.faults import FaultKind

_WORDS: tuple[tuple[FaultKind, str], ...] = (
    (FaultKind.MEMORY, r"out ?of ?memory|oom[- ]?kill|cannot allocate memory|java heap space|memory limit"),
    (FaultKind.DISK, r"no space left|disk (?:is )?full|read-only file system|i/o error|disk quota"),
    (FaultKind.CREDENTIAL, r"x509|certificate|token (?:has )?expired|expired token|unauthori[sz]ed|forbidden|"
     r"access ?denied|permission denied|invalid (?:credentials|signature|api key)|authentication failed|\b40[13]\b"),
    (FaultKind.QUOTA, r"rate ?limit|too many requests|quota|throttl|\b429\b|limit exceeded"),
    (FaultKind.DNS, r"no such host|nxdomain|name resolution|could not resolve|unknown ?host|enotfound"),
    (FaultKind.DATABASE, r"deadlock|lock wait|too many connections|connection pool|pool (?:is )?exhausted|"
     r"could not obtain connection|slow query|statement timeout|remaining connection slots"),
    (FaultKind.DATA_ERROR, r"deseriali[sz]|unmarshal|parse error|malformed|schema|violates .{0,40}constraint|"
     r"no such column|unknown field|invalid (?:json|payload|encoding)|checksum"),
    (FaultKind.QUEUE_LAG, r"consumer lag|backlog|rebalanc|queue (?:is )?full|visibility timeout"),
    (FaultKind.SCHEDULING, r"imagepullbackoff|errimagepull|failedscheduling|insufficient (?:cpu|memory)"),
    (FaultKind.DEPENDENCY_SLOW, r"timed? ?out|deadline exceeded|context deadline"),
    (FaultKind.DEPENDENCY_DOWN, r"connection (?:refused|reset|closed)|econnrefused|unavailable|\b50[234]\b|"
     r"no healthy upstream|circuit (?:breaker )?(?:is )?open|broken pipe|unreachable"),
    (FaultKind.CRASH, r"panic|segmentation fault|core dumped|sigkill|sigterm|shutting down|crashloop|exit code"),
    (FaultKind.CODE_DEFECT, r"nullpointer|null pointer|typeerror|keyerror|attributeerror|indexerror|"
     r"index out of (?:range|bounds)|undefined is not|nil pointer|assertion|illegal(?:state|argument)|exception"),
)  # fmt: skip
_PATTERNS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)
_LONGEST = 1_000


def kinds_told(line: str) -> tuple[FaultKind, ...]:
    """Return the kinds of fault that a line's words speak of, most telling first; none where they speak of none."""
    return tuple(kind for kind, pattern in _PATTERNS if pattern.search(line[:_LONGEST]))
