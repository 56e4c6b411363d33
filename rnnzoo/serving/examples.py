"""An example of a data set as a file, which its model can be tried on.

Each function returns what a run keeps: a dict from path to str or bytes.
`readers` makes of it what the model was trained on.
"""

import csv
import io

import numpy as np


def picture(values):
    """example.png, of uint8 `(height, width, channels)`.

    Nothing for other channels than grey or red, green and blue, which no
    picture has that is read.
    """
    if values.shape[2] not in (1, 3):
        return {}
    return {"example.png": _png(values)}


def frames(clip):
    """The folder example/, of uint8 `(frames, height, width, channels)`."""
    if clip.shape[3] not in (1, 3):
        return {}
    width = len(str(len(clip) - 1))
    return {
        f"example/{number:0{width}}.png": _png(values)
        for number, values in enumerate(clip)
    }


def recording(samples, rate):
    """example.wav, of int16 `(samples,)`, so many per second."""
    import scipy.io.wavfile

    content = io.BytesIO()
    scipy.io.wavfile.write(content, rate, samples)
    return {"example.wav": content.getvalue()}


def series(times, values, columns):
    """example.csv, each value in it as exact as it was.

    Args:
        times: datetime64 `(time,)`.
        values: float32 `(time, columns)`.
        columns: sequence of str.
    """
    name = "time"
    while name in columns:
        name += "_"
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow([name, *columns])
    for time, row in zip(times, values, strict=True):
        texts = (np.format_float_positional(x, trim="0") for x in row)
        writer.writerow([time, *texts])
    return {"example.csv": content.getvalue()}


def _png(values):
    import PIL.Image

    content = io.BytesIO()
    array = values[..., 0] if values.shape[2] == 1 else values
    PIL.Image.fromarray(array).save(content, "png")
    return content.getvalue()
