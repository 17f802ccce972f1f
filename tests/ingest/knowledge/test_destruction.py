"""Which commands are marked as destructive."""

import pytest

from ingest.knowledge.destruction import destruction


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /var/lib/x",
        "rm -fr x",
        "sudo rm -r /data",
        "kubectl -n shop delete pod $POD",
        "oc delete project x",
        "kubectl drain node-1 --ignore-daemonsets",
        "kubectl scale deploy/x --replicas=0",
        "helm uninstall checkout",
        "terraform destroy -auto-approve",
        "DROP TABLE orders;",
        "truncate table orders",
        "DELETE FROM orders WHERE id = 1",
        "redis-cli -h x FLUSHALL",
        "dd if=/dev/zero of=/dev/sda",
        "kill -9 42",
        "git push origin main --force",
        "docker system prune",
        "aws ec2 terminate-instances --instance-ids i-1",
        "curl -X DELETE http://x/indices/orders",
        "etcdctl member remove 8e9e05c52164694d",
        "reboot",
    ],
)
def test_what_destroys_or_interrupts_is_said_in_words(command: str) -> None:
    assert destruction(command)


@pytest.mark.parametrize(
    "command",
    [
        "kubectl get pods -n shop",
        "rm --help",
        "ls -la /var/lib/x",
        "SELECT * FROM deleted_orders",
        "kubectl describe pod dropwizard",
        "git log --oneline",
        "redis-cli INFO replication",
        "terraform plan",
        "curl -X POST http://x/y",
        "kubectl scale deploy/x --replicas=3",
        "docker ps",
    ],
)
def test_what_only_looks_is_not_marked(command: str) -> None:
    assert destruction(command) is None
