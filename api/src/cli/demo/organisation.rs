//! The demo's organisation: the Cabinet Secretariat's bureaus around 2019, with units and designations.
//!
//! The bureaus' names are public. Their units, sizes, dates and designations are the demo's own, and so is all that it says of them.

use super::calendar::day;
use api::{
    store::{bureau::BureauDraft, record::Version, start_stage::StartStageDraft, unit::UnitDraft, work_regime::WorkRegimeDraft},
    words::{Date, Regime, Visibility},
};
use chrono::NaiveDate;

/// The plan's first day; what was before it is not recorded.
const PLAN_BEGINS: NaiveDate = day(2015, 2, 1);
/// From this day on there are ten start stages, five before it.
const TEN_STAGES: NaiveDate = day(2016, 4, 1);
/// From this day on caps bind, and units are designated (rule 15-14).
const CAPS_BEGIN: NaiveDate = day(2019, 4, 1);

/// One bureau.
pub(super) struct Bureau {
    /// Office-wide code.
    pub code: &'static str,
    name_ja: &'static str,
    name_en: &'static str,
    /// How large it is, beside the others.
    pub weight: usize,
    /// How many of [`UNITS`] it has.
    units: usize,
    /// Whether its work, its general affairs aside, is externally driven (他律的業務).
    pub external: bool,
    /// Whether its attendance system knows what was ordered.
    pub knows_orders: bool,
    /// First day in being.
    pub since: NaiveDate,
}

impl Bureau {
    const fn new(code: &'static str, names: (&'static str, &'static str), weight: usize, units: usize) -> Self {
        let (name_ja, name_en) = names;
        Self { code, name_ja, name_en, weight, units, external: false, knows_orders: true, since: PLAN_BEGINS }
    }

    const fn external(self) -> Self {
        Self { external: true, ..self }
    }

    const fn presence_only(self) -> Self {
        Self { knows_orders: false, ..self }
    }
}

/// The bureaus, in the order of the official chart.
pub(super) const BUREAUS: [Bureau; 22] = [
    Bureau::new("SOMU", ("内閣総務官室", "Cabinet Affairs Office"), 80, 4),
    Bureau::new("HOSA", ("内閣官房副長官補室", "Office of Assistant Chief Cabinet Secretaries"), 110, 5).external(),
    Bureau::new("JITAI", ("事態対処・危機管理担当", "Situations Response and Crisis Management"), 70, 3).external(),
    Bureau::new(SECURITY, ("国家安全保障局", "National Security Secretariat"), 90, 5).external(),
    Bureau::new("KOHO", ("内閣広報室", "Cabinet Public Affairs Office"), 50, 3),
    Bureau::new(INTELLIGENCE, ("内閣情報調査室", "Cabinet Intelligence and Research Office"), 160, 5).presence_only(),
    Bureau::new(
        "NISC",
        ("内閣サイバーセキュリティセンター", "National Center of Incident Readiness and Strategy for Cybersecurity"),
        110,
        5,
    ),
    Bureau::new(PERSONNEL_BUREAU, ("内閣人事局", "Cabinet Bureau of Personnel Affairs"), 150, 5).external(),
    Bureau::new("IT", ("情報通信技術（IT）総合戦略室", "National Strategy Office of Information and Communications Technology"), 80, 4),
    Bureau::new("KYOJIN", ("国土強靱化推進室", "National Resilience Promotion Office"), 35, 2),
    Bureau::new("RYODO", ("領土・主権対策企画調整室", "Office of Policy Planning and Coordination on Territory and Sovereignty"), 15, 2),
    Bureau::new("TPP", ("TPP等政府対策本部", "Governmental Headquarters for the TPP and Other Agreements"), 30, 2).external(),
    Bureau::new("INFL", ("新型インフルエンザ等対策室", "Office for Pandemic Influenza Preparedness and Response"), 25, 2).external(),
    Bureau::new("RACHI", ("拉致問題対策本部事務局", "Secretariat of the Headquarters for the Abduction Issue"), 30, 3),
    Bureau::new("SAISEI", ("日本経済再生総合事務局", "Office for Japan's Economic Revitalization"), 55, 4).external(),
    Bureau::new("GYOKAKU", ("行政改革推進本部事務局", "Secretariat of the Headquarters for Administrative Reform"), 40, 3),
    Bureau::new("IRYO", ("健康・医療戦略室", "Office of Healthcare Policy"), 30, 2),
    Bureau::new("MACHI", ("まち・ひと・しごと創生本部事務局", "Secretariat of the Headquarters for Regional Revitalization"), 75, 4)
        .presence_only(),
    Bureau::new(
        "ORIPARA",
        ("東京オリンピック競技大会・東京パラリンピック競技大会推進本部事務局", "Secretariat of the Headquarters for the Tokyo Games"),
        45,
        3,
    )
    .external(),
    Bureau::new("AINU", ("アイヌ総合政策室", "Comprehensive Ainu Policy Office"), 20, 2),
    Bureau::new("MIZU", ("水循環政策本部事務局", "Secretariat of the Headquarters for Water Cycle Policy"), 20, 2),
    Bureau {
        since: day(2019, 10, 1),
        ..Bureau::new("ZENSEDAI", ("全世代型社会保障検討室", "Office for Social Security for All Generations"), 15, 2).external()
    },
];

/// Figures of its months would show crisis activity.
const INTELLIGENCE: &str = "JOHO";
/// Of this one figures stay inside the office.
const SECURITY: &str = "NSS";
/// The bureau in whose name the demo's officer acts.
pub(super) const PERSONNEL_BUREAU: &str = "JINJI";

/// Who is late at the end: of how many of the last months a bureau has reported no shifts.
const LATE: [(&str, usize); 2] = [("RYODO", 2), ("MIZU", 1)];
/// Of the last month this one has reported the shifts of every other person.
const HALFWAY: &str = "IT";

/// Which people's shifts of a month a bureau has reported, `back` months before the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reported {
    All,
    Half,
    Nothing,
}

impl Reported {
    /// Of a bureau, by its place in [`BUREAUS`].
    pub fn of(bureau: usize, back: usize) -> Self {
        let code = BUREAUS[bureau].code;
        match LATE.iter().find(|(late, _)| *late == code) {
            Some((_, months)) if back < *months => Self::Nothing,
            None if code == HALFWAY && back == 0 => Self::Half,
            _ => Self::All,
        }
    }
}

/// What units do; each bureau has the first few.
const UNITS: [(&str, &str); 5] = [
    ("総務担当", "General Affairs"),
    ("企画担当", "Planning"),
    ("総合調整担当", "Coordination"),
    ("調査分析担当", "Research and Analysis"),
    ("国際担当", "International Affairs"),
];

/// One unit.
pub(super) struct Unit {
    /// Its place in [`BUREAUS`].
    pub bureau: usize,
    /// Its place in [`UNITS`].
    kind: usize,
    /// Office-wide code.
    pub code: String,
    /// Whether its work is externally driven.
    pub external: bool,
}

/// All units, bureau by bureau.
pub(super) fn units() -> Vec<Unit> {
    let of_bureau = |(bureau, row): (usize, &Bureau)| {
        let (code, external, units) = (row.code, row.external, row.units);
        (0..units).map(move |kind| Unit { bureau, kind, code: format!("{code}-{}", kind + 1), external: external && kind > 0 })
    };
    BUREAUS.iter().enumerate().flat_map(of_bureau).collect()
}

/// The bureaus as records.
pub(super) fn bureau_records() -> Vec<BureauDraft> {
    let record = |(place, bureau): (i32, &Bureau)| BureauDraft {
        // By tens, as such lists leave room for bureaus that are still to come.
        position: Some(10 * place),
        notice_address: None,
        officer_address: None,
        code: bureau.code.to_owned(),
        name_ja: bureau.name_ja.to_owned(),
        name_en: bureau.name_en.to_owned(),
        valid_from: Date(bureau.since),
        valid_to: None,
        last_day: None,
        successor: None,
        visibility: match bureau.code {
            INTELLIGENCE => Visibility::OfficeTotalOnly,
            // Beside it, so that the other bureaus' line is not its own.
            SECURITY => Visibility::Internal,
            _ => Visibility::Open,
        },
        version: Version::default(),
    };
    (1..).zip(&BUREAUS).map(record).collect()
}

/// The units as records.
pub(super) fn unit_records(units: &[Unit]) -> Vec<UnitDraft> {
    let record = |unit: &Unit| UnitDraft {
        code: unit.code.clone(),
        bureau: BUREAUS[unit.bureau].code.to_owned(),
        name_ja: UNITS[unit.kind].0.to_owned(),
        name_en: UNITS[unit.kind].1.to_owned(),
        valid_from: Date(BUREAUS[unit.bureau].since),
        valid_to: None,
        last_day: None,
        version: Version::default(),
    };
    units.iter().map(record).collect()
}

/// Which units' work is externally driven, and which self-paced.
pub(super) fn regime_records(units: &[Unit]) -> Vec<WorkRegimeDraft> {
    let record = |unit: &Unit| WorkRegimeDraft {
        external_id: unit.code.clone(),
        unit: unit.code.clone(),
        regime: if unit.external { Regime::ExternallyDriven } else { Regime::SelfPaced },
        valid_from: Date(BUREAUS[unit.bureau].since.max(CAPS_BEGIN)),
        valid_to: None,
        last_day: None,
        version: Version::default(),
    };
    units.iter().map(record).collect()
}

/// When a day may start: five stages at first, then ten (the plan, IV-1-(3)-②). In minutes after midnight.
pub(super) const STAGES: [u32; 10] = [480, 510, 540, 600, 630, 450, 495, 555, 585, 660];
/// How many of the stages there were at first.
const FIRST_STAGES: usize = 5;

/// The stages as records.
pub(super) fn stage_records() -> Vec<StartStageDraft> {
    let record = |(index, minute): (usize, &u32)| {
        let starts_at = format!("{:02}:{:02}", minute / 60, minute % 60);
        StartStageDraft {
            external_id: starts_at.clone(),
            bureau: None,
            starts_at,
            valid_from: Date(if index < FIRST_STAGES { PLAN_BEGINS } else { TEN_STAGES }),
            valid_to: None,
            last_day: None,
            version: Version::default(),
        }
    };
    STAGES.iter().enumerate().map(record).collect()
}
