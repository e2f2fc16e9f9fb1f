"""Join inference: which file has the leads, which has the outcomes, and the columns that join them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crm.id_lists import split_ids
from crm.inference.column_links import ColumnLink, KeyColumn, find_links, key_columns, names_an_id
from crm.inference.export_profile import ExportProfile
from crm.inference.header_words import normalise
from crm.inference.id_columns import id_columns
from crm.inference.inference_findings import InferenceFindings
from crm.inference.stage_meanings import stage_kind
from crm.inference.unlinked_columns import why_unlinked
from crm.outcome_joins import joined_name

HISTORY_UNIQUE = 0.8
"""Share of distinct ids below which a file of stages has one row per change of the stage."""
_DEAL_UNIQUE = 0.98
_IDENTIFIED = 3.0
"""Weight of an id: a file without one has details of leads, such as several products of each."""
_OUTCOMES = 2.0
"""Outcome score from which on a file that is not joined is a doubt; tables of costs or visits have less."""
_LIST_PROBE = 2_000
_HISTORY_WORDS = frozenset(
    {"history", "histories", "stages", "changes", "transitions", "events", "log", "verlauf", "historie", "storico"}
    | {"historique", "historial", "история", "이력"}
)
_OUTCOME_SETTINGS = ("won", "won_at", "lost", "lost_at", "closed_at", "stage", "stage_at", "revenue", "known_at")


@dataclass(frozen=True)
class TableJoin:
    """A further table whose columns are added to the rows of outcomes.

    Attributes
    ----------
    export
        Profile of the table.
    column
        Column of the outcomes, or of a table joined before.
    meets
        Column of this table with the same ids.
    """

    export: ExportProfile
    column: str
    meets: str


@dataclass(frozen=True)
class JoinPath:
    """How the rows of outcomes meet the leads.

    Attributes
    ----------
    outcomes
        File whose rows are the rows of outcomes.
    link
        Column of the leads, and the column with the same ids of the outcomes or of a joined table.
    joins
        Tables between the outcomes and the leads.
    deal_id
        Column that identifies a deal; None if it is not needed.
    """

    outcomes: ExportProfile
    link: ColumnLink
    joins: list[TableJoin] = field(default_factory=list)
    deal_id: str | None = None

    @property
    def lead_id(self) -> str:
        """Column of the outcomes with the ids of the leads, as named after the joins."""
        return names_after_joins(self.outcomes, self.joins)[self.link.right.export.sample.path, self.link.right.name]

    @property
    def files(self) -> list[ExportProfile]:
        """The outcomes and the joined tables."""
        return [self.outcomes, *(join.export for join in self.joins)]


def names_after_joins(outcomes: ExportProfile, joins: Sequence[TableJoin]) -> dict[tuple[Path, str], str]:
    """Return (file, column) -> its name among the columns of the outcomes."""
    names = list(outcomes.columns)
    result = {(outcomes.sample.path, name): name for name in names}
    for join in joins:
        path = join.export.sample.path
        for name in join.export.columns:
            result[path, name] = joined_name(name, names, path.name.partition(".")[0])
            names.append(result[path, name])
    return result


def lead_score(export: ExportProfile) -> float:
    """Return how much a file looks like leads: standard fields and an id, minus its outcome score."""
    fields = {
        match.name
        for meanings in export.meanings.values()
        for match in meanings[:3]
        if match.section == "fields" and not match.near and match.name not in {"id", "submitted_at"}
    }
    contacts = sum(column.kind in {"email", "phone"} for column in export.columns.values())
    dated = any(column.dates for column, _ in export.columns_for("fields", "submitted_at"))
    identified = _IDENTIFIED * bool(id_columns(export))
    return len(fields) + contacts + dated + identified - outcome_score(export)


def outcome_score(export: ExportProfile) -> float:
    """Return how much a file looks like outcomes: stages, won dates, amounts."""
    settings = sum(bool(export.columns_for("outcomes", name)) for name in _OUTCOME_SETTINGS)
    return settings + (2.0 if _has_stages(export) else 0.0)


def _has_stages(export: ExportProfile) -> bool:
    return any(
        {stage_kind(value) for value in list(column.counts)[:60]} & {"won", "lost"}
        for column in export.columns.values()
        if column.kind == "category"
    )


def choose_leads(exports: Sequence[ExportProfile]) -> ExportProfile:
    """Return the export with the highest lead score."""
    return max(exports, key=lead_score)


class JoinGraph:
    """Links between the columns of several files.

    Parameters
    ----------
    leads
        File of the leads.
    exports
        All files.
    """

    def __init__(self, leads: ExportProfile, exports: Sequence[ExportProfile]) -> None:
        self._leads = leads
        self._others = [export for export in exports if export is not leads]
        self._keys = {export.sample.path: key_columns(export) for export in exports}
        self._found: dict[tuple[Path, Path], list[ColumnLink]] = {}
        self._lead_ids = [column.name for column, _ in id_columns(leads)]

    def links(self, left: ExportProfile, right: ExportProfile) -> list[ColumnLink]:
        """Return the links between two files, best first; of the leads, those of an id before others."""
        key = (left.sample.path, right.sample.path)
        if key not in self._found:
            links = find_links(self._keys[left.sample.path], self._keys[right.sample.path])
            if left is self._leads:
                links.sort(key=lambda link: -self._preference(link))
            self._found[key] = links
        return self._found[key]

    def _preference(self, link: ColumnLink) -> float:
        is_id = link.left.name in self._lead_ids
        rank = self._lead_ids.index(link.left.name) if is_id else 0
        own = [column.name for column, _ in id_columns(link.right.export)][:1] == [link.right.name]
        weight = 0.2 - 0.05 * own if is_id else 0.1 * (link.right.column.unique >= _DEAL_UNIQUE)
        return link.score + weight - 0.01 * rank - 0.3 * (link.left.column.kind == "email")

    def path(self) -> JoinPath | None:
        """Return how the outcomes meet the leads, or None if no file of outcomes does."""
        for base in sorted(self._others, key=lambda export: -_base_score(export)):
            if outcome_score(base) <= 0:
                continue
            path = next(self._paths(base), None)
            if path is not None:
                return self._extended(path)
        return None

    def _paths(self, base: ExportProfile) -> Iterator[JoinPath]:
        """Yield the ways from a file of outcomes to the leads, over at most two other files, shortest first."""
        for link in self.links(self._leads, base)[:1]:
            yield JoinPath(base, link, [], self._deal_id(base, [], link))
        for first in self._others:
            if first is base:
                continue
            for step in self.links(base, first)[:1]:
                join = TableJoin(first, step.left.name, step.right.name)
                yield from self._onward(base, [join], step.right)
                for second in self._others:
                    if second not in (base, first):
                        yield from self._over(base, join, second, step.right)

    def _over(
        self, base: ExportProfile, join: TableJoin, second: ExportProfile, entered: KeyColumn
    ) -> Iterator[JoinPath]:
        """Yield the ways over a second file, which is reached through another column than the first was."""
        links = (link for link in self.links(join.export, second) if link.left.name != entered.name)
        for hop in links:
            name = names_after_joins(base, [join])[join.export.sample.path, hop.left.name]
            yield from self._onward(base, [join, TableJoin(second, name, hop.right.name)], hop.right)

    def _onward(self, base: ExportProfile, joins: list[TableJoin], entered: KeyColumn) -> Iterator[JoinPath]:
        """Yield the ways from the last joined table to the leads, through another column than it was entered by."""
        for link in self.links(self._leads, joins[-1].export):
            if link.right.name != entered.name:
                yield JoinPath(base, link, joins, self._deal_id(base, joins, link))

    def _deal_id(self, base: ExportProfile, joins: Sequence[TableJoin], link: ColumnLink) -> str | None:
        """Return the column that identifies a deal, where several rows or several leads may belong to one."""
        if is_history(base):
            return joins[0].column if joins else None
        lists = any(len(split_ids(value)) > 1 for value in list(link.right.column.counts)[:_LIST_PROBE])
        if not joins and not lists and link.left.name in self._lead_ids:
            return None
        of_leads = link.right.column if link.left.name in self._lead_ids else None
        ids = [
            column
            for column, _ in id_columns(base)
            if column.kind != "email" and column.unique >= _DEAL_UNIQUE and column is not of_leads
        ]
        return ids[0].name if ids else None

    def _extended(self, path: JoinPath) -> JoinPath:
        """Return a path with the files that add the stages or the revenue that its files lack."""
        for fits in (_has_stages, _has_revenue):
            if any(fits(export) for export in path.files):
                continue
            for export in self._others:
                if export not in path.files and fits(export) and (join := self._extension(path, export)):
                    path = replace(path, joins=[*path.joins, join])
                    break
        return path

    def _extension(self, path: JoinPath, wanted: ExportProfile) -> TableJoin | None:
        """Return how a further file with one row per id joins the rows of outcomes, or None."""
        names = names_after_joins(path.outcomes, path.joins)
        for export in path.files:
            for link in self.links(export, wanted):
                if link.right.column.unique >= _DEAL_UNIQUE:
                    return TableJoin(wanted, names[export.sample.path, link.left.name], link.right.name)
        return None


def _has_revenue(export: ExportProfile) -> bool:
    return any(
        column.shares.get("money", 0) >= 0.9 and column.kind == "number"
        for column, _ in export.columns_for("outcomes", "revenue")
    )


def choose_path(leads: ExportProfile, exports: Sequence[ExportProfile], findings: InferenceFindings) -> JoinPath | None:
    """Return how the outcomes meet the leads; report the files that are not used, with the reason."""
    graph = JoinGraph(leads, exports)
    path = graph.path() if len(exports) > 1 else None
    used = [leads, *(path.files if path else [])]
    for export in exports:
        if export in used:
            continue
        if list(export.columns) == list(leads.columns):
            findings.warn(
                f"{export.name} has the same columns as {leads.name}, and one file of leads can be read",
                "if both have leads of the history, put the rows into one file",
            )
            findings.leave_out(export.name, "(whole file)", f"has the same columns as {leads.name}")
            continue
        linked = next((other for other in used if graph.links(other, export)), None)
        if linked is None:
            problem, remedy = why_unlinked(leads, export) or (
                f"{export.name} shares no column of values with {leads.name}, so it is not used",
                "export it with the id of the lead or of the deal in a column of its own",
            )
            findings.warn(problem, remedy, "note" if path and outcome_score(export) < _OUTCOMES else "check")
        reason = f"joins {linked.name}, but adds no outcome" if linked else "no column has the ids of the leads"
        findings.leave_out(export.name, "(whole file)", reason)
    return path


def warn_about_link(path: JoinPath, leads: ExportProfile, findings: InferenceFindings) -> None:
    """Add a warning where the values that join two files are no sure sign."""
    link = path.link
    columns = f"{link.left.name!r} of {leads.name} and {link.right.name!r} of {link.right.export.name}"
    equal = normalise(link.left.name) == normalise(link.right.name)
    evidence = "their equal headers show" if equal else "the order of their dates shows"
    if link.by_chance:
        findings.warn(
            f"{columns} both count from one: only {evidence} that they are the same ids",
            "check one lead and its deal, or export the deals with the id of the lead",
        )
    elif link.overlap < 0.9:
        findings.warn(
            f"{link.overlap:.0%} of the ids of {link.right.name!r} in {link.right.export.name} are among those of "
            f"{link.left.name!r} in {leads.name}",
            "export both files for the same time; deals of leads that are not in the file do not count",
        )


def _base_score(export: ExportProfile) -> float:
    """Return how much the rows of a file are outcomes: a stage history first, then deals."""
    return outcome_score(export) + (10.0 if is_history(export) else 0.0)


def is_history(export: ExportProfile) -> bool:
    """Return whether a file has one row per change of the stage: repeated ids, stages and dates.

    Deals have an id of their own in every row. So do the rows of some histories, which their name or a header for
    the time of the change shows.
    """
    dated = any(column.dates for column in export.columns.values())
    keys = [key.column for key in key_columns(export) if key.column.kind != "email"]
    repeated = [key for key in keys if key.distinct > 1 and key.unique < HISTORY_UNIQUE and names_an_id(key.name)]
    repeated += [column for column, _ in export.columns_for("outcomes", "lead_id") if column.unique < HISTORY_UNIQUE]
    unique = [key for key in keys if key.unique >= _DEAL_UNIQUE and key.filled >= _DEAL_UNIQUE]
    named = bool(_HISTORY_WORDS & set(normalise(export.sample.path.stem).split()))
    named = named or any(column.dates for column, _ in export.columns_for("outcomes", "stage_at"))
    return _has_stages(export) and dated and bool(repeated) and (named or not unique)
