import types

import keras
import pytest

import rnnzoo
from recipes.common.described import described, topology
from tests.recipes.recipes import DESCRIBED


def test_a_model_is_described_by_the_names_that_all_have():
    model = rnnzoo.build("synced", units=4, bidirectional=True)
    model.compile(keras.optimizers.AdamW(1.0, global_clipnorm=0.5))
    config = types.SimpleNamespace(learning_rate=3e-3)
    values = described(config, model)
    assert values == {
        "topology": "synced",
        "bidirectional": True,
        "attention": None,
        "optimizer": "adamw",
        "global_clipnorm": 0.5,
        "lr_log10": -2.523,
        "num_replicas": 1,
    }
    assert values.keys() == DESCRIBED


def test_what_the_config_says_holds():
    model = rnnzoo.build("seq2seq", units=4)
    model.compile()
    config = types.SimpleNamespace(learning_rate=1e-3, attention="additive")
    values = described(config, model)
    assert "attention" not in values
    # The encoder of two sides reads both ways by itself.
    assert values["bidirectional"] is True


@pytest.mark.parametrize("name", rnnzoo.list_architectures())
def test_a_topology_has_its_name(name):
    assert topology(rnnzoo.build(name, units=4)) == name


def test_a_form_of_a_topology_has_its_name():
    model = rnnzoo.build("many_to_one", horizon=4, segment=2, units=4)
    assert topology(model) == "many_to_one"


def test_other_models_have_no_topology():
    assert topology(keras.Sequential([keras.layers.Dense(1)])) is None
