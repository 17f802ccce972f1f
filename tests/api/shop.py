"""The documents that the tests of retrieval and answering ask about."""

DISK_FULL = """---
title: Disk full
services: [db]
updated: 2026-05-01
---
# DbDiskFull

The alert fires when the data volume of the database is more than 85 % full.

## Diagnosis

1. See which directory takes the space:

   ```sh
   du -sh /var/lib/db/*
   ```

2. Look for idle replication slots.

## Mitigation

1. Drop the idle slot:

   ```sql
   DROP TABLE old_events;
   ```

2. Remove the old logs with `rm -rf /var/lib/db/log`.
   - never touch the `wal` folder
3. Page team-storage if the volume is still full.
"""

POOL_RUNBOOK = """---
kind: runbook
---
# Checkout pool

| Key | Value | Note |
|---|---|---|
| `checkout.pool.size` | 20 | per pod |
| `checkout.pool.timeout` | 3 s | acquire |

The connection pool of checkout holds at most 20 connections per pod.
"""

POOL_DESIGN = """---
kind: architecture
---
# Data stores

The connection pool of checkout holds at most 30 connections per pod.
"""

OLD_FAILOVER = """---
title: Cache failover
status: superseded
superseded_by: runbooks/cache-failover-new.md
---
# Cache failover

To fail over the cache, restart the sentinel process on the cache master by hand.
"""

NEW_FAILOVER = """---
title: Cache failover
---
# Cache failover

To fail over the cache, run the promote job, then restart the sentinel process.
"""

OUTAGE = """---
kind: postmortem
date: 2026-02-11
---
# Search outage in February

## Impact

Search returned nothing for 42 minutes.

## Root cause

The reindex job swapped the alias before the new index was complete.

## Timeline

- 10:02 the alias is swapped
- 10:44 the alias is set back
"""

FILES = {
    "runbooks/DbDiskFull.md": DISK_FULL,
    "runbooks/checkout-pool.md": POOL_RUNBOOK,
    "architecture/data-stores.md": POOL_DESIGN,
    "runbooks/cache-failover-old.md": OLD_FAILOVER,
    "runbooks/cache-failover-new.md": NEW_FAILOVER,
    "postmortems/2026-02-11-search.md": OUTAGE,
}
