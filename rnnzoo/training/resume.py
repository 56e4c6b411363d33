"""A training that the same command goes on with after it was killed."""

from rnnzoo.training import checkpoints
from rnnzoo.training.unfinished import Unfinished


class Session(Unfinished):
    """The place of one unfinished training, as a context.

    A training that finishes, or ends with a loss that is no number, leaves
    nothing there. One that is killed, interrupted or fails otherwise leaves
    its checkpoints, and goes on from the newest: on one device, with the
    weights that it would have had.

    Of several workers the chief alone has it, and writes; the others get from
    the chief what it goes on with.

    Args:
        recipe, config, root, fresh, ignore: of `unfinished.Unfinished`.
        save_minutes: float. How often a checkpoint is made inside an epoch;
            one is made after each epoch anyway.
        keep: bool. Leaves its checkpoints also where it finishes, for a
            training that goes on for more epochs.

    Raises:
        ValueError: on entering, another process trains the same.

    Example:

    ```python
    from rnnzoo.training import fit, resume, tracking

    def learn(config, model, training, validation):
        with resume.Session("translation", config) as session:
            run_id = session.run_id
            with tracking.Run("translation", "a", config, run_id=run_id) as run:
                fit.fit(
                    model,
                    training,  # a pipelines.text.TextPairs
                    validation,
                    run=run,
                    epochs=5,
                    session=session,
                )
    ```
    """

    def __init__(
        self,
        recipe,
        config,
        root="mlruns",
        *,
        fresh=False,
        ignore=("fresh",),
        save_minutes=5.0,
        keep=False,
    ):
        super().__init__(
            recipe,
            config,
            root,
            fresh=fresh,
            ignore=ignore,
            notes="session.json",
        )
        self.save_minutes = save_minutes
        self.keep = keep

    def is_done(self, kind):
        if kind is not None and issubclass(kind, FloatingPointError):
            return True
        finished = kind is None and not self.keep
        return finished or not self.begun

    @property
    def begun(self):
        """Whether there is a checkpoint to go on with."""
        return checkpoints.exist(self.directory)

    def begin(self, run, data):
        """Notes what a later process is to go on with, and compares.

        Args:
            run: a `tracking.Run` that has been entered.
            data: dict of JSON values that make the checkpoints usable, such
                as the fingerprints of vocabularies.

        Raises:
            ValueError: there are checkpoints, made with other data.
        """
        if self._chief and self.begun:
            then = self.notes.get("data", {})
            self.check(
                f"{name} is {data.get(name)} now and was {then.get(name)} then"
                for name in data | then
                if data.get(name) != then.get(name)
            )
        self.note(run_id=run.run_id, data=data)

    def check(self, differences):
        """Refuses to go on if there are any.

        Args:
            differences: what differs from when the checkpoint was made,
                strings.

        Raises:
            ValueError: naming them.
        """
        differences = list(differences)
        if differences:
            raise ValueError(
                f"The checkpoints in {self.directory} belong to another "
                f"training: {'; '.join(differences)}. The data or the code "
                "has changed since. Put it back as it was, or give --fresh to "
                "start anew."
            )

    def load(self):
        """The newest checkpoint, see `checkpoints.load`."""
        return checkpoints.load(self.directory) if self._chief else None

    def save(self, number, arrays, about):
        """Makes a checkpoint, see `checkpoints.save`."""
        if self._chief:
            checkpoints.save(self.directory, number, arrays, about)
