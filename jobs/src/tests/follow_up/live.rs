//! What a snapshot tells of live figures of the same days.

use super::super::office::{day, offices};
use super::filled;
use crate::follow_up::snapshot::{LiveFigure, LiveLine, Manifest};
use entity::job_run::{JobName, RunState};

async fn live(office: &super::super::office::Office) -> Vec<LiveFigure> {
    let run = office.attempt(JobName::FollowUpDataset, false).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    let rows = office.rows("SELECT manifest FROM snapshot ORDER BY version DESC", vec![]).await;
    Manifest::parse(&rows[0].try_get_by_index::<String>(0).unwrap()).unwrap().live
}

fn of<'a>(live: &'a [LiveFigure], indicator: &str) -> &'a LiveFigure {
    live.iter().find(|figure| figure.indicator == indicator).unwrap()
}

fn sides(figure: &LiveFigure, bureau: Option<u16>) -> (Option<i64>, Option<i64>) {
    let at = |line: &&LiveLine| (line.bureau, line.sex, line.band) == (bureau, None, None);
    figure.lines.iter().find(at).map(|line| (line.numerator, line.denominator)).unwrap()
}

#[tokio::test]
async fn a_snapshot_tells_what_live_figures_show() {
    for office in offices().await {
        filled(&office).await;
        let withheld = "UPDATE protection SET withheld = $1
            WHERE span = 'FISCAL_YEAR_TO_DATE' AND month = 201903 AND split = 'TOTAL' AND figure = 'TELEWORK_PERSONS'";
        office.execute(withheld, vec![serde_json::json!(["A"]).into()]).await;
        let live = live(&office).await;
        let overtime = of(&live, "MEAN_OVERTIME_HOURS");
        assert_eq!((overtime.date_from, overtime.date_to), (day("2018-04-01"), day("2019-03-31")));
        assert!(overtime.adds_up && !of(&live, "TELEWORK_PERSONS").adds_up);
        let platform = office.value("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2019-03 TOTAL TOTAL TOTAL").await.unwrap();
        assert_eq!(sides(overtime, None), (Some(platform.0), Some(platform.1)));
        let telework = of(&live, "TELEWORK_PERSONS");
        assert_eq!(sides(telework, Some(0)).0, None, "A is withheld");
        assert_eq!(sides(telework, Some(1)), (Some(10), Some(40)));
        let nobody = |line: &&LiveLine| line.sex == Some(2) && line.bureau == Some(1);
        assert!(
            telework.lines.iter().filter(nobody).all(|line| (line.numerator, line.denominator) == (Some(0), Some(0))),
            "who has nobody"
        );
        let leave = of(&live, "ANNUAL_LEAVE_DAYS");
        assert_eq!((leave.date_from, leave.date_to), (day("2018-01-01"), day("2018-12-31")));
        assert!(live.iter().all(|figure| figure.indicator != "WOMEN_STAFF"), "a day is no span");
        office.execute("UPDATE bureau SET visibility = 'OFFICE_TOTAL_ONLY' WHERE code = 'B'", vec![]).await;
        super::thaw(&office).await;
        assert_eq!(sides(of(&self::live(&office).await, "TELEWORK_PERSONS"), Some(1)).0, None, "it is out of sight at once");
    }
}
