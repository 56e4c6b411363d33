"""The tables of the study of long dependencies, in Markdown."""

import dataclasses

from recipes.common.results import markdown, median, spread


def fill(entries, config, measure, results):
    """Measures what is missing in the table, and prints the whole of it.

    Args:
        entries: function of a Config that returns those of its entries.
        config: the Config of the part that is measured; with `fresh`, all of
            it is.
        measure: function of (Config, results) that measures and keeps one.
        results: `Results`.
    """
    import keras

    todo = entries(config)
    for number, entry in enumerate(todo, start=1):
        if results.find(entry) is None or config.fresh:
            print(f"=== Entry {number} of {len(todo)} ===")
            keras.backend.clear_session()
            try:
                measure(entry, results)
            except FloatingPointError as error:
                print(f"{error}\n")
                results.keep(entry, {"ended": "diverged"})
    whole = dataclasses.replace(config, only=None, fresh=False)
    kept = [(entry, results.find(entry)) for entry in entries(whole)]
    text = write([pair for pair in kept if pair[1]])
    path = results.folder / "table.md"
    path.write_text(text, "utf-8")
    print(f"{text}\n{path}")


def write(kept):
    """Both tables as one text.

    Args:
        kept: list of `(Config, what was measured)`.
    """
    groups = {}
    for config, found in kept:
        place = (config.task, config.length, config.cell)
        groups.setdefault(place, []).append(found)
    return overview(groups) + "\n" + details(groups)


def overview(groups):
    """Cells down, tasks across: how much of each a cell can do.

    Adding: the squared error, 0.167 without memory. The others: the share of
    right outputs, and for a group how many seeds solved it. Medians over seeds.
    """
    columns = list(dict.fromkeys((task, length) for task, length, _ in groups))
    cells = dict.fromkeys(cell for *_, cell in groups)
    heads = ["cell", *(title(*column) for column in columns)]
    rows = [
        [
            f"`{cell}`",
            *(short(task, groups.get((task, n, cell))) for task, n in columns),
        ]
        for cell in cells
    ]
    return markdown(heads, rows)


def title(task, length):
    names = {"copy": "copy memory", "z5": "Z_5"}
    return names.get(task, task) + (f", T = {length}" if length else "")


def short(task, entries):
    """One number for all seeds of an entry."""
    if not entries:
        return ""
    if task == "adding":
        text = median([e.get("test/loss") for e in entries], ".2g")
    else:
        text = median([e.get("test/accuracy") for e in entries], ".1%")
    text = text or "diverged"
    if task in ("adding", "copy"):
        return text
    solved = sum(e.get("test/solved") == 1 for e in entries)
    return f"{solved} of {len(entries)}: {text}"


def details(groups):
    """A row for each task and cell, with all that was measured."""
    parts = ("1_to_40", "41_to_64", "65_to_128", "129_to_256")
    heads = ["task", "cell", "seeds", "solved", "test loss", "guessing"]
    heads += ["accuracy", *(f"steps {p.replace('_', ' ')}" for p in parts)]
    heads += ["weights", "steps", "seconds", "ended"]
    rows = []
    for (task, length, cell), entries in groups.items():

        def of(name, form, entries=entries):
            return spread([entry.get(name) for entry in entries], form)

        solved = sum(entry.get("test/solved") == 1 for entry in entries)
        rows.append(
            [
                title(task, length),
                f"`{cell}`",
                str(len(entries)),
                str(solved),
                of("test/loss", ".2g"),
                of("test/guessing", ".3g"),
                of("test/accuracy", ".1%"),
                *(of(f"test/accuracy_{part}", ".1%") for part in parts),
                of("model/num_params", ",.0f"),
                of("train/steps", ".0f"),
                of("perf/fit_seconds", ".0f"),
                ", ".join(sorted({entry["ended"] for entry in entries})),
            ]
        )
    return markdown(heads, rows)


def params(config, data, model):
    """The Config, and what runs of all recipes are compared by."""
    from recipes.common.described import described

    return {
        **dataclasses.asdict(config),
        **described(config, model),
        "dataset": data[0].dataset,
        "epochs": config.epochs,
        "dropout": 0.0,
    }


def told(found):
    """What was measured for one entry, in a sentence."""
    return (
        f"Test: {found['test/accuracy']:.1%} right, loss "
        f"{found['test/loss']:.3g} where guessing has "
        f"{found['test/guessing']:.3g}; {found['train/steps']:,} steps, ended "
        f"by {found['ended']}\n"
    )
