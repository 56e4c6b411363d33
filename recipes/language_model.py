"""Writes on: learns from texts which character comes next.

Documents lie one after the other in parallel streams, and every row of a batch
goes on where it stopped in the batch before: truncated back-propagation through
time. By default it reads a million characters of Python's standard library.

Run: python -m recipes.language_model
Expected: 2.34 bits per character of 7 unseen files, after 144 s on 2 CPU cores
with seed 1 and Python 3.11; where all characters are alike, it is 6.6 bits.
Use: python -m rnnzoo generate latest:language_model "def "

With --dataset it reads any texts of TFDS, or your own: all text files of a
folder, one document each.

Yours: python -m recipes.language_model --dataset folder:novels
Reached: on 2 CPU cores with seed 1,

    tiny_shakespeare    1.553 nats (2.241 bits) per character of validation,
                        1.633 of test, after one pass over 1.0 M characters,
                        in 6 min of processor time: --dataset tiny_shakespeare

To make it your own, change build_data, build_model, search_space, score and
main.
"""

import dataclasses

from recipes.common import experiment, start
from recipes.common.flags import flag
from recipes.common.settings import TrainingSettings, preset

EVALUATED = ("validation", "test")
SMOKE = {"characters": 4000, "units": 16, "batch_size": 8, "epochs": 2}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingSettings):
    """Every setting of a run; each is a flag."""

    dataset: str = flag(
        "python_source/small", "TFDS name, or folder:PATH with text files"
    )
    characters: int | None = flag(
        None, "characters used of each split", none="all"
    )
    vocabulary: str = flag(
        "characters",
        "what a token is: a character, or a piece of a word",
        choices=("characters", "pieces"),
    )
    vocabulary_size: int = flag(4000, "most pieces")
    length: int = flag(64, "tokens of a row, over which gradients flow")
    carry: bool = flag(
        True,
        "rows go on from the states of the batch before; needs one device",
    )
    cell: str = flag("gru", "cell by name, see rnnzoo.list_cells()")
    units: int | None = preset("size of the recurrent state", 256, 512)
    num_layers: int = flag(1, "recurrent layers")
    dropout: float = flag(0.0, "share of features dropped")
    batch_size: int = flag(16, "streams, the rows of every batch")
    epochs: int | None = preset("passes over the training set", 2, 1)
    learning_rate: float = flag(3e-3, "highest of the schedule")
    temperature: float = flag(0.7, "of the text that is written at the end")


def build_data(config):
    """The documents of each split as streams of ids."""
    from rnnzoo import datasets

    documents = datasets.load_documents(config.dataset)
    texts = {
        split: shortened(documents.splits[split]["text"], config.characters)
        for split in ("train", *EVALUATED)
    }
    vocabulary = build_vocabulary(config, texts["train"])
    training = streams(config, texts["train"], vocabulary, config.seed)
    validation, test = (
        streams(config, texts[split], vocabulary) for split in EVALUATED
    )
    by_character = config.vocabulary == "characters"
    sizes = [f"{sum(map(len, texts[s])):,} of {s}" for s in texts]
    return experiment.Data(
        training=training,
        validation=validation,
        test=test,
        test_size=test.examples,
        known={"vocabulary": vocabulary, "prompt": texts["test"][0][:20]},
        example=texts["test"][0].strip().split("\n")[0][:20],
        headline=None if by_character else ("test/perplexity", "min"),
        notes=(*documents.notes, f"characters: {', '.join(sizes)}"),
    )


def shortened(texts, characters):
    """The first so many characters of all texts."""
    if characters is None:
        return texts
    kept = []
    for text in texts:
        kept.append(text[: characters - sum(map(len, kept))])
    return [text for text in kept if text]


def build_vocabulary(config, texts):
    """What the tokens are, learnt from the training texts."""
    from rnnzoo import text

    if config.vocabulary == "characters":
        return text.CharacterVocabulary.from_texts(texts)
    lines = [line for t in texts for line in t.split("\n") if line]
    return text.SubwordVocabulary.from_texts(lines, config.vocabulary_size)


def streams(config, texts, vocabulary, seed=None):
    """Texts as rows that go on from batch to batch."""
    from rnnzoo.pipelines.continuous import ContinuousText

    ids = [vocabulary.encode([text], add_end=True)[0] for text in texts]
    return ContinuousText(
        ids,
        config.batch_size,
        config.length,
        shuffle_seed=seed,
        split=True,
        begins=config.carry,
    )


def build_model(config, data):
    """The network, compiled with a learning rate for the data's length."""
    import rnnzoo
    from rnnzoo.metrics import BitsPerCharacter, Perplexity

    vocabulary = data.known["vocabulary"]
    model = rnnzoo.build(
        "synced",
        vocabulary=vocabulary,
        num_outputs=len(vocabulary),
        cell=config.cell,
        units=config.units,
        num_layers=config.num_layers,
        residual=config.residual,
        dropout=config.dropout,
        carried_rows=config.batch_size if config.carry else None,
    )
    by_character = config.vocabulary == "characters"
    metric = BitsPerCharacter() if by_character else Perplexity()
    model.compile(
        experiment.adam(config, data),
        metrics=[metric],
        **start.compile_options(config),
    )
    return model


def search_space(hp, config):
    """The Config of one trial of a search around `config`."""
    return dataclasses.replace(
        config,
        cell=hp.Choice("cell", ["gru", "lstm", "min_gru"]),
        num_layers=hp.Int("num_layers", 1, 3),
        residual=bool(
            hp.Boolean(
                "residual", parent_name="num_layers", parent_values=[2, 3]
            )
        ),
        units=hp.Int("units", 128, 512, step=128),
        dropout=hp.Choice("dropout", [0.0, 0.1, 0.2, 0.3]),
        learning_rate=hp.Float("learning_rate", 1e-3, 1e-2, sampling="log"),
    )


def score(model, data, run, config):
    """How surprising the test texts are; and a text that the model writes."""
    rows = model.encoder.carried_rows
    if rows not in (None, config.batch_size):
        raise ValueError(
            f"The model carries the states of {rows} rows, and --batch_size is "
            f"{config.batch_size}: leave --batch_size out."
        )
    found = model.evaluate(data.test.dataset(), verbose=0, return_dict=True)
    run.log_metrics({f"test/{name}": found[name] for name in found})
    told = [f"{name.replace('_', ' ')} {found[name]:.3f}" for name in found]
    print(f"\nTest: {data.test_size:,} texts, {', '.join(told)}\n")
    prompt = data.known["prompt"]
    (written,) = model.generate(
        [prompt],
        max_length=400,
        temperature=config.temperature,
        seed=config.seed,
    )
    run.log_text(prompt + written, "samples.txt")
    print(f"It goes on from {prompt!r}:\n\n{prompt}{written}\n")


def main(config):
    """Trains, scores the test set, and leaves a run in MLflow; or searches."""
    print(__doc__.splitlines()[0])
    recipe = experiment.Recipe(
        name="language_model",
        build_data=build_data,
        build_model=build_model,
        search_space=search_space,
        score=score,
        headline=("test/bits_per_character", "min"),
        smoke=SMOKE,
        command="generate",
    )
    return experiment.run(recipe, config)


if __name__ == "__main__":
    start.command(main, Config, __doc__)
