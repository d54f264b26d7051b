"""What was sent and is neither acked nor nacked."""

from edge.rpc import event_pb2, events_pb2
from edge.serve.outstanding import Outstanding


def batch(*sequences):
    events = [event_pb2.Event(sequence=one) for one in sequences]
    return events_pb2.SubscribeResponse(batch=events_pb2.EventBatch(events=events))


def test_of_a_run_and_of_a_batch_with_holes_each_event_is_outstanding():
    sent = Outstanding(begin=4)
    sent.add(batch(5, 6, 7))
    sent.add(batch(9, 12))
    assert sent.events == 5
    assert not sent.nack(8)
    assert sent.nack(9)
    assert sent.nack(6)
    assert sent.settled(12) == 0
    sent.ack(5)
    assert sent.settled(12) == 6
    sent.ack(7)
    assert sent.settled(12) == 11
    sent.ack(12)
    assert (sent.events, sent.settled(12)) == (0, 12)
