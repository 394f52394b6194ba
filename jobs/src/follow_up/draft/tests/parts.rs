//! Figures that are parts of one whole: none that is withheld follows from the others.

use super::{ITEM, OPEN, manifest, of};
use crate::follow_up::{
    draft::draft,
    release::{Release, Status},
    settings::Figure,
    snapshot::{FORMAT, Tally},
};
use entity::submission::SubmittedFigure;

/// The release of leaves by their length, so many people of each; the whole is all of them.
fn release(parts: &[i64]) -> Release {
    let whole: i64 = parts.iter().sum();
    let mut manifest = manifest(&[("A", OPEN, Some((0, whole)))]);
    manifest.format = FORMAT;
    let item = manifest.items.iter().find(|item| item.line.indicator == ITEM).unwrap().clone();
    let figure = manifest.settings.figures[0].clone();
    let codes: Vec<String> = (0..parts.len()).map(|part| format!("PART_{part}")).collect();
    manifest.items = codes
        .iter()
        .map(|code| {
            let mut item = item.clone();
            (item.by_bureau, item.counts_persons) = (false, true);
            code.clone_into(&mut item.line.indicator);
            item
        })
        .collect();
    let figure = |code: &String| Figure { indicator: code.clone(), tables: vec![], part_of: Some("LENGTH".to_owned()), ..figure.clone() };
    manifest.settings.figures = codes.iter().map(figure).collect();
    let submitted =
        |(code, part): (&String, &i64)| SubmittedFigure { item: code.clone(), numerator: *part, denominator: whole, note: None };
    manifest.submissions[0].content.figures = codes.iter().zip(parts).map(submitted).collect();
    draft(&manifest, "", &Tally::default()).unwrap().0
}

fn withheld(release: &Release) -> Vec<&str> {
    let hidden = release.observations.iter().filter(|observation| observation.status == Status::Withheld);
    hidden.map(|observation| observation.indicator.as_str()).collect()
}

#[test]
fn a_part_of_few_does_not_follow_from_the_others() {
    let made = release(&[20, 30, 3, 40]);
    assert!(withheld(&made).contains(&"PART_2") && withheld(&made).len() == 2, "{:?}", withheld(&made));
    // Together they are few: a third goes with them.
    assert_eq!(withheld(&release(&[20, 1, 2, 40])).len(), 3);
    assert_eq!(withheld(&release(&[20, 30, 0, 40])), [""; 0]);
    assert_eq!(of(&release(&[20, 30, 10, 40]), "TOTAL").quotient(), Some((20, 100)));
}
