import io

import keras
import numpy as np
import pytest

from rnnzoo.diagnostics.draw import draw
from tests.diagnostics.drawing.models import MODELS, model, sequential


def numbers(name, **options):
    return draw(model(name), **options).numbers


def test_time_goes_to_the_right():
    found = numbers("many_to_one", steps=3)
    assert found["boxes"] == {
        "embedding": 3,
        "forward": 3,
        "head": 1,
        "input": 3,
        "output": 1,
    }
    assert found["arrows"] == {"forward": 2, "up": 3 + 3 + 2}
    chain = [edge[:2] for edge in found["edges"] if edge[2] == "forward"]
    assert chain == [
        ("1 LSTM forward/1", "1 LSTM forward/2"),
        ("1 LSTM forward/2", "1 LSTM forward/T"),
    ]
    assert ("1 LSTM forward/T", "head", "up") in found["edges"]


def test_two_directions_go_against_each_other():
    found = numbers("both_ways", steps=4)
    boxes, arrows = found["boxes"], found["arrows"]
    assert boxes["forward"] == boxes["backward"] == 2 * 4
    assert arrows["forward"] == arrows["backward"] == 2 * 3
    backward = [edge[:2] for edge in found["edges"] if edge[2] == "backward"]
    assert backward[0] == ("1 GRU backward/2", "1 GRU backward/1")
    # Outputs are joined below the second layer; above it, each direction
    # tells what it knows at its own end.
    assert boxes["join"] == 4
    ends = [edge[0] for edge in found["edges"] if edge[1] == "pooling"]
    assert ends == ["2 GRU forward/T", "2 GRU backward/1"]


def test_a_mean_takes_every_step():
    found = numbers("pooled", steps=4)
    ends = [edge[0] for edge in found["edges"] if edge[1] == "pooling"]
    assert len(ends) == 4
    assert found["arrows"]["skip"] == found["boxes"]["plus"] == 4


def test_a_single_step_has_no_recurrence():
    found = numbers("one_to_one")
    assert found["boxes"]["forward"] == 1
    assert "forward" not in found["arrows"]
    assert found["arrows"]["carry"] == 2
    assert numbers("one_to_one", unrolled=False)["arrows"] == {"up": 3}


def test_every_step_has_its_output():
    found = numbers("synced", steps=5)
    assert found["boxes"]["output"] == found["boxes"]["head"] == 5
    assert found["arrows"]["forward"] == 2 * 4


def test_labels_of_a_crf_are_linked_without_direction():
    assert numbers("crf", steps=4)["arrows"]["crf"] == 3
    assert numbers("crf", unrolled=False)["arrows"]["crf"] == 1


def test_ctc_makes_fewer_labels_than_steps():
    found = numbers("ctc", steps=4)
    assert found["boxes"]["ending"] == 1
    assert found["boxes"]["output"] == 4 + 3


def test_a_decoder_reads_what_it_wrote():
    found = numbers("plain_seq2seq", steps=3)
    assert found["boxes"]["forward"] == 6
    assert found["arrows"]["forward"] == 4
    # The step before the last is not drawn.
    assert found["arrows"]["feed"] == 1
    assert [e[:2] for e in found["edges"] if e[2] == "bridge"] == [
        ("encoder/1 GRU forward/T", "bridge"),
        ("bridge", "decoder/1 GRU forward/1"),
    ]


def test_attention_looks_at_all_steps_from_every_step():
    found = numbers("seq2seq", steps=3)
    looks = [edge for edge in found["edges"] if edge[2] == "attend"]
    assert [source for source, _, _ in looks] == ["memory"] * 3
    assert sum(edge[1] == "memory" for edge in found["edges"]) == 3
    assert sum(edge[1] == "bridge" for edge in found["edges"]) == 2
    # Each of the decoder's layers gets its first states.
    assert sum(edge[0] == "bridge" for edge in found["edges"]) == 2


@pytest.mark.parametrize(
    "name, bridged", [("one_to_many", 1), ("first_input", 1), ("every_step", 3)]
)
def test_an_input_reaches_the_decoder_as_it_is_told(name, bridged):
    found = numbers(name, steps=3)
    assert sum(edge[0] == "bridge" for edge in found["edges"]) == bridged
    more = name == "first_input"
    assert found["boxes"]["forward"] == 3 + more
    assert found["boxes"].get("plus", 0) == 3 * (name == "every_step")


def test_input_feeding_and_regions():
    found = numbers("captions", steps=4)
    fed = [edge[:2] for edge in found["edges"] if edge[2] == "feed"]
    assert (
        "decoder/2 attention attention/1",
        "decoder/1 GRU forward/2",
    ) in fed
    assert len(fed) == 2 + 2
    assert ("CNN", "decoder/2 attention attention/1", "attend") in found[
        "edges"
    ]


def test_all_segments_of_the_future_begin_at_the_end_of_the_past():
    found = numbers("segments", steps=4)
    handed = [edge[0] for edge in found["edges"] if edge[2] == "bridge"]
    assert handed == ["past/1 GRU forward/T"] * 2
    assert found["arrows"]["forward"] == 3  # of the past alone


def test_folded_arrows_lead_back():
    found = numbers("both_ways", unrolled=False)
    loops = [edge for edge in found["edges"] if edge[0] == edge[1]]
    assert len(loops) == found["recurrences"] == 4
    assert found["boxes"]["forward"] == found["boxes"]["backward"] == 2


@pytest.mark.parametrize(
    "length, steps, names",
    [(3, 4, "123"), (7, 3, "127"), (None, 3, "12T")],
)
def test_the_last_step_has_its_number_where_it_is_known(length, steps, names):
    inputs = keras.Input((length, 2))
    gru = keras.layers.GRU(4)(inputs)
    found = draw(keras.Model(inputs, gru), steps=steps).numbers
    chain = [edge[:2] for edge in found["edges"] if edge[2] == "forward"]
    boxes = [f"0 GRU forward/{name}" for name in names]
    assert chain == list(zip(boxes, boxes[1:], strict=False))


@pytest.mark.parametrize("unrolled", [True, False])
@pytest.mark.parametrize("name", [*MODELS, "sequential"])
def test_every_drawing_is_painted_whole(name, unrolled):
    drawn = sequential() if name == "sequential" else model(name)
    figure, _ = draw(drawn, unrolled=unrolled)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=50)
    # Every word lies inside the picture.
    whole = figure.bbox
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert whole.x0 <= box.x0 and box.x1 <= whole.x1, text
        assert whole.y0 <= box.y0 and box.y1 <= whole.y1, text


def test_words_fit_into_their_boxes():
    figure, _ = draw(model("seq2seq"))
    figure.savefig(io.BytesIO(), format="png")
    boxes = [p.get_window_extent() for p in figure.axes[0].patches]
    for word in ("embedding", "attention", "softmax", "→ GRU"):
        texts = [t for t in figure.axes[0].texts if t.get_text() == word]
        assert texts
        for text in texts:
            box = text.get_window_extent()
            around = [
                b
                for b in boxes
                if b.x0 <= box.x0
                and box.x1 <= b.x1
                and b.y0 <= box.y0
                and box.y1 <= b.y1
            ]
            assert around, word


def test_a_batch_is_not_needed_and_may_be_there():
    x = np.array([[5, 6]])
    with_batch = draw(model("many_to_one"), x).numbers
    assert with_batch["edges"] == numbers("many_to_one")["edges"]
    assert with_batch["weights"] == model("many_to_one").count_params()


@pytest.mark.parametrize("steps", [1, 0, 2.5])
def test_too_few_steps(steps):
    with pytest.raises(ValueError, match="steps"):
        draw(model("many_to_one"), steps=steps)
