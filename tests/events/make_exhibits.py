"""A watched yard: scenes as time goes by, what is recorded of them, and the clips played back."""

import av
import cv2
import numpy as np

from edge.events.evidence import EvidenceStore
from edge.events.exhibits import Clips, Exhibits
from edge.metrics import Metrics
from edge.picture import Still
from edge.privacy import Masked
from edge.rpc import event_pb2 as pb
from edge.stream.clip import ClipEncoder
from edge.types import Frame, Scene, State
from tests.events.make_events import NOW, FakeClock, event, open_journal
from tests.make import tracks

WIDTH, HEIGHT = 320, 180
MASK = np.array([[0, 0.5], [0.2, 0.5], [0.2, 1], [0, 1]], np.float32)
TRACK = 7
FPS = 10  # of what is analysed
BEFORE_S, AFTER_S = 2.0, 3.0
PER_S = 20  # pixels that the clock's hand goes in a second
RAISE, UPDATE, CLEAR = State.RAISED, State.UPDATED, State.CLEARED


def clips(encoder=ClipEncoder, **options):
    options = {"before_s": BEFORE_S, "after_s": AFTER_S, "width": WIDTH, "fps": 5.0} | options
    return Clips(lambda size, fps: encoder(size, fps=fps), **options)


def seen(pts, *, foot=(160, 150), height=80, known=True, session=0, size=(WIDTH, HEIGHT)):
    """Somebody in stripes before a grey wall, and a white hand that tells the time."""
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    (x, y), half = foot, height // 4
    image[y - height : y, x - half : x + half : 4] = 255
    image[y - height : y, x - half + 1 : x + half : 4] = 0
    at = round(pts * PER_S)
    image[:30, max(0, at - 2) : at + 3] = 255
    image = image if size == (WIDTH, HEIGHT) else cv2.resize(image, size)
    scale = size[0] / WIDTH
    here = {TRACK: (x * scale, y * scale)} if known else {}
    found = tracks(here, width=2 * half * scale, height=height * scale)
    picture = Masked(Still(image), [MASK])
    frame = Frame("gate", round(pts * FPS), pts, NOW + pts, picture, session=session)
    return Scene(frame, found, found.xyxy)


class Log(list):
    """Takes every event."""

    def append(self, events):
        self.extend(events)
        return list(events)

    def open_alerts(self):
        return []


class Yard:
    """A journal with its evidence, and time that passes."""

    def __init__(self, folder, **options):
        self.metrics, self.folder, self.log = Metrics(), folder, Log()
        self.store = EvidenceStore(
            folder, max_bytes=2**24, max_age_s=1e6, clock=FakeClock(), reserve_bytes=0
        )
        self.exhibits = Exhibits(self.store, metrics=self.metrics, **({"clips": clips()} | options))
        self.journal = open_journal(self.log, exhibits=self.exhibits)
        self.pts = 0.0

    def watch(self, seconds, *events, **looks):
        """Let time pass; the events, (state, key), happen in the first frame."""
        for _ in range(round(seconds * FPS)):
            self.see(seen(self.pts, **looks), *events)
            events = ()

    def see(self, scene, *events, **facts):
        happened = [event(state, key=key, at=scene.frame.time, **facts) for state, key in events]
        self.journal.record(happened, scene)
        self.pts = round(self.pts + 1 / FPS, 3)

    def told(self):
        """State and reason of every event."""
        return [(pb.State.Name(one.state).removeprefix("STATE_"), one.reason) for one in self.log]

    def piece(self, role, event=-1):
        """The only evidence of a role that an event names; None where there is none."""
        of = [one for one in self.log[event].more_evidence if one.role == role]
        assert len(of) <= 1
        return of[0] if of else None

    def clip(self, event=-1):
        return self.piece(pb.EVIDENCE_ROLE_CLIP, event)

    def film(self, event=-1):
        return film(self.store.path(self.clip(event).evidence_id))

    def image(self, evidence):
        return cv2.imread(str(self.store.path(evidence.evidence_id)))

    def files(self):
        return sorted(path.suffix for path in self.folder.iterdir())


def film(path):
    """Time and picture of every frame of a clip."""
    with av.open(str(path)) as container:
        frames = [
            (frame.time, frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)
        ]
    assert frames
    return frames


def clock_of(image):
    """The time that the hand shows."""
    columns = image[:30].astype(float).sum(axis=(0, 2))
    return float(np.convolve(columns, np.ones(5), "same").argmax()) / PER_S


def detail(image):
    """How much neighbours differ: stripes do, blocks don't."""
    return float(np.abs(np.diff(image.astype(int), axis=1)).mean())
