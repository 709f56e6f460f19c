"""Rows of the table: alternating rounds, medians, ratios, and how they are written down."""
import json
import statistics
from dataclasses import dataclass, field


@dataclass
class Figure:
    """One row. `goal` is held against the ratio, or against the value when there is no yardstick."""
    name: str
    unit: str
    yardstick_name: str = ""
    goal: str = ""            # ">= 1.1", "<= 3"
    values: list = field(default_factory=list)
    yardsticks: list = field(default_factory=list)
    note: str = ""
    cannot: str = ""          # why there is no number

    @property
    def value(self):
        return statistics.median(self.values) if self.values else None

    @property
    def yardstick(self):
        return statistics.median(self.yardsticks) if self.yardsticks else None

    @property
    def ratios(self):
        return [value / yardstick for value, yardstick in zip(self.values, self.yardsticks)]

    @property
    def ratio(self):
        """The median of the rounds' ratios: what drifts from minute to minute drifts on both sides of one round."""
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def met(self):
        judged = self.ratio if self.yardsticks else self.value
        if judged is None or not self.goal:
            return None
        relation, bound = self.goal.split()[:2]
        return judged >= float(bound) if relation == ">=" else judged < float(bound) if relation == "<" \
            else judged <= float(bound)

    def as_json(self):
        return {"name": self.name, "value": self.value, "yardstick": self.yardstick, "ratio": self.ratio, "goal": self.goal,
                "met": self.met, "unit": self.unit, "yardstick_name": self.yardstick_name, "values": self.values,
                "yardsticks": self.yardsticks, "note": self.cannot or self.note}


def rounds(n, ours, theirs):
    """Runs both `n` times, the first of each round by turns; ours(i) and theirs(i) return what was measured."""
    found = ([], [])
    for i in range(n):
        for side in (0, 1) if i % 2 == 0 else (1, 0):
            found[side].append((ours, theirs)[side](i))
    return found


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values):
    return f"{number(min(values))}…{number(max(values))}" if len(values) > 1 else ""


def text(figures):
    head = ["figure", "unit", "value", "spread", "yardstick", "spread", "ratio", "spread", "goal", "met"]
    rows = [[f.name, f.unit, number(f.value), spread(f.values), number(f.yardstick), spread(f.yardsticks),
             f"{f.ratio:.2f}" if f.ratio is not None else "", f"{min(f.ratios):.2f}…{max(f.ratios):.2f}" if f.ratios else "",
             f.goal, {True: "yes", False: "NO", None: ""}[f.met]] for f in figures]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [head, *rows]]
    notes = [f"{f.name}: {f.cannot or f.note}" for f in figures if f.cannot or f.note]
    return "\n".join([*lines, "", *notes])


def write_json(figures, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([f.as_json() for f in figures], indent=1, ensure_ascii=False) + "\n")
