"""Translates dates of 30 locales to ISO 8601, with attention and beam search.

Run: python -m recipes.quick.translation
Expected: exact match 100.0 % on 6,000 unseen dates, after 2 min on 2 CPU cores
with seed 1.
"""

import keras

import rnnzoo
from rnnzoo.datasets import load_pairs
from rnnzoo.text import CharacterVocabulary

keras.utils.set_random_seed(1)
splits = load_pairs("dates").splits
train, test = splits["train"], splits["test"]
model = rnnzoo.build(
    "seq2seq",
    attention="additive",
    source_vocabulary=CharacterVocabulary.from_texts(train["source"]),
    target_vocabulary=CharacterVocabulary.from_texts(train["target"]),
)
model.compile(keras.optimizers.Adam(3e-3, global_clipnorm=1.0))
model.fit(model.examples(**train), batch_size=256, epochs=1)

written = model.generate(test["source"], beam_width=4)
right = sum(map(str.__eq__, written, test["target"])) / len(written)
print(f"exact match: {100 * right:.1f} %")
for source, target in list(zip(test["source"], written, strict=True))[::600]:
    print(source, "->", target)
