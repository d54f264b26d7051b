"""Every identity, counted at both ends."""

from __future__ import annotations

import sqlite3

from edge.rpc import event_pb2 as pb


def committed(folder):
    """What the outbox has, read by nothing of ours but the schema: (box, sequence, event_id)."""
    with sqlite3.connect(folder / "outbox.db") as database:
        bodies = database.execute("SELECT body FROM event ORDER BY sequence").fetchall()
    database.close()
    events = [pb.Event.FromString(body) for (body,) in bodies]
    return [(one.box_id, one.sequence, one.event_id) for one in events]


def check(rows, sent, *, without=()):
    """All that was sent is in rows, in order, each once, under its own identity; nothing else.

    Rows and sent are (box, sequence, event_id); `without` are (box, sequence) that were refused.
    """
    identities = [row[:2] for row in rows]
    assert len(set(identities)) == len(identities), "an identity is stored twice"
    for box in {row[0] for row in rows}:
        arrived = [sequence for where, sequence, _ in rows if where == box]
        assert arrived == sorted(arrived), "events of a box are stored out of order"
    known = {row[:2]: row[2] for row in sent}
    strange = [row for row in rows if known.get(row[:2]) != row[2]]
    assert not strange, f"never committed under this identity: {strange[:5]}"
    lost = known.keys() - set(identities) - set(without)
    assert not lost, f"lost: {sorted(lost)[:20]}"
