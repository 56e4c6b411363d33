"""Where MLflow's pages show a comparison."""

from rnnzoo.training import pages, report, store


def publish(compared, conditions, scope=None, server=None):
    """Makes the views of comparisons, see `pages.publish`.

    Args:
        compared: list of `comparison.Comparison`, all with groups.
        conditions: dict as for `pages.search_filter`.
        scope: str or None. What is compared; None: the data set.
        server: str or None.

    Returns:
        list of (recipe, data set, dict from what a view shows to its link);
        of runs that MLflow has.
    """
    found = []
    for one in compared:
        if not one.recipe or one.groups[0].runs[0].status == "UNTRACKED":
            continue
        own = {**conditions, "params.dataset": one.dataset}
        kind = conditions.get("tags.rnnzoo.kind", "train")
        what = one.dataset if kind == "train" else f"{one.dataset}, {kind}s"
        if one.dataset == "n/a":
            del own["params.dataset"]
        links = pages.publish(
            one, scope or what, pages.search_filter(own), server
        )
        found.append((one.recipe, one.dataset, links))
    return found


def show(compared, conditions, scope=None):
    """Makes the views, and prints their links.

    A sweep or comparison is no matter of MLflow: where that fails, it is told
    and nothing more.
    """
    try:
        found = publish(compared, conditions, scope)
    except Exception as error:  # whatever ails a store, the table is there
        print(f"\nIt has no page in MLflow ({store.sentence(error)}).")
        return
    for recipe, dataset, links in found:
        several = f" of {recipe} on {dataset}" if len(found) > 1 else ""
        print(
            f"\nIn MLflow{several}, which `python -m rnnzoo ui` starts:\n"
            f"{report.listing([f'  {what}' for what in links], links.values())}"
        )
