"""Commands that destroy something: found by pattern, said in words."""

import re


def destruction(command: str) -> str | None:
    """Return what a command destroys, in words, or None where no known pattern matches."""
    found = [words for pattern, words in _DESTRUCTIVE if pattern.search(command)]
    return "; ".join(dict.fromkeys(found)) or None


_DESTRUCTIVE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"\brm\s+(?:-\S+\s+)*-\S*[rf]", "deletes files without asking"),
        (r"\bfind\b[^\n|;]*\s-delete\b|\bxargs\s+rm\b|\bshred\b|\btruncate\s+-s\s*0", "deletes or empties files"),
        (r"\b(?:kubectl|oc)\b[^\n|;]*\s(?:delete|drain)\b", "deletes or evicts Kubernetes objects"),
        (
            r"\bkubectl\b[^\n|;]*\breplace\b[^\n|;]*--force|--grace-period[= ]0",
            "force-replaces or kills Kubernetes objects",
        ),
        (r"\bkubectl\b[^\n|;]*\bscale\b[^\n|;]*--replicas[= ]0\b", "scales a workload to zero"),
        (r"\bhelm\s+(?:\S+\s+)*(?:delete|uninstall)\b", "uninstalls a release"),
        (
            r"\bterraform\s+(?:\S+\s+)*destroy\b|\bterraform\s+state\s+rm\b",
            "destroys managed infrastructure or its state",
        ),
        (
            r"\bdrop\s+(?:table|database|schema|index|user|role|view|column|keyspace|collection|partition)\b",
            "drops a database object",
        ),
        (r"\btruncate\s+(?:table\s+)?[a-z_\"`]", "empties a table"),
        (r"\bdelete\s+from\b", "deletes rows"),
        (r"\balter\s+table\b[^\n;]*\b(?:drop|delete)\b", "removes data or columns of a table"),
        (r"\bpg_terminate_backend\b|\bpg_resetwal\b", "ends database sessions or rewrites the log"),
        (r"\bpg_drop_replication_slot\b", "drops a replication slot"),
        (r"\b(?:flushall|flushdb)\b", "empties a Redis database"),
        (r"\bredis-cli\b[^\n|;]*\b(?:del|unlink)\b", "deletes Redis keys"),
        (r"\bmkfs\b|\bwipefs\b|\bdd\s+[^\n]*\bof=|\bsgdisk\b[^\n]*(?:--zap|-Z)|\bfdisk\b", "overwrites a disk"),
        (r"\b(?:lvremove|vgremove|pvremove|zpool\s+destroy|zfs\s+destroy)\b", "removes a volume"),
        (
            r"\b(?:shutdown|poweroff|reboot|halt)\b(?!\s+hook)|\bipmitool\b[^\n]*\bpower\s+(?:off|cycle|reset)",
            "stops or restarts a machine",
        ),
        (r"\bkill\s+-(?:9|KILL)\b|\bpkill\b|\bkillall\b", "kills processes"),
        (
            r"\bgit\s+(?:reset\s+--hard|clean\s+-\S*f|push\s+[^\n]*(?:--force|-f\b))",
            "discards or overwrites commits or files",
        ),
        (r"\b(?:docker|podman|crictl)\b[^\n|;]*\s(?:rm|rmi|prune)\b", "removes containers, images or volumes"),
        (
            r"\baws\b[^\n|;]*\s(?:delete-|terminate-|rb\b|s3\s+rm)|\bgcloud\b[^\n|;]*\bdelete\b|\baz\b[^\n|;]*\bdelete\b",
            "deletes cloud resources",
        ),
        (r"\b(?:rabbitmqctl|rabbitmqadmin)\b[^\n|;]*\b(?:purge|delete|reset|force_reset)", "purges or resets queues"),
        (r"\bkafka-topics\b[^\n]*--delete|\bkafka-delete-records\b", "deletes topics or records"),
        (r"\bcurl\b[^\n|;]*-X\s*[\"']?DELETE\b|\b-XDELETE\b", "sends an HTTP DELETE"),
        (r"\betcdctl\b[^\n|;]*\b(?:del|member\s+remove|defrag)\b", "changes or removes etcd data or members"),
        (
            r"\bceph\b[^\n|;]*\b(?:osd\s+(?:purge|destroy|rm|crush\s+remove)|pool\s+delete|fs\s+rm)\b",
            "removes Ceph data or daemons",
        ),
        (r"\bcrontab\s+-r\b|\biptables\s+-F\b|\bchmod\s+-R\s+777\b", "wipes or opens system configuration"),
    )
)
"""What destroys or interrupts, by the words of the tools' own manuals; a mark is a warning, not a verdict."""
