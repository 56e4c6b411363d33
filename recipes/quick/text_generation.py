"""Writes Python, after reading 30 files of the standard library.

Run: python -m recipes.quick.text_generation
Expected: 2.15 bits per character on 10 unseen files, after 1 min on 2 CPU cores
with seed 1 and Python 3.11.
"""

import pathlib
import sysconfig

import keras

import rnnzoo
from rnnzoo.metrics import BitsPerCharacter
from rnnzoo.pipelines.continuous import ContinuousText
from rnnzoo.text import CharacterVocabulary

keras.utils.set_random_seed(1)
files = sorted(pathlib.Path(sysconfig.get_path("stdlib")).glob("*.py"))
texts = [file.read_text("utf-8") for file in files[:40]]
texts = ["".join(texts[:30]), "".join(texts[30:])]
vocabulary = CharacterVocabulary.from_texts(texts[:1])
ids = [vocabulary.encode([text]) for text in texts]
train, test = (ContinuousText(rows, 32, 64, split=True) for rows in ids)
options = {"num_outputs": len(vocabulary), "carried_rows": 32}
model = rnnzoo.build("synced", vocabulary=vocabulary, **options)
model.compile(keras.optimizers.Adam(3e-3), metrics=[BitsPerCharacter()])
model.fit(train.dataset(), epochs=4)
print("bits per character:", model.evaluate(test.dataset(), verbose=0)[1])
print(model.generate(["def "], max_length=200, temperature=0.7, seed=1)[0])
