//! The GraphQL face: one file is one noun, with its object, filter, order, queries and mutations; subscriptions stand apart.
//!
//! Resolvers parse and present; every select and every rule is the store's. Deliberately absent: guards (interfaces go around them),
//! limits (the HTTP front measures a document before it is executed), and any row's table type as a GraphQL type.

pub mod changes;
pub mod connection;
pub mod figures;
pub mod follow_up;
pub mod four_eyes;
pub mod labels;
pub mod loaders;
pub mod node;
pub mod nodes;
pub mod nullable;
pub mod operations;
pub mod organisation;
pub mod people;
pub mod plan;
pub mod projection;
pub mod record;
pub mod time;
pub mod traced;
pub mod viewer;

// A noun is named without its family.
pub use self::{
    figures::{counting_rule, indicator, outlier_subscription, overtime_outlier, overtime_rule, person_month},
    follow_up::{data_call, finding, plan_review, release, submission},
    operations::*,
    organisation::*,
    people::*,
    plan::{clause, target},
    time::*,
};

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, Schema, ValidationMode};

// Roots are merged by families: each member of a merged object is a call deeper than the one before it, and one long row of them needs more
// stack than a thread of the server has.

/// Queries.
#[derive(Default, MergedObject)]
pub struct Query(
    viewer::ViewerQuery,
    labels::LabelQuery,
    nodes::NodeQuery,
    changes::ChangeQuery,
    operations::OperationQueries,
    figures::FigureQueries,
    plan::PlanQueries,
    follow_up::FollowUpQueries,
    organisation::OrganisationQueries,
    time::TimeQueries,
    people::PeopleQueries,
);

/// Mutations.
#[derive(Default, MergedObject)]
pub struct Mutation(
    operations::OperationMutations,
    figures::FigureMutations,
    plan::PlanMutations,
    follow_up::FollowUpMutations,
    organisation::OrganisationMutations,
    time::TimeMutations,
    people::PeopleMutations,
);

/// Subscriptions.
#[derive(Default, MergedSubscription)]
pub struct Subscription(job_subscription::JobSubscription, outlier_subscription::OutlierSubscription, changes::ChangeSubscription);

/// The schema, complete but for the data of a request.
pub type Api = Schema<Query, Mutation, Subscription>;

/// Builds the schema.
#[must_use]
pub fn schema() -> Api {
    // The front holds every document to the rules, and keeps those that it found valid (`http::rules`).
    Schema::build(Query::default(), Mutation::default(), Subscription::default()).validation_mode(ValidationMode::Fast).finish()
}

/// The schema as text: the contract.
#[must_use]
pub fn sdl() -> String {
    sdl_of(&schema())
}

/// The text of a schema that is built already.
#[must_use]
pub fn sdl_of(schema: &Api) -> String {
    schema.sdl_with_options(SDLExportOptions::new().include_specified_by())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{fs, path::Path};

    use super::schema;
    use entity::noun::{Noun, Recording};

    /// What a screen shows of a closed set has words in both languages; an order names a field and a direction.
    #[tokio::test]
    async fn screens_have_words_for_closed_sets() {
        let answer = schema().execute("{ __schema { types { name kind enumValues { name } } } }").await.into_result();
        let answer = serde_json::to_value(answer.expect("the schema answers").data).expect("it is JSON");
        let types = answer["__schema"]["types"].as_array().expect("a list").iter();
        let mut words = 0;
        for of in types.filter(|of| of["kind"] == "ENUM") {
            let name = of["name"].as_str().expect("a name");
            if name.starts_with("__") || name.ends_with("Order") {
                continue;
            }
            let members = of["enumValues"].as_array().expect("members");
            assert!(members.len() <= 60, "{name}");
            for member in members {
                let member = member["name"].as_str().expect("a name");
                assert!(crate::labels::label(name, member).is_some(), "{name} {member} has no words");
                words += 1;
            }
        }
        // What a list of them is priced at.
        assert!((400..=500).contains(&words), "{words}");
    }

    /// What the register says is recorded has an input that a mutation takes, and an object that a list shows.
    #[test]
    fn every_noun_is_listed_and_recorded() {
        let sdl = schema().sdl();
        let recorded = Noun::ALL.iter().filter(|noun| noun.recording() != Recording::Nobody);
        for noun in recorded {
            assert!(sdl.contains(&format!("input {noun:?}Input {{")), "no mutation takes a {noun:?}");
            // The enum of regular and non-regular had its name first.
            let object = if *noun == Noun::Employment { "EmploymentPeriod".to_owned() } else { format!("{noun:?}") };
            assert!(sdl.contains(&format!("type {object}Connection {{")), "no list shows a {noun:?}");
        }
    }

    /// A field that returns `Result<Option<…>>` takes its parent down with it: a nullable one answers by `nullable`.
    #[test]
    fn no_field_is_nullable_in_its_bare_form() {
        // These are called by fields, and are none.
        const CALLED: [&str; 8] = ["said", "figures", "item", "held", "concerned", "answer", "row", "found"];
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/graphql")];
        let mut bare = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                for function in text.split(" fn ").skip(1) {
                    let (name, head) = (function.split(['(', '<']).next().unwrap(), function.split(" {").next().unwrap());
                    if head.contains("-> Result<Option<") && !CALLED.contains(&name) {
                        bare.push(format!("{}: {name}", path.display()));
                    }
                }
            }
        }
        assert!(bare.is_empty(), "{bare:?}");
    }
}
