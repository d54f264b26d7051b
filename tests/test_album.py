"""Pictures and films of a replay: nobody is recognisable in them, and they are bounded."""

import av
import cv2
import numpy as np
import pytest

from edge.album import LONGEST, SHORTEST, Album, filming, fitted
from edge.errors import FencelineError
from edge.picture import Still
from edge.sketch import Figure, Sheet
from edge.types import Frame, Scene, Tracks

SIZE = (640, 360)
HERE, THERE = [[100, 60, 200, 300]], [[400, 60, 500, 300]]
NOBODY = np.zeros((0, 4), np.float32)


def scene(pts, people=(), *, size=SIZE, seed=1):
    image = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    frame = Frame("gate", round(10 * pts), pts, 1_700_000_000 + pts, Still(image))
    return Scene(frame, Tracks.empty(), np.array(people, np.float32).reshape(-1, 4))


def detail(image, box):
    """How much neighbouring pixels differ there."""
    x1, y1, x2, y2 = box
    return np.abs(np.diff(image[y1 + 10 : y2 - 10, x1 + 10 : x2 - 10].astype(int), axis=1)).mean()


def read(path):
    return cv2.imread(str(path))


def shown(path):
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="bgr24") for frame in film.decode(video=0)]


def test_people_are_pixelated_in_every_picture(tmp_path):
    album = Album()
    album.see(scene(0.0, HERE), [(tmp_path / "a.jpg", Sheet())], None)
    album.close()
    image = read(tmp_path / "a.jpg")
    assert detail(image, HERE[0]) < detail(image, THERE[0]) / 5


def test_who_is_found_within_a_second_is_hidden_in_the_pictures_before(tmp_path):
    album = Album()
    for pts, people in ((0.0, HERE), (0.9, HERE + THERE), (2.5, ())):
        album.see(scene(pts, people), [(tmp_path / f"{pts}.jpg", Sheet())], None)
    album.close()
    first, last = read(tmp_path / "0.0.jpg"), read(tmp_path / "2.5.jpg")
    assert detail(first, THERE[0]) < detail(last, THERE[0]) / 5


def test_who_is_found_later_than_that_hides_nothing_before(tmp_path):
    album = Album()
    album.see(scene(0.0), [(tmp_path / "a.jpg", Sheet())], None)
    album.see(scene(1.0), [], None)
    assert (tmp_path / "a.jpg").exists()
    album.see(scene(1.1, HERE), [], None)
    album.close()
    assert detail(read(tmp_path / "a.jpg"), HERE[0]) > 30


def test_what_is_drawn_is_drawn_over_the_blocks_and_not_blurred_with_them(tmp_path):
    album, box = Album(), (100 / 640, 60 / 360, 200 / 640, 300 / 360)
    sheet = Sheet(figures=[Figure(box, (255, 255, 255))], rows=0)
    album.see(scene(0.0, HERE), [(tmp_path / "a.jpg", sheet)], None)
    album.close()
    left_edge = read(tmp_path / "a.jpg")[80:280, 96:104].max(axis=(1, 2))
    assert left_edge.min() > 200


@pytest.mark.parametrize("suffix", [".webm", ".mp4"])
def test_people_are_pixelated_in_every_picture_of_a_film(tmp_path, suffix):
    with filming(tmp_path / f"film{suffix}") as film:
        album = Album(film)
        for index in range(20):
            album.see(scene(index / 10, HERE, seed=index), [], Sheet(rows=2))
        album.close()
    pictures = shown(tmp_path / f"film{suffix}")
    assert len(pictures) == 20
    for image in pictures:
        assert detail(image, HERE[0]) < detail(image, THERE[0]) / 3


def test_a_picture_of_another_size_goes_into_the_same_film(tmp_path):
    with filming(tmp_path / "film.webm") as film:
        album = Album(film)
        album.see(scene(0.0), [], Sheet(rows=1))
        album.see(scene(0.1, HERE, size=(320, 240)), [], Sheet(rows=1))
        album.close()
    one, other = shown(tmp_path / "film.webm")
    assert one.shape == other.shape


def test_a_film_has_no_more_pictures_a_second_than_it_may(tmp_path):
    with filming(tmp_path / "film.webm") as film:
        wanted = [film.lets(index / 50) for index in range(100)]
    assert 20 <= sum(wanted) <= 21


def test_a_replay_that_fails_leaves_no_film_and_the_old_one_where_it_was(tmp_path):
    path = tmp_path / "film.webm"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), filming(path):
        raise KeyError
    assert [one.name for one in tmp_path.iterdir()] == ["film.webm"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("film.gif", "film.gif: unknown kind of video; name it .webm or .mp4"),
        ("none/film.webm", "film.webm: can't be written: No such file or directory; check"),
    ],
)
def test_a_film_that_can_not_be_made_is_told_at_once(tmp_path, name, said):
    with pytest.raises(FencelineError, match=said), filming(tmp_path / name):
        pytest.fail("it can't be made")


def test_a_folder_that_is_gone_is_told(tmp_path):
    album = Album()
    album.see(scene(0.0), [(tmp_path / "none" / "a.jpg", Sheet())], None)
    with pytest.raises(FencelineError, match=r"a\.jpg: can't be written: .*; check the folder"):
        album.close()


@pytest.mark.parametrize("size", [(1920, 1080), (768, 576), (160, 121), (1080, 1920), (33, 2001)])
def test_pictures_are_large_enough_for_words_and_small_enough_for_a_film(size):
    made = fitted(size)
    assert SHORTEST <= max(made) <= LONGEST
    assert all(side % 2 == 0 and side > 0 for side in made)
    if min(size) > 100:
        assert made[0] / made[1] == pytest.approx(size[0] / size[1], rel=0.01)
