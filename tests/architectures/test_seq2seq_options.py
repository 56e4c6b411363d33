"""Forms of the encoder-decoder, each with several options at once."""

import types

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.decoding import Options
from rnnzoo.layers import MemoryAttention, ScheduledSampling, Stack
from rnnzoo.text import BEGIN, END, PAD, UNKNOWN, WordVocabulary
from tests.architectures import rows
from tests.decoding import table as reference

VOCABULARY = WordVocabulary(["a", "b", "c", "d", "e"])
SOURCE = np.array([[4, 5, 6, 7, 8], [8, 8, 4, 0, 0], [5, 0, 0, 0, 0]])
TARGET = np.array([[4, 5, 4, 7, 8, 2], [5, 4, 2, 0, 0, 0], [8, 2, 0, 0, 0, 0]])
# With words outside the vocabulary: one, two and none.
LINES = ["a red b red", "big red c", "d"]

FORMS = {
    "coverage": {
        "attention": "coverage",
        "input_feeding": True,
        "coverage_loss": 0.7,
    },
    "tied": {
        "tied": "all",
        "label_smoothing": 0.2,
        "num_layers": 2,
        "residual": True,
    },
    "copying": {
        "attention": "additive",
        "copy_slots": 2,
        "source_vocabulary": VOCABULARY,
        "target_vocabulary": VOCABULARY,
    },
    "sampling": {
        "attention": None,
        "tied": "target",
        "cell": "mlstm",
        "scheduled_sampling": lambda: ScheduledSampling(
            0.5, over=3, schedule="constant"
        ),
    },
    "sides": {
        "attention": "concat",
        "encoder": lambda: Stack("lstm", 6, num_layers=2, bidirectional=True),
        "decoder": lambda: Stack("min_gru", 8, num_layers=3, residual=True),
    },
    "monotonic": {"attention": "monotonic", "input_feeding": True},
    "instance": {
        "attention": lambda: MemoryAttention(5, "normed_additive", "monotonic"),
        "coverage_loss": 0.3,
        "label_smoothing": 0.1,
        "copy_slots": 0,
    },
}


def forms(*fast):
    """All forms, those not named in the slow tier."""
    slow = pytest.mark.slow
    return pytest.mark.parametrize(
        "form",
        [f if f in fast else pytest.param(f, marks=slow) for f in FORMS],
    )


def build(form=None, **options):
    """A small model, none of whose weights is zero."""
    keras.utils.set_random_seed(3)
    options = {**FORMS.get(form, {}), **options}
    options = {
        name: value() if isinstance(value, types.FunctionType) else value
        for name, value in options.items()
    }
    sizes = {"source_vocabulary": 9, "target_vocabulary": 9, "max_length": 6}
    if not {"encoder", "decoder"} <= set(options):
        sizes["units"] = 8
    model = rnnzoo.build("seq2seq", **{**sizes, **options})
    rng = np.random.default_rng(4)
    for weight in model.trainable_variables:
        if not weight.numpy().any():
            weight.assign(rng.normal(0, 0.3, weight.shape))
    return model


def fed(form):
    """Examples, of which a model that copies has words of its own."""
    x = {"source": SOURCE.copy(), "target": TARGET.copy()}
    if form == "copying":
        x["source"][:2, 1], x["target"][0, 2] = (9, 10), 9
        x["target"][1, :2] = 10, 10
    return x


@pytest.fixture(scope="module")
def made():
    """A function: the model of a form, built once. Nobody changes it."""
    models = {}

    def make(form):
        if form not in models:
            models[form] = build(form)
        return models[form]

    return make


def array(x):
    return keras.ops.convert_to_numpy(x)


def log_probabilities(model, source, tokens):
    """Of tokens `(batch, n, length)`, as teacher forcing gives them."""
    n, length = tokens.shape[1:]
    flat = tokens.reshape(-1, length)
    x = {"source": np.repeat(source, n, axis=0), "target": flat}
    found = rows.log_softmax(array(model(x)).astype("float64"))
    found = np.take_along_axis(found, flat[..., None], -1)[..., 0]
    return np.where(flat != PAD, found, 0.0).reshape(tokens.shape)


# === Training, and files ===


def expected_losses(model, x):
    """Of each step, in NumPy, from the model's own logits and attention."""
    y, epsilon = x["target"], model.label_smoothing
    p = rows.log_softmax(array(model(x)).astype("float64"))
    right = np.take_along_axis(p, y[..., None], -1)[..., 0]
    losses = -(1 - epsilon) * right - epsilon * p.mean(axis=-1)
    if model.decoder.coverage_loss:
        weights = model.attention_weights(x["source"], y).astype("float64")
        for row, step in np.argwhere(y != PAD):
            before = weights[row, :step].sum(axis=0)
            twice = np.minimum(weights[row, step], before).sum()
            losses[row, step] += model.decoder.coverage_loss * twice
    return losses


@forms("tied")
def test_a_step_of_training_and_a_file(form, made, eagerly, tmp_path):
    model, x = build(form), fed(form)
    model.compile(optimizer=keras.optimizers.SGD(0.1), run_eagerly=True)
    losses, valid = expected_losses(model, x), x["target"] != PAD
    by_row = np.array([0.3, 1.0, 2.0])
    for given in (None, by_row):
        weights = valid * (1.0 if given is None else given[:, None])
        loss = model.evaluate(
            x, sample_weight=given, verbose=0, return_dict=True
        )["loss"]
        expected = (losses * weights).sum() / weights.sum()
        np.testing.assert_allclose(loss, expected, rtol=5e-6)

    before = rows.weights(model)
    model.fit(x, verbose=0)
    after = rows.weights(model)
    still = [name for name in after if np.all(after[name] == before[name])]
    assert not still
    assert all(np.isfinite(value).all() for value in after.values())
    if form == "sampling":
        assert model.decoder.scheduled_sampling.count == 1

    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    old, new = model.get_config(), again.get_config()
    stacks = ("encoder", "decoder")
    assert all(new[name] == old[name] for name in old if name not in stacks)
    np.testing.assert_array_equal(array(again(x)), array(model(x)))
    for options in ({}, {"beam_width": 3}, {"top_k": 5, "seed": 1}):
        old, new = (m.generate(x["source"], **options) for m in (model, again))
        np.testing.assert_array_equal(new, old)
    if form == "copying":
        assert again.generate(LINES) == model.generate(LINES)


@forms("monotonic")
def test_a_graph_does_what_its_steps_do(form, request):
    """Shapes that are known to steps, and not to a graph, among them."""
    x, done = fed(form), []
    for model, eagerly in ((build(form), False), (build(form), True)):
        if eagerly:
            request.getfixturevalue("eagerly")
        model.compile(optimizer=keras.optimizers.SGD(0.1), run_eagerly=eagerly)
        model.fit(x, verbose=0)
        found = model.generate(
            x["source"], beam_width=2, max_length=4, details=True
        )
        done.append((rows.weights(model), found))
    (graph, found), (steps, expected) = done
    for before, after in zip(graph.values(), steps.values(), strict=True):
        np.testing.assert_allclose(before, after, atol=1e-5)
    np.testing.assert_array_equal(found.tokens, expected.tokens)
    np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-4)


# === What is written ===


@forms("copying")
def test_scores_are_those_of_the_model(form, made, eagerly):
    model, source = made(form), fed(form)["source"]
    for options in (
        {},
        {"beam_width": 4, "n_best": 3, "length_penalty": 0.6},
        {"beam_width": 3, "repetition_penalty": 1.5, "min_length": 3},
        {"temperature": 1.3, "top_p": 0.9, "seed": 2, "n_best": 3},
    ):
        found = model.generate(source, max_length=4, details=True, **options)
        tokens = found.tokens
        assert tokens.shape[:2] == (3, options.get("n_best", 1))
        expected = log_probabilities(model, source, tokens)
        np.testing.assert_allclose(
            found.token_log_probabilities, expected, atol=5e-5
        )
        total, lengths = expected.sum(axis=-1), (tokens != PAD).sum(axis=-1)
        np.testing.assert_allclose(found.log_probabilities, total, atol=2e-4)
        penalty = options.get("length_penalty", 1.0)
        penalty = 0.0 if "temperature" in options else penalty
        ranks = total / ((5 + lengths) / 6) ** penalty
        np.testing.assert_allclose(found.scores, ranks, atol=2e-4)
        assert (np.diff(found.scores, axis=1) <= 0).all()
        assert found.texts is None
        if model.decoder.attention is None:
            assert found.attention is None
            continue
        for n in range(tokens.shape[1]):
            weights = model.attention_weights(source, tokens[:, n])
            np.testing.assert_allclose(
                found.attention[:, n], weights, atol=1e-5
            )


SMALL_SOURCE = np.array([[4, 5, 4, 5, 3], [3, 4, 4, 0, 0]])


def everything(letters, length=3):
    """All sequences of these letters: those that end, and those cut off."""
    found, begun = [], [[]]
    for _ in range(length):
        found += [[*begin, END] for begin in begun]
        begun = [[*begin, letter] for begin in begun for letter in letters]
    return np.array([reference.pad(row, length) for row in found + begun])


@pytest.mark.parametrize("coverage_penalty", [0.0, 0.4])
def test_a_wide_beam_is_enumeration(coverage_penalty, eagerly):
    """With copying; what a source does not have is no sequence."""
    sizes = {"source_vocabulary": 5, "target_vocabulary": 5, "copy_slots": 1}
    model = build("copying", **sizes)
    options = {"max_length": 3, "length_penalty": 0.7}
    found = model.generate(
        SMALL_SOURCE,
        beam_width=60,
        n_best=41,
        coverage_penalty=coverage_penalty,
        details=True,
        **options,
    )
    for row, letters in enumerate([(3, 4, 5), (3, 4)]):
        every = everything(letters)
        count = len(every)
        assert count == (40, 15)[row]
        source = SMALL_SOURCE[row : row + 1]
        totals = log_probabilities(model, source, every[None])[0].sum(axis=-1)
        lengths = (every != PAD).sum(axis=1)
        ranks = totals / ((5 + lengths) / 6) ** 0.7
        weights = model.attention_weights(
            np.repeat(source, count, axis=0), every
        )
        seen = (weights * (every != PAD)[..., None]).sum(axis=1)
        seen = seen[:, source[0] != PAD]
        covered = np.log(np.minimum(seen, 1)).sum(axis=1)
        order = np.argsort(-ranks - coverage_penalty * covered)
        np.testing.assert_array_equal(found.tokens[row, :count], every[order])
        np.testing.assert_allclose(
            found.scores[row, :count], ranks[order], atol=1e-4
        )
        assert (found.scores[row, count:] == -np.inf).all()
        assert not found.tokens[row, count:].any()
    if coverage_penalty:
        plain = model.generate(
            SMALL_SOURCE, beam_width=60, n_best=41, **options
        )
        assert (plain[0] != found.tokens).any()


def test_drawn_sequences_follow_their_seed(made, eagerly):
    model = made("tied")
    for options in ({"temperature": 1.5}, {"top_p": 0.95}, {"top_k": 6}):
        drawn = [
            model.generate(
                SOURCE, seed=seed, n_best=4, max_length=4, **options
            )[0].tolist()
            for seed in (7, 7, 8)
        ]
        assert drawn[0] == drawn[1] != drawn[2]
    # So cold, only the likeliest are drawn.
    greedy = model.generate(SOURCE)
    cold = model.generate(SOURCE, temperature=1e-6, seed=0)
    np.testing.assert_array_equal(cold, greedy)


def test_no_temperature_writes_what_no_source_has(made, eagerly):
    """Nor pad nor begin, though all others are as likely."""
    model = made("copying")
    found = model.generate(LINES, temperature=float("inf"), seed=0, n_best=40)
    for line, pairs in zip(LINES, found, strict=True):
        words = {word for text, _ in pairs for word in text.split()}
        own = {*line.split()} - {*"abcde"}
        assert words == {*"abcde", "\ufffd", *own}
    ids, _ = model.generate(
        fed("copying")["source"], temperature=1e12, seed=0, n_best=40
    )
    assert BEGIN not in ids


RULES = [
    {"min_length": 5},
    {"no_repeat_ngram": 1},
    {"no_repeat_ngram": 2, "min_length": 6},
    {"repetition_penalty": 1.6},
    {"repetition_penalty": 1.2, "min_length": 4, "no_repeat_ngram": 3},
]


def test_rules_hold_at_every_step(made, eagerly):
    """Greedy search takes what NumPy takes, given what came before."""
    model = made("sides")
    plain, changed = model.generate(SOURCE).tolist(), 0
    for rules in RULES:
        tokens = model.generate(SOURCE, max_length=8, **rules)
        changed += tokens.tolist() != plain
        logits = array(model({"source": SOURCE, "target": tokens}))
        # One table for any last token: the one that was there.
        shape = (*logits.shape[:2], 9, 9)
        logits = np.broadcast_to(logits[:, :, None], shape)
        table = types.SimpleNamespace(logits=logits)
        options = Options(max_length=8, **rules)
        for row, sequence in enumerate(tokens.tolist()):
            sequence = [token for token in sequence if token != PAD]
            for t, token in enumerate(sequence):
                _, looks = reference.looks(table, row, sequence[:t], options)
                assert token == looks.argmax()
            assert len(sequence) >= rules.get("min_length", 1)
            n = rules.get("no_repeat_ngram", 9)
            grams = [tuple(sequence[i : i + n]) for i in range(9 - n)]
            grams = [gram for gram in grams if len(gram) == n]
            assert len(set(grams)) == len(grams)
    assert changed >= 4


# === Words of the source ===


def test_copied_words_come_out_as_strings(eagerly):
    model = build("copying")
    # Nothing but what is copied.
    model.decoder.copying.gate.bias.assign([-100.0])
    for options in ({"beam_width": 1}, {"beam_width": 3}, {"top_k": 3}):
        for replace in (False, True):
            found = model.generate(
                LINES, details=True, replace_unknown=replace, **options
            )
            for row, line in enumerate(LINES):
                words = found.texts[row][0].split()
                assert len(words) == 6 and {*words} <= {*line.split()}
                ids = found.tokens[row, 0]
                _, (own, *_) = VOCABULARY.encode_open([line])
                known = [*VOCABULARY.pieces, *own]
                assert words == [known[i - 4] for i in ids]
    assert (found.tokens > 8).any()


def test_words_that_have_no_slot_are_unknown(eagerly):
    model = build("copying", copy_slots=1)
    assert model.source_ids(["big red a"])[0].numpy().tolist() == [[9, 3, 4]]
    x = model.examples(["big red a"], ["red big c"])
    assert x["source"].tolist() == [[9, 3, 4]]
    assert x["target"].tolist() == [[3, 9, 6, 2]]
    weights = model.attention_weights(["big red a"], ["red big c"])
    expected = model.attention_weights(x["source"], x["target"])
    np.testing.assert_array_equal(weights, expected)


@pytest.mark.parametrize("copy_slots", [None, 2])
def test_unknown_words_are_those_that_were_looked_at(copy_slots, eagerly):
    model = build("copying", copy_slots=copy_slots)
    if copy_slots is not None:
        model.decoder.copying.gate.bias.assign([100.0])
    bias = np.zeros(9)
    bias[UNKNOWN] = 100
    model.decoder.head.bias.assign(bias)
    for options in ({}, {"beam_width": 2, "n_best": 2}):
        found = model.generate(
            LINES, replace_unknown=True, details=True, **options
        )
        place = found.attention.argmax(axis=-1)
        texts = model.generate(LINES, replace_unknown=True, **options)
        for row, line in enumerate(LINES):
            words = line.split()
            for n, text in enumerate(found.texts[row]):
                expected = [
                    words[place[row, n, t]]
                    if found.tokens[row, n, t] == UNKNOWN
                    else VOCABULARY.decode([[found.tokens[row, n, t]]])[0]
                    for t in range((found.tokens[row, n] > END).sum())
                ]
                assert text == " ".join(expected)
        if options:
            texts = [[text for text, _ in pairs] for pairs in texts]
            assert texts == found.texts
        else:
            assert [[text] for text in texts] == found.texts
            assert (found.tokens == UNKNOWN).all()


# === What is wrong ===

OTHERS = WordVocabulary(["v", "w", "x", "y", "z"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tied": "both"}, "Unknown tied: 'both'"),
        ({"tied": "all", "target_vocabulary": 8}, "tied='all' takes one voca"),
        (
            {"copy_slots": 1, "target_vocabulary": 8},
            "copy_slots=1 takes one vocabulary .* 9 and .* 8 ids",
        ),
        (
            {
                "copy_slots": 0,
                "source_vocabulary": VOCABULARY,
                "target_vocabulary": OTHERS,
            },
            "copy_slots=0 takes one vocabulary .* two of the same size",
        ),
        (
            {"tied": "all", "decoder": lambda: Stack("gru", 6)},
            "encoder and decoder of one width.* 8 units .* decoder of 6",
        ),
        (
            {"copy_slots": 2, "label_smoothing": 0.1},
            "most slots stand for no word .*copy_slots=2, label_smoothing=0.1",
        ),
        ({"copy_slots": -1}, "`copy_slots` is how many .* copy_slots=-1"),
        ({"copy_slots": True}, "`copy_slots` is how many .* copy_slots=True"),
        ({"copy_slots": 1.0}, "`copy_slots` is how many"),
        (
            {"copy_slots": 0, "attention": None},
            "copy_slots=0 without attention",
        ),
        (
            {"coverage_loss": 1, "attention": None},
            "coverage_loss=1.0 without attention",
        ),
        ({"coverage_loss": -1}, r"`coverage_loss` must be .* \[0, inf\)"),
        ({"coverage_loss": "x"}, "`coverage_loss` must be a number"),
        (
            {"input_feeding": True, "attention": None},
            "nothing to feed in without attention",
        ),
        ({"attention": "luong"}, "Unknown attention: 'luong'"),
        ({"attention": 3}, "Unknown attention: 3"),
        ({"label_smoothing": 2}, "`label_smoothing` is a share from 0 to 1"),
        ({"scheduled_sampling": 0.5}, "takes a `rnnzoo.layers.ScheduledSamp"),
        ({"encoder": "lstm"}, "`encoder` takes a `rnnzoo.layers.Stack`"),
        ({"decoder": "lstm"}, "`decoder` takes a `rnnzoo.layers.Stack`"),
        (
            {"decoder": lambda: Stack("gru", 6, bidirectional=True)},
            "writes from left to right",
        ),
        ({"max_length": 0}, "`max_length` must be a positive integer"),
    ],
)
def test_options_that_cannot_be_meant(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_one_stack_for_both_sides():
    stack = Stack("gru", 8)
    with pytest.raises(ValueError, match="are the same Stack"):
        build(encoder=stack, decoder=stack)


def test_calls_that_cannot_be_meant(made):
    plain, copying = made("sampling"), made("copying")
    word = {"source_vocabulary": VOCABULARY, "target_vocabulary": VOCABULARY}
    letters = rnnzoo.text.CharacterVocabulary("vwxyz")
    for call, message in (
        (
            lambda: copying.generate(SOURCE, replace_unknown=True),
            "pass strings to a model .* Received: ndarray",
        ),
        (
            lambda: build(**{**word, "source_vocabulary": letters}).generate(
                ["xyz"], replace_unknown=True
            ),
            "both a rnnzoo.text.WordVocabulary.* source_voc.*<CharacterVoc",
        ),
        (
            lambda: build(**word, attention=None).generate(
                ["a"], replace_unknown=True
            ),
            "replace_unknown goes by attention, and the model has none",
        ),
        (
            lambda: build(
                source_vocabulary=letters,
                target_vocabulary=letters,
                copy_slots=1,
            ),
            "copy_slots takes vocabularies of words. Received: <CharacterVoc",
        ),
        (
            lambda: build("sides", num_layers=3),
            "Received num_layers=3 beside `encoder`, a Stack that has its own",
        ),
        (
            lambda: copying.examples(["a", "b"], ["a"]),
            "Received: 2 rows of `source`, 1 rows of `target`",
        ),
        (
            lambda: plain.generate(SOURCE, coverage_penalty=0.2),
            r"coverage_penalty=0\.2, but the model has no attention",
        ),
        (
            lambda: plain.generate(SOURCE, length_penalti=1.0),
            "Unknown option of generate: 'length_penalti'. Expected one of",
        ),
        (
            lambda: plain.generate(SOURCE, min_length=7),
            "min_length=7 and max_length=6",
        ),
        (
            lambda: copying.generate(SOURCE + 3),
            "holds the token id 11 .* of 11 ids",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(ValueError, match="holds the token id 11 .* 11 ids"):
        copying.compile()
        copying.evaluate({"source": SOURCE, "target": TARGET + 3}, verbose=0)
    target = fed("copying")["target"]
    with pytest.raises(ValueError, match=r"id 9 \(row 0, step 2\), a word to"):
        copying.evaluate({"source": SOURCE, "target": target}, verbose=0)
