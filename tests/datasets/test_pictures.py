import numpy as np
import PIL.Image
import pytest

from rnnzoo.datasets import read_picture
from rnnzoo.datasets.pictures import padded, picture_shape, resized


@pytest.fixture
def colours():
    return np.arange(5 * 7 * 3, dtype="uint8").reshape(5, 7, 3)


def saved(path, values, **options):
    PIL.Image.fromarray(values).save(path, **options)
    return path


def test_colours_and_grey(tmp_path, colours):
    path = saved(tmp_path / "c.png", colours)
    np.testing.assert_array_equal(read_picture(path), colours)
    assert picture_shape(path) == (5, 7, 3)
    weights = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(
        read_picture(path, channels=1)[..., 0], colours @ weights, atol=1
    )
    grey = saved(tmp_path / "g.png", colours[..., 0])
    assert picture_shape(grey) == (5, 7, 1)
    np.testing.assert_array_equal(read_picture(str(grey)), colours[..., :1])
    np.testing.assert_array_equal(
        read_picture(grey, channels=3), colours[..., [0, 0, 0]]
    )


def test_transparent_is_white(tmp_path, colours):
    alpha = np.full((5, 7, 1), 255, "uint8")
    alpha[0] = 0
    path = saved(tmp_path / "a.png", np.concatenate([colours, alpha], axis=2))
    found = read_picture(path)
    np.testing.assert_array_equal(found[1:], colours[1:])
    assert (found[0] == 255).all()


def test_a_palette_and_16_bits_and_black_and_white(tmp_path, colours):
    palette = PIL.Image.fromarray(colours).convert("P")
    palette.save(tmp_path / "p.png")
    np.testing.assert_array_equal(
        read_picture(tmp_path / "p.png"), np.asarray(palette.convert("RGB"))
    )
    deep = np.array([[0, 255, 256, 65535]], "uint16")
    found = read_picture(saved(tmp_path / "deep.png", deep))
    assert found[..., 0].tolist() == [[0, 0, 1, 255]]
    found = read_picture(saved(tmp_path / "b.png", np.eye(3, dtype=bool)))
    assert found[..., 0].tolist() == (np.eye(3) * 255).tolist()


@pytest.mark.parametrize("kind", ["int32", "float32"])
def test_pixels_of_32_bits(tmp_path, kind):
    path = saved(tmp_path / "deep.tif", np.ones((2, 2), kind))
    with pytest.raises(ValueError, match="Cannot read .* have 32 bits"):
        read_picture(path)


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_it_is_turned_as_its_camera_says(tmp_path, colours, ending):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # The camera was held upright.
    path = saved(tmp_path / f"turned.{ending}", colours, exif=exif)
    assert picture_shape(path) == (7, 5, 3)
    np.testing.assert_array_equal(read_picture(path), np.rot90(colours, -1))


def test_resized_as_a_mean_of_what_becomes_one(tmp_path):
    steps = np.repeat(np.array([[0, 0, 200, 200]], "uint8"), 2, axis=0)
    path = saved(tmp_path / "s.png", steps)
    found = read_picture(path, size=(1, 2))
    assert found.shape == (1, 2, 1)
    # Triangles, of which a quarter lies beyond the edge between the two.
    assert found[0, 0, 0] + found[0, 1, 0] == 200
    assert found[0, 0, 0] < 40
    np.testing.assert_array_equal(found, resized(steps[..., None], (1, 2)))
    assert read_picture(path, size=(2, 4)).tolist() == steps[..., None].tolist()
    with pytest.raises(ValueError, match="picture of 2 channels to resize"):
        resized(np.zeros((4, 4, 2), "uint8"), (2, 2))


def test_padded():
    found = padded(np.ones((1, 2, 1), "uint8"), (2, 3))
    assert found[..., 0].tolist() == [[1, 1, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="3 x 2 .* more than 2 x 3"):
        padded(np.ones((3, 2, 1), "uint8"), (2, 3))


@pytest.mark.parametrize("read", [read_picture, picture_shape])
def test_files_that_are_none(tmp_path, read):
    with pytest.raises(ValueError, match="no file .*absent.png"):
        read(tmp_path / "absent.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match="Cannot read .*text.png' as a pict"):
        read(tmp_path / "text.png")


def test_half_a_file(tmp_path, colours):
    path = saved(tmp_path / "half.png", np.tile(colours, (40, 40, 1)))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="Cannot read .*half.png' as a pictur"):
        read_picture(path)
