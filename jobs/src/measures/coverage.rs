//! Measures of coverage: of the persons whom a source should tell of, those of whom it is known what it has to say, month by month.
//!
//! A value rests on the records of one source. Beside it stands how many of its people these cover, so that a bureau that reported nothing is no
//! bureau without overtime. Nobody is expected to have a shift who was away all month, nor who draws no overtime pay and has none. Of the other
//! sources a bureau reports all or nothing, so that everybody is expected.

use super::Measure;
use entity::month_source::RecordSource;

/// Persons who should have a shift, of those subject to overtime.
const OVERTIME_EXPECTED: Measure = Measure::of_person_months("OVERTIME_EXPECTED", "subject_to_overtime * (1 - on_leave_all_month)");
/// Of these, those whose overtime is known.
const OVERTIME_COVERED: Measure =
    Measure::of_person_months("OVERTIME_COVERED", "subject_to_overtime * (1 - on_leave_all_month) * overtime_known");
/// Persons who should have a shift, of the census.
const PRESENCE_EXPECTED: Measure = Measure::of_person_months(
    "PRESENCE_EXPECTED",
    "CASE WHEN subject_to_overtime = 1 OR shifts > 0 THEN in_census * (1 - on_leave_all_month) ELSE 0 END",
);
/// Of these, those of whom it is known when they were there.
const PRESENCE_COVERED: Measure = Measure::of_person_months(
    "PRESENCE_COVERED",
    "CASE WHEN subject_to_overtime = 1 OR shifts > 0 THEN in_census * (1 - on_leave_all_month) * presence_known ELSE 0 END",
);
/// Persons of the census.
const CENSUS_EXPECTED: Measure = Measure::of_person_months("CENSUS_EXPECTED", "in_census");
/// Of these, those of whose telework the bureau has reported.
const TELEWORK_COVERED: Measure = Measure::of_person_months("TELEWORK_COVERED", "in_census * telework_known");
/// Of these, those of whose leave the bureau has reported.
const LEAVE_COVERED: Measure = Measure::of_person_months("LEAVE_COVERED", "in_census * leave_known");
/// Of these, those whose bureau has reported hires.
const HIRES_COVERED: Measure = Measure::of_person_months("HIRES_COVERED", "in_census * hires_known");

/// Of whom a source is known, and whom it should tell of.
pub(crate) const fn of(source: RecordSource) -> [Measure; 2] {
    match source {
        RecordSource::Overtime => [OVERTIME_COVERED, OVERTIME_EXPECTED],
        RecordSource::Presence => [PRESENCE_COVERED, PRESENCE_EXPECTED],
        RecordSource::Telework => [TELEWORK_COVERED, CENSUS_EXPECTED],
        RecordSource::Leave => [LEAVE_COVERED, CENSUS_EXPECTED],
        // Appointments are in no figure yet; they would be told of as hires are.
        RecordSource::Hires | RecordSource::Appointments => [HIRES_COVERED, CENSUS_EXPECTED],
    }
}
