//! The attack on live figures: what of the withheld ones follows exactly, by linear algebra, from all that a viewer is shown.
//!
//! Every figure is a sum over atoms: a measure in a span, month, bureau, sex and band, as the catalogue's definitions say. What is shown is a
//! system of equations over them; a withheld figure falls where its own sum is a combination of these. It is solved modulo a large prime, which
//! is exact but for a chance of one in 10¹⁸. Deliberately absent: bounds, which are the release's attacker's (`tests/attack.py`).

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use api::authz::Role;
use entity::{measure_cell::Span, period::YearMonth, posting::RankBand, staff::Sex};
use jobs::indicators::{Part, find};
use sea_orm::ActiveEnum;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{bureau, posting, record, shift, staff, unit, with};
use torikumi_tests::server::Server;

use super::office::compute;

/// A Mersenne prime.
const PRIME: u64 = (1 << 61) - 1;
const SEXES: [Sex; 3] = [Sex::Female, Sex::Male, Sex::NotRecorded];
const BANDS: [RankBand; 5] = [RankBand::Staff, RankBand::Chief, RankBand::AssistantDirector, RankBand::Director, RankBand::Designated];

/// A sum over atoms, which are numbered by the words that name them.
type Form = BTreeMap<usize, u64>;

fn times(a: u64, b: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) % u128::from(PRIME)).unwrap_or_default()
}

fn inverse(of: u64) -> u64 {
    let (mut result, mut base, mut left) = (1, of, PRIME - 2);
    while left > 0 {
        if left & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        left >>= 1;
    }
    result
}

/// What is known: forms in echelon, each by its first atom.
#[derive(Default)]
struct Known(BTreeMap<usize, Form>);

impl Known {
    /// What is left of a form that does not follow.
    fn reduced(&self, mut form: Form) -> Form {
        let mut left = Form::new();
        while let Some((atom, factor)) = form.pop_first() {
            let Some(row) = self.0.get(&atom) else {
                left.insert(atom, factor);
                continue;
            };
            for (other, by) in row.range(atom + 1..) {
                let sum = form.entry(*other).or_default();
                *sum = (*sum + PRIME - times(factor, *by)) % PRIME;
                if *sum == 0 {
                    form.remove(other);
                }
            }
        }
        left
    }

    fn learn(&mut self, form: Form) {
        let form = self.reduced(form);
        if let Some((atom, factor)) = form.first_key_value() {
            let by = inverse(*factor);
            self.0.insert(*atom, form.iter().map(|(atom, factor)| (*atom, times(*factor, by))).collect());
        }
    }
}

/// A figure as the API shows it.
struct Figure {
    code: String,
    span: Span,
    from: YearMonth,
    month: YearMonth,
    bureau: String,
    sex: String,
    band: String,
    withheld: bool,
}

impl Figure {
    fn read(value: &Value) -> anyhow::Result<Self> {
        let text = |field: &str| value[field].as_str().map(str::to_owned).with_context(|| format!("{field}: {value}"));
        let span = match value["span"].as_str() {
            Some("MONTH") => Span::Month,
            Some("FISCAL_YEAR_TO_DATE") => Span::FiscalYearToDate,
            _ => Span::CalendarYearToDate,
        };
        Ok(Self {
            code: text("code")?,
            span,
            from: text("from")?.parse()?,
            month: text("month")?.parse()?,
            bureau: text("bureau")?,
            sex: text("sex")?,
            band: text("band")?,
            withheld: value["status"] == "WITHHELD",
        })
    }

    fn name(&self) -> String {
        format!("{} {:?} {} {} {} {}", self.code, self.span, self.month, self.bureau, self.sex, self.band)
    }
}

/// What an attack comes to.
pub struct Fallen {
    /// Withheld figures of single months that were asked about.
    pub asked: usize,
    /// Bureaus of which nothing is shown in a month, and which.
    pub hidden: BTreeSet<(YearMonth, String)>,
    /// Sides of these bureaus' figures that follow.
    pub of_hidden: Vec<String>,
    /// Sides of others that follow.
    pub of_others: Vec<String>,
}

struct Attack {
    bureaus: Vec<String>,
    atoms: BTreeMap<String, usize>,
    known: Known,
}

impl Attack {
    /// The sum that a side of a figure is.
    fn form(&mut self, figure: &Figure, part: Part) -> Form {
        let bureaus = if figure.bureau == "TOTAL" { self.bureaus.clone() } else { vec![figure.bureau.clone()] };
        let spans: Vec<(Span, YearMonth)> = match (part.measure.months_add_up(), figure.span) {
            (true, Span::FiscalYearToDate | Span::CalendarYearToDate) => {
                YearMonth::range(figure.from, figure.month).map(|month| (Span::Month, month)).collect()
            }
            _ => vec![(figure.span, figure.month)],
        };
        let mut form = Form::new();
        let is = |member: &str, own: &str| member == "TOTAL" || member == own;
        for (span, month) in spans {
            for bureau in &bureaus {
                for sex in SEXES.iter().filter(|sex| part.sexes.contains(sex) && is(&figure.sex, &sex.to_value())) {
                    for band in BANDS.iter().filter(|band| part.bands.contains(band) && is(&figure.band, &band.to_value())) {
                        let atom = format!("{} {span:?} {month} {bureau} {sex:?} {band:?}", part.measure);
                        let next = self.atoms.len();
                        form.insert(*self.atoms.entry(atom).or_insert(next), u64::try_from(part.scale).unwrap_or(1));
                    }
                }
            }
        }
        form
    }
}

/// All that a caller is shown of some months, and what of the withheld follows from it.
pub async fn attack(client: &Client, bureaus: &[&str], (from, to): (&str, &str)) -> anyhow::Result<Fallen> {
    let document = "query($filter: IndicatorValueFilter!, $after: String) { indicatorValues(first: 500, after: $after, filter: $filter) {
        pageInfo { hasNextPage endCursor } nodes { code span from month bureau sex band status } } }";
    let (mut figures, mut after) = (Vec::new(), Value::Null);
    loop {
        let filter = json!({ "from": from, "to": to });
        let mut page = client.query(document, json!({ "filter": filter, "after": after })).await?["indicatorValues"].take();
        for value in page["nodes"].as_array().into_iter().flatten() {
            figures.push(Figure::read(value)?);
        }
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
    let bureaus = bureaus.iter().map(|&code| code.to_owned()).collect();
    let mut attack = Attack { bureaus, atoms: BTreeMap::new(), known: Known::default() };
    for figure in figures.iter().filter(|figure| !figure.withheld) {
        let definition = find(&figure.code).context("an indicator of the catalogue")?;
        for part in [definition.numerator, definition.denominator] {
            let form = attack.form(figure, part);
            attack.known.learn(form);
        }
    }
    let of_month = |figure: &&Figure| figure.span == Span::Month;
    let shown: BTreeSet<_> =
        figures.iter().filter(of_month).filter(|figure| !figure.withheld).map(|figure| (figure.month, figure.bureau.clone())).collect();
    let all: BTreeSet<_> = figures.iter().filter(of_month).map(|figure| (figure.month, figure.bureau.clone())).collect();
    let mut fallen = Fallen { asked: 0, hidden: all.difference(&shown).cloned().collect(), of_hidden: Vec::new(), of_others: Vec::new() };
    for figure in figures.iter().filter(of_month).filter(|figure| figure.withheld) {
        fallen.asked += 1;
        let definition = find(&figure.code).context("an indicator of the catalogue")?;
        for (side, part) in [("numerator", definition.numerator), ("denominator", definition.denominator)] {
            let form = attack.form(figure, part);
            if attack.known.reduced(form).is_empty() {
                let of = fallen.hidden.contains(&(figure.month, figure.bureau.clone()));
                let list = if of { &mut fallen.of_hidden } else { &mut fallen.of_others };
                list.push(format!("{side} {}", figure.name()));
            }
        }
    }
    Ok(fallen)
}

/// Bureaus and their people; H appears in the office's total alone. W has few women and few of the upper bands.
const BUREAUS: [(&str, usize); 5] = [("H", 23), ("P", 14), ("Q", 17), ("R", 40), ("W", 31)];
const MONTHS: [&str; 3] = ["2020-01", "2020-02", "2020-03"];

/// An office whose figures are small here and there, in one month and not in another.
async fn office(backend: Backend) -> anyhow::Result<Server> {
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;
    let hidden = |code: &str| if code == "H" { "OFFICE_TOTAL_ONLY" } else { "INTERNAL" };
    let bureaus = BUREAUS.map(|(code, _)| with(bureau(code), json!({ "visibility": hidden(code) })));
    record(&secretariat, "Bureaus", bureaus.to_vec()).await?;
    record(&secretariat, "Units", BUREAUS.map(|(code, _)| unit(&format!("{code}1"), code)).to_vec()).await?;
    let (mut people, mut posts, mut shifts, mut days) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (at, (code, count)) in BUREAUS.into_iter().enumerate() {
        for index in 0..count {
            let number = format!("{code}{index}");
            let is_woman = if code == "W" { index < 3 } else { (index + at) % 3 == 0 };
            let band = ["STAFF", "STAFF", "CHIEF", "ASSISTANT_DIRECTOR", "STAFF", "CHIEF", "DIRECTOR"][index % 7];
            let band = if index == 11 { "DESIGNATED" } else { band };
            people.push(with(staff(&number), json!({ "sex": if is_woman { "FEMALE" } else { "MALE" } })));
            posts.push(with(posting(&number, &number, (code, &format!("{code}1")), "2018-01-01"), json!({ "band": band })));
            for (month, name) in MONTHS.into_iter().enumerate() {
                if (index + month) % (2 + at) != 0 || code == "P" && month == 1 {
                    let end = format!("{:02}:{:02}", 19 + (index + month) % 4, (index * 7 + at) % 60);
                    shifts.push(shift(&format!("{number}-{month}"), &number, &format!("{name}-06"), ("18:00", &end)));
                }
                if (index + 2 * month + at) % 5 == 0 {
                    days.push(json!({ "externalId": format!("{number}-{month}"), "staffNumber": number, "date": format!("{name}-07"), "place": "HOME" }));
                }
            }
        }
    }
    record(&secretariat, "Staff", people).await?;
    record(&secretariat, "Postings", posts).await?;
    record(&secretariat, "Shifts", shifts).await?;
    record(&secretariat, "TeleworkDays", days).await?;
    for month in MONTHS {
        compute(&server, month).await?;
    }
    Ok(server)
}

both!(no_hidden_bureau_follows_from_all_that_is_shown, async |backend| {
    let server = office(backend).await?;
    let codes = BUREAUS.map(|(code, _)| code);
    // H appears in the total alone; P and Q go with it, so that none of them follows for who knows all of another.
    let whole = ["H", "P", "Q"];
    let viewer = [("viewer", server.client(&server.request(Role::Viewer))?, None)];
    let mut callers = Vec::from(viewer);
    for code in codes {
        callers.push(("an officer", server.officer(&[code])?, Some(code)));
    }
    for (caller, client, own) in callers {
        let fallen = attack(&client, &codes, (MONTHS[0], MONTHS[2])).await?;
        anyhow::ensure!(fallen.asked > 100, "{} are withheld", fallen.asked);
        assert_eq!((&fallen.of_hidden, &fallen.of_others), (&vec![], &vec![]), "{caller} {own:?}");
        let hidden: BTreeSet<_> = fallen.hidden.iter().map(|(month, code)| (month.to_string(), code.as_str())).collect();
        let others = whole.into_iter().filter(|code| Some(*code) != own);
        let wanted: BTreeSet<_> = others.flat_map(|code| MONTHS.map(|month| (month.to_owned(), code))).collect();
        assert!(hidden.is_superset(&wanted), "{caller} {own:?}: {hidden:?}");
    }
    let everything = attack(&server.secretariat()?, &codes, (MONTHS[0], MONTHS[2])).await?;
    assert_eq!(everything.asked, 0);
    Ok(())
});

both!(minutes_come_to_ten_hours_for_who_sees_no_persons, async |backend| {
    let server = office(backend).await?;
    let document = "{ indicatorValues(first: 500, filter: { codes: [\"MEAN_OVERTIME_HOURS\", \"PRESENCE_BEYOND_ORDERED\", \"OVERTIME_CONFIRMED_BEFOREHAND\",
        \"TELEWORK_DAYS_A_HEAD\"], spans: [MONTH], sexes: [\"TOTAL\"], bands: [\"TOTAL\"] }) { nodes { code bureau sex band month status numerator denominator value } } }";
    let key = |value: &Value| ["code", "bureau", "sex", "band", "month"].map(|field| value[field].to_string());
    let of = async |client: Client| {
        let found = client.query(document, Value::Null).await?["indicatorValues"]["nodes"].take();
        anyhow::Ok(found.as_array().into_iter().flatten().map(|value| (key(value), value.clone())).collect::<BTreeMap<_, _>>())
    };
    let exact = of(server.secretariat()?).await?;
    let (viewer, officer) = (of(server.client(&server.request(Role::Viewer))?).await?, of(server.officer(&["R"])?).await?);
    let mut rounded = 0;
    for (key, shown) in viewer.iter().chain(&officer).filter(|(_, shown)| shown["status"] != "WITHHELD") {
        let whole = &exact[key];
        let is_own = shown["bureau"] == "R" && officer.get(key).is_some_and(|own| own == shown);
        let minutes = |side: &str| whole[side].as_i64().context("minutes");
        let is_mean = shown["code"] == "MEAN_OVERTIME_HOURS";
        if shown["code"] == "TELEWORK_DAYS_A_HEAD" || is_own && shown == whole {
            assert_eq!(shown, whole);
            continue;
        }
        let hours = (minutes("numerator")? + 300) / 600 * 600;
        assert_eq!(shown["numerator"], json!(hours), "{shown} {whole}");
        let people = if is_mean { minutes("denominator")? } else { (minutes("denominator")? + 300) / 600 * 600 };
        assert_eq!(shown["denominator"], json!(people), "{shown} {whole}");
        if is_mean && hours != minutes("numerator")? {
            rounded += 1;
            let tenths = (hours * 10 * 2 + people) / (people * 2);
            assert_eq!(shown["value"], json!(format!("{}.{}", tenths / 10, tenths % 10)), "{shown}");
        }
    }
    anyhow::ensure!(rounded > 5, "{rounded}");
    Ok(())
});
