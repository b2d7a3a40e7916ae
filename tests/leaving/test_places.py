"""Every column that points at a person, and every column that holds words, has been thought of."""

from sqlalchemy import JSON, Enum, String, Text

from postmortem.leaving import places
from postmortem.leaving.columns import FATES
from postmortem.models import metadata


def test_every_column_that_points_at_a_person_is_handled_by_a_merge() -> None:
    pointing = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "people"
    }
    assert len(pointing) > 20
    assert pointing == set(FATES)


def test_every_column_that_holds_words_is_handled_by_anonymising() -> None:
    holding = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | Text | JSON) and not isinstance(column.type, Enum)
    }
    named = [
        *(f"{place.model.__tablename__}.{name}" for place in places.PLACES for name in place.columns),
        *(f"{model.__tablename__}.slug" for model in places.SLUGS),
        *places.DERIVED,
        *places.OWN,
        *places.HISTORY,
        *places.NO_WORDS_OF_PEOPLE,
    ]
    assert len(named) == len(set(named))
    assert set(named) == holding
