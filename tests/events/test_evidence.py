"""Evidence: masked, pixelated, whole or not there, gone in time."""

import errno
import hashlib
import os
import shutil
from itertools import count

import cv2
import numpy as np
import pytest

from edge import privacy
from edge.events.evidence import EvidenceStore
from edge.rpc import event_pb2 as pb
from tests.events.make_events import NOW, filled, scene
from tests.make import HEIGHT, WIDTH

PERSON = (20, 10, 80, 90)
A = "a" * 32


@pytest.fixture
def store(tmp_path, clock):
    return open_store(tmp_path / "evidence", clock)


def open_store(folder, clock, *, size=2**20, age_s=100.0, **options):
    return EvidenceStore(folder, max_bytes=size, max_age_s=age_s, clock=clock, **options)


def ids(kept):
    return [one.evidence_id for one in kept]


def files(store):
    return sorted(path.name for path in store._folder.iterdir())


def picture(store, evidence):
    return cv2.imdecode(np.fromfile(store.path(evidence.evidence_id), np.uint8), 1)


def roughness(image):
    """How much neighbours differ; noise is rough, blocks are smooth."""
    return float(np.abs(np.diff(image.astype(np.int16), axis=1)).mean())


def test_the_message_says_what_was_written(store):
    evidence = store.write(scene())
    data = store.path(evidence.evidence_id).read_bytes()
    assert evidence.sha256 == hashlib.sha256(data).hexdigest()
    assert evidence.size_bytes == len(data) > 0
    assert evidence.media_type == "image/jpeg"
    assert evidence.expire_time.ToSeconds() == NOW + 100
    assert files(store) == [f"{evidence.evidence_id}.jpg"]
    assert picture(store, evidence).shape == (HEIGHT, WIDTH, 3)


def test_clips_and_pictures_share_one_bound(tmp_path, clock):
    store = open_store(tmp_path / "evidence", clock, size=2500)
    kinds = [("video/webm", pb.EVIDENCE_ROLE_CLIP), ("image/jpeg", pb.EVIDENCE_ROLE_BEST)] * 2
    kept = []
    for media_type, role in kinds:
        clock.now += 1
        kept.append(store.keep(bytes(1000), media_type, role))
    assert [(one.media_type, one.role) for one in kept] == kinds
    assert [store.path(one.evidence_id) is not None for one in kept] == [False, False, True, True]
    assert [path.suffix for path in map(store.path, ids(kept[2:]))] == [".webm", ".jpg"]


def test_clips_expire_and_are_known_to_a_new_store(store, clock):
    clip = store.keep(b"clip", "video/webm", pb.EVIDENCE_ROLE_CLIP)
    again = open_store(store._folder, clock)
    again.recover()
    assert again.path(clip.evidence_id).read_bytes() == b"clip"
    clock.now += 101
    assert again.path(clip.evidence_id) is None
    again.sweep()
    assert files(store) == []


def test_people_are_pixelated_and_the_rest_is_sharp(store):
    written = picture(store, store.write(scene(PERSON)))
    left, top, right, bottom = PERSON
    assert roughness(written[:, 120:]) > 30
    assert roughness(written[top:bottom, left:right]) < roughness(written[:, 120:]) / 5
    width = (right - left) * (1 + 2 * privacy.MARGIN)
    block = int(width / privacy.BLOCKS)
    assert np.ptp(written[top + 2 : top + 8, left : left + block // 2].astype(int)) < 60


def test_masks_are_black(store):
    masked = scene()
    privacy.burn_masks(masked.frame.image, [np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]])])
    written = picture(store, store.write(masked))
    assert written[:, : WIDTH // 2 - 8].max() < 8
    assert written[:, WIDTH // 2 + 8 :].mean() > 90


def test_the_scene_itself_is_left_alone(store):
    seen = scene(PERSON)
    before = seen.frame.image.copy()
    store.write(seen)
    assert (seen.frame.image == before).all()


def test_ids_can_not_be_guessed_from_one_another(store):
    ids = {store.write(scene()).evidence_id for _ in range(20)}
    assert len(ids) == len({one[:8] for one in ids}) == len({one[-8:] for one in ids}) == 20


@pytest.mark.parametrize(
    "wrong",
    ["", "..", "../secret", f"{A}/../../secret", "/etc/passwd", A[1:], A.upper(), f"{A}\n"],
)
def test_what_is_no_id_leads_nowhere(store, tmp_path, wrong):
    (store._folder / A).mkdir(parents=True)  # so that a way out through it would exist
    (tmp_path / "secret.jpg").touch()
    for name in ("", A[1:], A.upper(), f"{A}\n"):
        (store._folder / f"{name}.jpg").touch()
    assert store.path(wrong) is None


def test_a_picture_is_on_the_disk_before_it_has_its_name(store, monkeypatch):
    synced, real = [], os.fsync

    def fsync(file):
        real(file)
        synced.append(sorted(path.suffix for path in store._folder.iterdir()))

    monkeypatch.setattr(os, "fsync", fsync)
    store.write(scene())
    assert synced == [[".part"], [".jpg"]]


def test_an_unknown_picture_is_none(store):
    assert store.path("a" * 32) is None


def test_an_expired_picture_is_not_shown_even_before_it_is_swept(store, clock):
    evidence = store.write(scene())
    clock.now += 100
    assert store.path(evidence.evidence_id)
    clock.now += 1
    assert store.path(evidence.evidence_id) is None
    assert len(files(store)) == 1


def test_sweeping_deletes_what_has_expired(store, clock):
    store.write(scene())
    clock.now += 60
    young = store.write(scene())
    clock.now += 41
    store.sweep()
    assert files(store) == [f"{young.evidence_id}.jpg"]


def test_the_oldest_make_room_before_the_newest_is_written(tmp_path, clock):
    one = open_store(tmp_path / "a", clock).write(scene()).size_bytes
    store = open_store(tmp_path / "b", clock, size=3 * one + one // 2)
    written = []
    for _ in range(6):
        clock.now += 1
        written.append(store.write(scene()).evidence_id)
        assert sum(path.stat().st_size for path in store._folder.iterdir()) <= 3.5 * one
    assert files(store) == sorted(f"{name}.jpg" for name in written[3:])


def test_a_new_store_knows_what_an_older_one_wrote(tmp_path, clock):
    first = open_store(tmp_path / "evidence", clock)
    old, size = first.write(scene()), first.write(scene()).size_bytes
    clock.now += 50
    again = open_store(tmp_path / "evidence", clock, size=2 * size + size // 2)
    assert again.path(old.evidence_id)
    new = again.write(scene())
    assert len(files(again)) == 2
    clock.now += 51
    again.sweep()
    assert files(again) == [f"{new.evidence_id}.jpg"]


def test_recovery_removes_what_is_half_written_or_expired_and_nothing_else(store, clock):
    expired = store.write(scene())
    clock.now += 101
    whole = store.write(scene())
    (store._folder / f"{'b' * 32}.part").write_bytes(b"half")
    (store._folder / "notes.txt").touch()
    again = open_store(store._folder, clock)
    again.recover()
    assert files(store) == sorted(["notes.txt", f"{whole.evidence_id}.jpg"])
    assert not store.path(expired.evidence_id)


def test_recovery_needs_no_folder(tmp_path, clock):
    store = open_store(tmp_path / "not" / "yet", clock)
    store.recover()
    assert store.write(scene()).size_bytes


def test_one_picture_larger_than_all_may_be_is_refused(tmp_path, clock):
    with pytest.raises(OSError, match="more than all"):
        open_store(tmp_path, clock, size=100).write(scene())
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_nothing_half_written(small_disk, clock):
    store = open_store(small_disk / "evidence", clock, reserve_bytes=0)
    store.write(scene())
    before = files(store)
    with filled(small_disk), pytest.raises(OSError, match="No space") as caught:
        store.write(scene())
    assert caught.value.errno == errno.ENOSPC
    assert files(store) == before
    store.write(scene())


@pytest.mark.parametrize("call", ["fsync", "utime", "open"])
def test_a_disk_that_fails_at_any_step_leaves_nothing(store, monkeypatch, call):
    store.write(scene())
    before, calls, real = files(store), count(1), getattr(os, call)

    def fails(*args, **options):
        if call == "open" or next(calls) == 1:
            raise OSError(errno.EIO, "Input/output error")
        return real(*args, **options)

    monkeypatch.setattr(os, call, fails)
    with pytest.raises(OSError, match="Input/output"):
        store.write(scene())
    monkeypatch.undo()
    assert files(store) == before


def test_pictures_leave_the_last_of_a_disk_to_the_events(tmp_path, clock):
    free = shutil.disk_usage(tmp_path).free
    store = open_store(tmp_path / "evidence", clock, reserve_bytes=2 * free)
    with pytest.raises(OSError, match="No space"):
        store.write(scene())
    assert files(store) == []


def test_a_folder_that_was_deleted_is_made_anew(store, clock):
    store.write(scene())
    shutil.rmtree(store._folder)
    evidence = store.write(scene())
    assert store.path(evidence.evidence_id)
    clock.now += 101
    store.sweep()
    assert files(store) == []
