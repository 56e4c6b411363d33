"""What a drawing of a recurrent network is of, before it is laid out."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """Layers that are one box at each time step.

    Attributes:
        kind: str. "embedding", "recurrent", "norm", "attention", "head", ...;
            it gives the colour.
        label: str. What is written in the box.
        detail: str. What is written smaller, such as "128 units".
        weights: int. How many it has.
        bidirectional: bool. Of a recurrent part: whether a second box reads
            backwards.
        state: str. What the recurrent part hands on, such as "h, c".
        norm, skip: bool. Whether there is a layer norm before it, a shortcut
            around it.
    """

    kind: str
    label: str
    detail: str = ""
    weights: int = 0
    bidirectional: bool = False
    state: str = "h"
    norm: bool = False
    skip: bool = False

    @property
    def directions(self):
        """Recurrences in it."""
        return (1 + self.bidirectional) * (self.kind == "recurrent")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Side:
    """What happens at each step of one sequence.

    Attributes:
        name: str. "encoder", "decoder", or "" where there is only one.
        symbol, output: str. What its inputs and outputs are called.
        parts: tuple of Part, the lowest first.
        length: int or None. The number of steps, where it is known.
        last: str. What the last step is called otherwise.
        links: bool. Whether a step goes on from the one before.
        answers: bool. Whether there is an output at each step.
    """

    name: str = ""
    symbol: str = "x"
    output: str = "y"
    parts: tuple = ()
    length: int | None = None
    last: str = "T"
    links: bool = True
    answers: bool = False

    @property
    def recurrent(self):
        """The recurrent parts."""
        return [part for part in self.parts if part.kind == "recurrent"]

    @property
    def both_ways(self):
        """Whether a part reads in both directions."""
        return any(part.bidirectional for part in self.parts)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Description:
    """A network of one of the five topologies.

    Attributes:
        topology: str, of `rnnzoo.list_architectures()`.
        weights: int. Of the whole model.
        item: tuple of Part. What reads a single input, the lowest first.
        reader: Side or None. What reads a sequence.
        pooling: Part or None. What makes one vector of all steps; None: the
            last one.
        head: Part or None. What makes the only output.
        ending: Part or None. What decides about all outputs together.
        bridge: Part or None. What hands the input to the writer...
        condition: str. ...how: "initial_state", "first_input", "every_step".
        writer: Side or None. What writes a sequence.
        feedback: bool. Whether the writer reads what it has written.
        input_feeding: bool. Whether it reads what attention found.
        carried: bool. Whether states go on from batch to batch.
    """

    topology: str
    weights: int
    item: tuple = ()
    reader: Side | None = None
    pooling: Part | None = None
    head: Part | None = None
    ending: Part | None = None
    bridge: Part | None = None
    condition: str = "initial_state"
    writer: Side | None = None
    feedback: bool = False
    input_feeding: bool = False
    carried: bool = False

    @property
    def sides(self):
        return [side for side in (self.reader, self.writer) if side]

    @property
    def parts(self):
        """All of them, in the order of the data."""
        ends = (self.pooling, self.head, self.ending)
        return [
            *self.item,
            *(self.reader.parts if self.reader else ()),
            *(part for part in ends if part),
            *((self.bridge,) if self.bridge else ()),
            *(self.writer.parts if self.writer else ()),
        ]

    @property
    def layers(self):
        """Number of recurrent layers on all sides."""
        return sum(len(side.recurrent) for side in self.sides)

    @property
    def recurrences(self):
        """The same, each direction counted."""
        return sum(part.directions for part in self.parts)

    @property
    def every_step_counts(self):
        """Whether outputs of all steps are used, of both directions."""
        if self.writer is not None:
            return self.attends
        pooling = self.pooling
        last = pooling is None or pooling.label.startswith("last")
        return self.head is None or not last

    @property
    def attends(self):
        """Whether the writer looks at what was read."""
        if self.writer is None:
            return False
        return any(part.kind == "attention" for part in self.writer.parts)
