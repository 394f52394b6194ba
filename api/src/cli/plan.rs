//! `torikumi plan`: loads a plan from its file, and tells which of its clauses have neither an indicator nor evidence.

use anyhow::{Context, Result, bail};
use api::{
    app::App,
    authn::Principal,
    authz::Role,
    store::{
        four_eyes::Fate,
        plan::{Change, Counts},
    },
};
use clap::Subcommand;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Plans as data.
#[derive(Subcommand)]
pub enum Plan {
    /// Load a plan, or what changed of it; the same file again changes nothing.
    Load {
        /// The file, such as api/plans/cabinet-secretariat-2015.json.
        file: PathBuf,
        /// Decide everything, write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Name every clause that has neither an indicator nor evidence; fails where there is one.
    Check {
        /// The plan's code; all plans without it.
        code: Option<String>,
    },
}

impl Plan {
    /// Does what was asked for, as the administrator.
    pub async fn execute(self, app: &App) -> Result<()> {
        match self {
            Self::Load { file, dry_run } => load(app, &file, dry_run).await,
            Self::Check { code } => check(app, code.as_deref()).await,
        }
    }
}

fn administrator() -> Principal {
    Principal { subject: "command line".to_owned(), roles: BTreeSet::from([Role::Admin]), ..Principal::public() }
}

async fn load(app: &App, file: &Path, dry_run: bool) -> Result<()> {
    let document = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let document = document.trim_start_matches('\u{feff}');
    let loaded = match app.store(administrator()).await?.load_plan(document, dry_run).await? {
        Fate::Done(loaded) => loaded,
        Fate::Waits(change, _) => {
            println!("nothing was written: it waits until {} for a second person, as change {}", change.waits_until(), change.id);
            return Ok(());
        }
    };
    for problem in &loaded.problems {
        eprintln!("{}: {problem}", problem.field.as_deref().unwrap_or_default());
    }
    let word = match loaded.change {
        Change::Created => "created",
        Change::Updated => "updated",
        Change::Unchanged => "unchanged",
        Change::Refused => bail!("{} problems; nothing was written", loaded.problems.len()),
    };
    let plan = loaded.plan.context("a plan")?;
    println!("{} {word}, revision {}", plan.code, plan.revision);
    for (kind, counts) in
        [("clauses", loaded.clauses), ("initiatives", loaded.initiatives), ("items", loaded.items), ("targets", loaded.targets)]
    {
        let Counts { created, updated, unchanged, removed } = counts;
        println!("{kind}: {created} created, {updated} updated, {unchanged} unchanged, {removed} removed");
    }
    Ok(())
}

async fn check(app: &App, code: Option<&str>) -> Result<()> {
    let plans = app.store(administrator()).await?.plan_gaps(code).await?;
    if plans.is_empty() {
        bail!("there is no such plan");
    }
    let mut all = 0;
    for (plan, clauses, gaps) in plans {
        println!("{}: {} of {} clauses have neither indicator nor evidence", plan.code, gaps.len(), clauses.len());
        for clause in &gaps {
            println!("{}  {} / {}", clause.code, clause.title_ja, clause.title_en);
        }
        all += gaps.len();
    }
    if all > 0 {
        bail!("{all} clauses have neither indicator nor evidence");
    }
    Ok(())
}
