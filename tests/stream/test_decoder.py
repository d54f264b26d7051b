from types import SimpleNamespace

from av import error as av_error

from edge.stream.decoder import Decoder


def packet(*pictures):
    """A packet that decodes to these, or can't be decoded."""

    def decode():
        if not pictures:
            raise av_error.InvalidDataError(1, "Invalid data")
        return list(pictures)

    return SimpleNamespace(decode=decode)


def picture(*, key=False, corrupt=False):
    return SimpleNamespace(key_frame=key, is_corrupt=corrupt)


def test_a_damaged_picture_is_left_out_and_counted():
    decoder, good = Decoder(None), picture()

    assert decoder.whole(packet(picture(corrupt=True), good)) == [good]
    assert decoder.damaged == 1


def test_after_a_lost_packet_nothing_is_whole_until_a_key_picture():
    decoder, key, after = Decoder(None), picture(key=True), picture()

    given = [decoder.whole(one) for one in (packet(), packet(picture()), packet(key, after))]

    assert given == [[], [], [key, after]]
    assert decoder.damaged == 2


def test_a_damaged_key_picture_repairs_nothing():
    decoder = Decoder(None)
    decoder.whole(packet())

    assert decoder.whole(packet(picture(key=True, corrupt=True), picture())) == []
