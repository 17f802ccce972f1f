"""Commands in documents: the code of a block, and which of its words are commands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """The code inside a fenced or indented block: offsets in the text, and the language its fence names ("")."""

    start: int
    end: int
    language: str


def code_block(text: str, start: int, end: int) -> CodeBlock:
    """Return the code of the block at `[start, end)` of `text` without its fences."""
    fence = _FENCE.match(text[start:end])
    if fence is None:
        return CodeBlock(start, end, "")
    language = _LANGUAGE.match(fence.group(2).strip())
    return CodeBlock(start + fence.start(3), start + fence.end(3), language.group().lower() if language else "")


def commands_in(code: str, language: str = "") -> tuple[str, ...]:
    """Return the commands of a code block, in order; output, comments and configuration are none.

    Where lines carry a prompt, the lines with a prompt are the commands. Else each statement of a shell or
    SQL block is one, and in a block without a language each line that starts with a known tool.
    """
    if language in _SQL:
        return tuple(found for part in code.split(";") if (found := " ".join(_SQL_COMMENT.sub("", part).split())))
    if language not in _SHELLS and language:
        return ()
    lines = code.splitlines()
    prompted = [number for number, line in enumerate(lines) if _PROMPT.match(line)]
    if prompted:
        statements = (_joined(lines, number) for number in prompted)
        return tuple(found for statement in statements if (found := _PROMPT.sub("", statement, count=1).strip()))
    known = (each for each in _statements(lines) if language or is_command(each))
    return tuple(each for each in known if not _COMMENT_ONLY.match(each) and not _OUTPUT.match(each))


def is_command(code: str) -> bool:
    """Tell whether words in code format are a command: a known tool with arguments, or an SQL statement."""
    stripped = _LEAD.sub("", code.strip())
    tool, _, rest = stripped.partition(" ")
    name = tool.rpartition("/")[2]
    if name in _ALONE:
        return True
    if _SQL_STATEMENT.match(stripped):
        return True
    if name == "service":
        return bool(_SERVICE_ACTION.search(rest))
    return (
        bool(rest.strip(" =:"))
        and rest.lstrip()[0] not in "=:"
        and (name in _TOOLS or (tool.startswith("./") and len(tool) > 2))
    )


_FENCE = re.compile(r"\A[ \t]*(`{3,}|~{3,})[ \t]*([^\n`]*)\n(.*?)(?:\n[ \t]*\1[`~]*[ \t]*)?\Z", re.DOTALL)
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#-]+")
_SQL = frozenset({"sql", "psql", "pgsql", "postgresql", "mysql", "plsql", "cql", "clickhouse"})
_SHELLS = frozenset(
    {"", "bash", "sh", "shell", "zsh", "ksh", "fish", "console", "shell-session", "shellsession", "terminal"}
    | {"powershell", "ps1", "pwsh", "cmd", "bat", "batch", "none", "text-command", "command", "commandline"}
)
_PROMPT = re.compile(
    r"^[ \t]*(?:\([\w.-]+[#$>]\)[ \t]+|\[[^\]\n]{1,60}\][#$][ \t]+|[\w.-]+@[\w.:~/-]+[#$%][ \t]+|"
    r"(?:ncn|[a-z]+)-[\w-]+[#$][ \t]+|\$[ \t]+|PS [^>\n]{0,80}>[ \t]*|(?:postgres|mysql|redis)[\w.:-]*[=#>]+[ \t]+)"
)
_COMMENT_ONLY = re.compile(r"^\s*(?:#|//|--|REM\b|::)")
_OUTPUT = re.compile(r"[A-Z][A-Za-z]*[:,.]?(?:\s|$)(?!=)(?<!FLUSHALL)|[A-Z][A-Z_]+\s{2,}|\w+\s+=\s|[-=+*|<>{}\[\]]")
_SQL_COMMENT = re.compile(r"--[^\n]*")
_SQL_STATEMENT = re.compile(
    r"(?:SELECT\s.+\sFROM|DELETE\s+FROM|UPDATE\s.+\sSET|INSERT\s+INTO|(?:DROP|ALTER|CREATE|TRUNCATE)\s+"
    r"(?:TABLE|DATABASE|INDEX|USER|ROLE|VIEW|SCHEMA|EXTENSION)|VACUUM\s|ANALYZE\s|REINDEX\s|EXPLAIN\s)\b"
)
_LEAD = re.compile(r"^(?:\$[ \t]+|sudo(?:[ \t]+-\S+)*[ \t]+|time[ \t]+|nohup[ \t]+|[A-Z_][A-Z0-9_]*=\S*[ \t]+)+")
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)")
_OPENERS = re.compile(r"^\s*(?:for|while|until|if|case|select)\b|\b(?:do|then)\s*$|\{\s*$")
_CLOSERS = re.compile(r"^\s*(?:done|fi|esac|\})|;\s*(?:done|fi|esac|\})(?:\s|;|$)")
_SERVICE_ACTION = re.compile(r"^\S+ (?:start|stop|restart|reload|status)\b")
_ALONE = frozenset({"reboot", "poweroff", "FLUSHALL", "FLUSHDB"})
_QUOTES = re.compile(r"\\.|['\"]")
_LONGEST = 200
"""Lines that one statement may go on for; past it an open quote is taken for an apostrophe."""
_TOOL_NAMES = """
kubectl oc helm kustomize docker podman crictl ctr nerdctl kubeadm kind minikube k9s argocd flux istioctl
terraform terragrunt ansible ansible-playbook packer vagrant aws gcloud gsutil az doctl eksctl kops bq cf curl
wget ssh scp rsync sftp nc netcat telnet dig nslookup host ping traceroute mtr ip ifconfig ss netstat tcpdump
iptables nft openssl certbot keytool vault consul nomad etcdctl etcdutl psql pg_dump pg_restore pg_ctl
pg_basebackup gitlab-psql gitlab-ctl gitlab-rails gitlab-rake patronictl pgbouncer mysql mysqldump mysqladmin
mongo mongosh mongodump redis-cli gitlab-redis-cli clickhouse-client cqlsh nodetool rabbitmqctl rabbitmqadmin
kafka-topics kafka-topics.sh kafka-console-consumer kafka-consumer-groups kafka-consumer-groups.sh influx
promtool amtool thanos tempo-cli logcli jq yq systemctl journalctl service supervisorctl crontab chkconfig dmesg
sysctl modprobe mount umount df du ls cat cd cp mv rm mkdir rmdir touch chmod chown ln find grep egrep zgrep sed
awk sort head tail less tar gzip gunzip unzip zip dd mkfs fdisk parted lsblk blkid lvs vgs pvs lvextend lvremove
vgremove resize2fs xfs_growfs fsck e2fsck zfs zpool ceph rados rbd radosgw-admin ceph-volume kill pkill killall
ps top htop lsof strace watch tee xargs export source echo printf apt apt-get yum dnf rpm dpkg snap brew pip
pip3 npm npx yarn pnpm gem bundle rake rails python python3 ruby node java go make cargo git gh glab svn bash sh
zsh virtctl virsh qemu-img ipmitool cray sat craysys heroku hokusai fly flyctl knife chef-client puppet salt
velero rclone restic barman wal-g wal-e cnpg kubectl-cnpg krew openshift-install must-gather sops age gpg
sha256sum md5sum base64 useradd userdel usermod passwd su hostnamectl timedatectl ntpq chronyc tmux screen nginx
haproxy apachectl varnishadm socat skopeo buildah cosign bosh pscli deployer
"""
_TOOLS = frozenset(_TOOL_NAMES.split())
"""Programs whose name at the start of code in a sentence makes it a command."""


def _statements(lines: list[str]) -> Iterator[str]:
    """Yield the statements of a script: lines joined over continuations, quotes, here-documents and blocks."""
    position = 0
    while position < len(lines):
        statement = _joined(lines, position)
        position += max(1, statement.count("\n") + 1)
        if statement.strip():
            yield statement.strip()


def _joined(lines: list[str], first: int) -> str:
    """Return the statement that starts on line `first`, with the lines that it goes on for."""
    opened = 0
    quote = ""
    for number in range(first, min(len(lines), first + _LONGEST)):
        line = lines[number]
        heredoc = _HEREDOC.search(line) if not quote else None
        if heredoc:
            ends = (n for n in range(number + 1, min(len(lines), number + _LONGEST)) if lines[n].strip() == heredoc[1])
            return "\n".join(lines[first : next(ends, number) + 1])
        opened += bool(_OPENERS.search(line)) - len(_CLOSERS.findall(line))
        quote = _quote_after(line, quote)
        if opened <= 0 and not quote and not line.rstrip().endswith(("\\", "|", "&&", "||")):
            return "\n".join(lines[first : number + 1])
    return lines[first]


def _quote_after(line: str, quote: str) -> str:
    """Return which quote is open after `line`, given the one open before it; "" for none."""
    if not quote and _COMMENT_ONLY.match(line):
        return ""
    for mark in _QUOTES.findall(line):
        if not quote:
            quote = mark if mark in "'\"" else ""
        elif mark == quote:
            quote = ""
    return quote
