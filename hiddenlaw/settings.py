"""What a discovery can be told, checked on the way in.

Cells, readouts, holds and preparations are named here; whether there are such is a question for
`hiddenlaw.kinds`, which knows them.
"""

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hiddenlaw.errors import SettingsError

_HELD_OUT_OF_RECORDS = 0.3
_MANY = 6  # variables: beyond these a linear readout is slow and uncertain to train


class Settings(BaseModel):
    """The settings of `hiddenlaw.discover`, with their defaults.

    Kinds go by their names; `discover` also takes a cell, readout, hold or preparation itself. Its
    documentation says the same of each, word by word.

    - `cell`: of the translator: "generator", "driven", "taylor", "gru", "polynomial",
      "discrete-polynomial" or a class of your own; the distiller's is the same, or a generator cell
      below a GRU.
    - `family`: "driven" (the input pushes the state), "multiplied" (it multiplies it), "polynomial"
      (the state multiplies itself); with "auto" all that go with the other settings, the poorest
      first.
    - `seed`: all randomness follows from it.
    - `hidden`: hidden variables of the translator, 1 to 64; by default 6, more where a wider
      bottleneck is asked for, 5 under a quadratic readout, at least 8 for a GRU.
    - `translator_readout`: how the translator reads its hidden variables; by default linear, and
      quadratic where more than 6 dimensions are asked for (but not by a GRU).
    - `translator_seeds`: independent starts of the translator, 1 to 32; 3 by default.
    - `decoders`: classes of decoder that the sweep tries: "linear", "quadratic", "neural".
    - `max_dimension`: widest bottleneck that the sweep tries, 1 to 12; by default 4, and 6 for
      driven laws of records.
    - `seeds`: independent starts of each distiller, 1 to 64.
    - `dimension`: ask for one theory only, of so many variables; needs `readout` beside it.
    - `readout`: ask for one class of decoder only.
    - `held_out`: share of the runs that no training sees; by default 0.2, and of a few long records
      0.3, the end of each.
    - `steps`: of Adam, for a GRU of many weights (18 hidden variables and more).
    - `hold`: how the input runs between samples: "zero", "first", "cubic"; by default what the data
      say; with "auto" the held-out error of the translator decides.
    - `initial_state`: "shared" by all runs; "per-run", each its own; "context", each its own and of
      a new run read off its first `context` samples; with "auto" shared, unless the held-out error
      says otherwise.
    - `context`: with `initial_state` "context": how many first samples are read; by default an
      eighth.
    - `run_constants`: how many numbers, unknown and different in every run, take part in the law:
      none, one as for an energy, or up to 4.
    - `bootstrap`: resamples of the runs for the intervals, at least 20; 0 for those of the fit
      alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cell: str = "generator"
    family: str = "auto"
    seed: int = Field(0, ge=0)
    hidden: int | None = Field(None, ge=1, le=64)
    translator_readout: str | None = None
    translator_seeds: int | None = Field(None, ge=1, le=32)
    decoders: tuple[str, ...] = Field(("linear", "quadratic"), min_length=1)
    max_dimension: int = Field(4, ge=1, le=12)
    seeds: int = Field(8, ge=1, le=64)
    dimension: int | None = Field(None, ge=1, le=12)
    readout: str | None = None
    held_out: float = Field(0.2, gt=0.0, lt=0.9)
    steps: int = Field(16_000, ge=100)
    hold: str | None = None
    initial_state: str = "auto"
    context: int | None = Field(None, ge=1)
    run_constants: int = Field(0, ge=0, le=4)
    bootstrap: int = Field(0, ge=0, le=100_000)

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        if 0 < self.bootstrap < 20:
            raise ValueError(f"bootstrap is {self.bootstrap}; it takes at least 20 resamples")
        if self.context is not None and self.initial_state != "context":
            raise ValueError("context needs initial_state context beside it")
        if self.run_constants:
            if self.initial_state in ("shared", "context") or self.hold == "auto":
                raise ValueError(
                    "run_constants goes with initial states per-run and a hold that is known"
                )
            if self.bootstrap:
                raise ValueError("run_constants knows no bootstrap; intervals are those of the fit")
        return self

    @property
    def parts(self) -> tuple[float, int]:
        """How runs are parted: share that is held out, and the seed of the choice."""
        return self.held_out, self.seed

    @property
    def of_records(self) -> tuple[float, int | None]:
        """How records are cut: the share of each that is held out at its end, and the context."""
        asked = "held_out" in self.model_fields_set
        return self.held_out if asked else _HELD_OUT_OF_RECORDS, self.context

    def for_windows(self, context: int) -> "Settings":
        """The same for windows of records, which start each from a state of its own."""
        if self.initial_state != "auto":
            return self
        return self.model_copy(update={"initial_state": "context", "context": context})

    @property
    def dimensions(self) -> tuple[int, ...]:
        if self.dimension is not None:
            return (self.dimension,)
        return tuple(range(1, self.max_dimension + 1))

    @property
    def widest(self) -> int:
        """The most variables that are asked for."""
        return max(self.dimensions)

    @property
    def translator_class(self) -> str:
        """The translator's readout, as asked for or by the number of variables."""
        if self.translator_readout is not None:
            return self.translator_readout
        return "quadratic" if self.widest > _MANY else "linear"

    @property
    def classes(self) -> tuple[str, ...]:
        return (self.readout,) if self.readout is not None else tuple(dict.fromkeys(self.decoders))


def settings(**values: object) -> Settings:
    """`Settings`, with one clear line for whatever is wrong (`SettingsError`)."""
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
        message = first["msg"].removeprefix("Value error, ")
        message = message.replace("Input should be", "must be")
        if first["type"] == "extra_forbidden":
            known = ", ".join(Settings.model_fields)
            raise SettingsError(f"no setting called {name!r}; known: {known}") from None
        raise SettingsError(
            f"{name} {message}, not {first['input']!r}" if name else message
        ) from None
