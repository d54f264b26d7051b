"""A reader of a box that comes back whatever happens, and stores before it acknowledges."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue

import grpc

from edge.rpc import events_pb2 as pb
from edge.rpc.events_pb2_grpc import EventsStub

OPTIONS = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]


class Follower(threading.Thread):
    """Connects anew when nothing is heard for `patience_s`; acks one by one, or some, or never."""

    def __init__(self, port, kept, *, patience_s=0.5, consumer="centre", acks=True):
        super().__init__(daemon=True)
        self.port, self.kept, self.acks = port, kept, acks
        self.came = 0  # how often it connected
        self._patience_s, self._consumer = patience_s, consumer
        self._stopping = threading.Event()
        self.box = ""  # whose events were heard last

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self.join(10)

    def run(self):
        while not self._stopping.wait(0.02):
            with grpc.insecure_channel(f"127.0.0.1:{self.port}", OPTIONS) as channel:
                self.came += 1
                self._follow(channel)

    def _follow(self, channel):
        says, hears = SimpleQueue(), SimpleQueue()
        says.put(pb.SubscribeRequest(start=pb.Start(consumer=self._consumer)))
        call = EventsStub(channel).Subscribe(iter(says.get, None))
        reader = threading.Thread(target=_read, args=(call, hears), daemon=True)
        reader.start()
        try:
            while not self._stopping.is_set():
                heard = hears.get(timeout=self._patience_s)
                if heard is None:
                    return
                self._take(heard, says)
        except Empty:
            return
        finally:
            says.put(None)
            call.cancel()
            reader.join(5)

    def _take(self, heard, says):
        match heard.WhichOneof("message"):
            case "event":
                self.box = heard.event.box_id
                self.kept.take([heard.event])
                sequence = heard.event.sequence
            case "gap":
                self.kept.miss(self.box, heard.gap)
                sequence = heard.gap.last_missing
            case _:
                return
        if self.acks:
            says.put(pb.SubscribeRequest(ack=pb.Ack(sequence=sequence)))


def _read(call, hears):
    try:
        for heard in call:
            hears.put(heard)
    except grpc.RpcError:
        pass
    finally:
        hears.put(None)
