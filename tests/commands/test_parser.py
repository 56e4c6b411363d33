import pytest

from rnnzoo.commands import parser


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        parser.parse(arguments)
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1  # one sentence, no usage text
    return message


def test_generate_has_the_defaults_of_the_model():
    values = parser.parse(["generate", "latest", "4 March", "5 March"])
    assert vars(values) == {
        "command": "generate",
        "run": "latest",
        "text": ["4 March", "5 March"],
        "file": None,
        "output": None,
        "beam_width": 1,
        "length_penalty": 1.0,
        "n_best": None,
        "max_length": None,
        "temperature": None,
        "top_k": None,
        "top_p": None,
        "seed": None,
        "batch_size": 128,
    }


def test_workers_run_another_command_with_its_flags():
    values = parser.parse(
        "workers 2 --restarts 0 -- python a.py --units 3 -- b".split()
    )
    assert vars(values) == {
        "command": "workers",
        "count": 2,
        "restarts": 0,
        "wait": 600,
        "hosts": None,
        "index": None,
        "command_line": ["python", "a.py", "--units", "3", "--", "b"],
    }


def test_workers_on_hosts_are_as_many_as_these():
    values = parser.parse(
        "workers --hosts a:70,b.c:7000 --index 1 --wait 9 -- x".split()
    )
    assert (values.count, values.index, values.wait) == (2, 1, 9)
    assert values.hosts == ["a:70", "b.c:7000"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2", "give the command that each worker runs, after --"),
        ("2 --", "give the command that each worker runs"),
        ("-- x", "give the number of workers, or --hosts"),
        ("0 -- x", "'0' is not a whole number of at least 1"),
        ("2 --restarts -1 -- x", "'-1' is not a whole number of at least 0"),
        ("2 --index 0 -- x", "--index says which of --hosts this is"),
        ("3 --hosts a:1,b:2 --index 0 -- x", "3 workers and 2 --hosts"),
        ("--hosts a:1,b:2 -- x", "give --index, from 0 to 1"),
        ("--hosts a:1,b:2 --index 2 -- x", "give --index, from 0 to 1"),
        ("--hosts a:1,b --index 0 -- x", "'b' is no address such as gpu-1:7"),
        ("--hosts a:1,a:1 --index 0 -- x", "an address is given twice"),
    ],
)
def test_workers_that_cannot_be_meant_are_refused(capsys, line, words):
    assert words in refused(capsys, "workers", *line.split())


def test_a_sweep_is_of_settings_and_of_flags_for_all():
    values = parser.parse(
        "sweep digits cell=gru,lstm seed=1 --jobs 2 -- --xla".split()
    )
    assert vars(values) == {
        "command": "sweep",
        "recipe": "digits",
        "settings": [("cell", ["gru", "lstm"]), ("seed", ["1"])],
        "jobs": 2,
        "fresh": False,
        "command_line": ["--xla"],
    }


def test_a_comparison_has_the_defaults_of_the_recipe():
    values = parser.parse(["compare"])
    assert vars(values) == {
        "command": "compare",
        "recipes": [],
        "by": None,
        "where": [],
        "sweep": None,
        "search": None,
        "kind": "train",
        "metric": None,
        "best": None,
        "sort": "score",
        "output": None,
    }


def test_what_is_compared_can_be_chosen():
    values = parser.parse(
        "compare a b --by cell,units --where x=1,2 y=3 --where z=4".split()
    )
    assert (values.recipes, values.by) == (["a", "b"], ["cell", "units"])
    assert parser.parse(["compare", "--search", "a"]).kind == "trial"
    assert values.where == [("x", ["1", "2"]), ("y", ["3"]), ("z", ["4"])]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sweep", "required: RECIPE"),
        ("sweep digits", "give settings, such as cell=gru,lstm seed=1,2,3"),
        ("sweep digits gru", "'gru' is no setting such as cell=gru,lstm"),
        ("sweep digits cell=gru,", "'cell=gru,' is no setting such as"),
        ("sweep digits cell=gru,gru", "'cell=gru,gru' gives a value twice"),
        ("sweep digits a=1 a=2", "a is given twice: separate values by"),
        ("sweep digits xla=yes -- --no-xla", "xla is also behind --: leave"),
        ("sweep digits a=1 -- --fresh", "--fresh is for the whole sweep"),
        ("sweep digits a=1 --jobs 0", "'0' is not a whole number of at least"),
        ("compare --where cell", "'cell' is no setting such as cell=gru"),
        ("compare --by ,", "',' names no setting"),
        ("compare --kind all", "invalid choice: 'all'"),
        ("compare --search a --kind train", "--search has trials: leave"),
        ("compare --best min", "--best is of --metric: give both"),
    ],
)
def test_a_sweep_or_comparison_that_cannot_be_meant(capsys, line, words):
    assert words in refused(capsys, *line.split())


def test_every_option_is_read():
    values = parser.parse(
        "generate a.keras --file in.txt --output out.txt --beam_width 5 "
        "--length_penalty 0.6 --n_best 3 --max_length 9 --batch_size 7".split()
    )
    assert (values.file, values.output, values.text) == (
        "in.txt",
        "out.txt",
        [],
    )
    assert (values.beam_width, values.length_penalty) == (5, 0.6)
    assert (values.n_best, values.max_length, values.batch_size) == (3, 9, 7)


def test_drawn_tokens_have_no_beam():
    values = parser.parse(
        "generate a b --temperature 0.7 --top_k 9 --top_p 0.9 --seed 3 "
        "--n_best 2".split()
    )
    assert (values.temperature, values.top_k, values.top_p) == (0.7, 9, 0.9)
    assert (values.seed, values.n_best, values.beam_width) == (3, 2, 1)


def test_predict():
    values = parser.parse("predict latest a.png b.png --n_best 3".split())
    assert vars(values) == {
        "command": "predict",
        "run": "latest",
        "text": ["a.png", "b.png"],
        "file": None,
        "output": None,
        "n_best": 3,
        "batch_size": 128,
    }


def test_n_best_widens_the_beam():
    assert parser.parse(["generate", "a", "b", "--n_best", "4"]).beam_width == 4


def test_texts_may_begin_with_a_dash():
    values = parser.parse(["generate", "latest", "--", "-5 degrees"])
    assert values.text == ["-5 degrees"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("lst", "invalid choice: 'lst' (choose from"),
        ("generate", "required: RUN"),
        ("generate latest", "give texts, or --file PATH, or - for standard"),
        ("generate latest a --file b", "only one of them"),
        ("generate latest - a", "- stands for all of standard input"),
        ("generate latest a --beam_width 0", "'0' is not a whole number of at"),
        ("generate latest a --n_best x", "'x' is not a whole number of at le"),
        ("generate latest a --length_penalty x", "invalid float value: 'x'"),
        (
            "generate latest a --n_best 3 --beam_width 2",
            "--n_best 3 needs a --beam_width of 3 or more, and 2 was given",
        ),
        (
            "generate latest a --seed 3",
            "--seed needs --temperature, --top_k or",
        ),
        (
            "generate latest a --top_k 3 --beam_width 2",
            "--beam_width is of a search, and --temperature, --top_k and",
        ),
        ("predict latest", "give inputs, or --file PATH, or - for standard"),
        ("predict latest - a", "standard input: give no other input"),
        ("generate latest a --beam 3", "unrecognized arguments: --beam 3"),
        ("list --count 0", "'0' is not a whole number of at least 1"),
    ],
)
def test_a_mistake_gets_one_sentence(capsys, arguments, words):
    assert words in refused(capsys, *arguments.split())


def test_nothing_at_all_shows_the_commands(capsys):
    with pytest.raises(SystemExit) as stopped:
        parser.parse([])
    assert stopped.value.code == 2
    shown = capsys.readouterr().out
    assert "generate  texts from texts" in shown
    assert "predict   classes, tags or values" in shown
    assert "list      the runs" in shown


def test_help_tells_what_a_run_is(capsys):
    with pytest.raises(SystemExit) as stopped:
        parser.parse(["generate", "--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert "  latest:translation      the same, of one recipe\n" in shown


def test_help_tells_what_an_input_is(capsys):
    with pytest.raises(SystemExit):
        parser.parse(["predict", "--help"])
    shown = capsys.readouterr().out
    assert "  a.png                   an image, a wav file or a CSV" in shown
    assert "  latest:translation " in shown


def test_list():
    values = parser.parse(["list", "translation", "--count", "3"])
    assert (values.recipe, values.count) == ("translation", 3)
    values = parser.parse(["list"])
    assert (values.recipe, values.count) == (None, 20)
