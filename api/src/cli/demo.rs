//! `torikumi demo`: a year of an invented Cabinet Secretariat and its months to the last one, its figures against the plan's targets, and the
//! server.
//!
//! The months end with the one before the day on which the demo was made first, by the clock, wherever later starts find it.
//!
//! Records go the way that all records go, through the store; nothing is inserted beside it. Deliberately absent: any real person.

mod calendar;
mod deeds;
mod earlier;
mod figures;
mod follow_up;
mod load;
mod office;
mod organisation;
mod people;
mod recent;
mod time;

use super::{Settings, run, token};
use anyhow::{Context, Result, bail};
use api::{
    app::{App, migrate},
    authn::{BureauClaim, JwksSource, TokenRequest},
    authz::{EXECUTIVE_COMMITTEE, Role},
    store::{
        Store,
        joined::Joined,
        page::{Ordering, PageArgs},
    },
};
use chrono::TimeDelta;
use clap::Args;
use entity::{
    api_client, bureau,
    job_run::{self, RunState},
    period::{YearKind, YearMonth, civil_date},
};
use jobs::{clock::Clock, database::Database};
use office::Office;
use sea_orm::{ColumnTrait, Condition};
use std::{net::SocketAddr, sync::Arc, time::Instant};

/// The plan that is followed up.
const PLAN: &str = "CAS-2015";
/// How long the tokens that the demo prints are good for, in hours.
const TOKEN_HOURS: i64 = 12;

/// A generated year of about 1,200 staff and their months to the last one, in the file torikumi-demo.sqlite unless --database-url says otherwise.
#[derive(Args)]
pub struct Demo {
    /// Where to listen.
    #[arg(long, env = "TORIKUMI_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many people there are at a time, about.
    #[arg(long, default_value_t = 1_200, value_parser = clap::value_parser!(u32).range(100..=20_000))]
    staff: u32,
    /// What everything is generated from: the same seed makes the same office.
    #[arg(long, default_value_t = 2_015)]
    seed: u64,
    /// Print the figures and end.
    #[arg(long)]
    no_serve: bool,
}

impl Demo {
    /// Where the demo's records are kept unless the caller says otherwise.
    pub const DATABASE_URL: &str = "sqlite:torikumi-demo.sqlite";

    /// Fills the database where it is not full yet, computes, prints and serves.
    pub async fn execute(self, settings: &Settings) -> Result<()> {
        let begun = Instant::now();
        if !self.no_serve {
            // Better now than in two minutes.
            std::net::TcpListener::bind(self.listen).with_context(|| format!("cannot listen on {}", self.listen))?;
        }
        let db = Database::connect(settings.database_url(), 1).await?;
        migrate(&db, &Clock::system()).await?;
        db.close().await?;
        let mut config = settings.config()?;
        // Who tries it has a front end on this machine.
        config.origins = config.origins.with_loopback();
        let app = App::open(config, Clock::system()).await?;
        // One who may see the platform's tables, and one who may see figures.
        let reader = app.store(load::principal(&[Role::Admin, Role::Secretariat], None)).await?;
        let made_at = self.check(&reader).await?.map_or_else(|| app.clock.now(), |client| client.created_at);
        // The shifts of a month's last night end on the first of the next.
        let recent = calendar::recent(civil_date(made_at - TimeDelta::hours(12)));
        let office = Arc::new(Office::new(self.seed, self.staff as usize, recent));
        let last = office.recent.last().copied();
        if self.computed(&reader, last.unwrap_or(YearMonth::of(calendar::END).previous())).await? {
            println!("データは作成済みです。 / The data are there already.");
        } else {
            self.fill(&app, &reader, &office).await?;
        }
        self.judge(&app, &reader, &office).await?;
        println!("\n{}", figures::table(&reader, None).await?);
        if last.is_some() {
            println!("{}", figures::table(&reader, last).await?);
        }
        let phase = Instant::now();
        follow_up::walk(&app, &self, &office).await?;
        println!("フォローアップ / follow-ups: {:.1} s", phase.elapsed().as_secs_f64());
        println!("{}", follow_up::releases(&reader).await?);
        println!("{:.1} 秒 / seconds", begun.elapsed().as_secs_f64());
        print_tokens(settings, &office)?;
        if self.no_serve {
            Ok(())
        } else {
            super::serve(&app, super::Place { listen: self.listen, inner: super::Inner::Here }, Some(super::Work::USUAL)).await
        }
    }

    /// What the demo's clients are called: it tells whose data they are.
    fn label(&self) -> String {
        format!("Demo, {} staff, seed {}", self.staff, self.seed)
    }

    /// The beginning of every call's key.
    fn key(&self) -> String {
        format!("demo/{}/{}", self.seed, self.staff)
    }

    /// Refuses a database that holds something else, and finds the client of the demo that is there already.
    async fn check(&self, reader: &Store) -> Result<Option<api_client::Model>> {
        let ours = api_client::Column::Code.eq(load::PERSONNEL);
        let ordering = Ordering { by: api_client::Column::Code, descending: false };
        let one = PageArgs { first: Some(1), ..PageArgs::default() };
        let (found, _) = reader.page::<api_client::Entity>(ours.into(), ordering, &one, Joined::default()).await?;
        match found.rows.into_iter().next() {
            Some((_, client)) if client.name == self.label() => Ok(Some(client)),
            Some((_, client)) => {
                bail!("the database holds other data ({}); give the same --staff and --seed, or another --database-url", client.name)
            }
            None if reader.count::<bureau::Entity>(Condition::all()).await? > 0 => {
                bail!("the database holds records that are not the demo's; give another --database-url")
            }
            None => Ok(None),
        }
    }

    /// Outliers, the figures made of them, and what an earlier start left behind; then reviews, and the figures made of these.
    async fn judge(&self, app: &App, reader: &Store, office: &Office) -> Result<()> {
        let begun = Instant::now();
        run::queued(app, &run::bar()).await?;
        println!("超過勤務の注意情報 / outliers: {:.1} s", begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let reviewed = recent::review(app, reader, &office.recent).await?;
        if reviewed > 0 {
            run::month(app, None, &self.label(), &run::bar()).await?;
            run::queued(app, &run::bar()).await?;
        }
        println!("確認 / reviews: {reviewed}, {:.1} s", begun.elapsed().as_secs_f64());
        Ok(())
    }

    /// Writes the records and runs the job for each month that has not been computed.
    async fn fill(&self, app: &App, reader: &Store, office: &Arc<Office>) -> Result<()> {
        let span = |and: &str| {
            office.recent.first().zip(office.recent.last()).map_or_else(String::new, |(first, last)| format!("{and}{first}–{last}"))
        };
        println!(
            "架空の内閣官房、2019年度{}、職員約{}人 / An invented Cabinet Secretariat, fiscal year 2019{}, about {} staff",
            span("及び"),
            self.staff,
            span(" and "),
            self.staff
        );
        let begun = Instant::now();
        let bar = run::bar();
        let records = load::load(app, self, office, &bar).await?;
        bar.finish_and_clear();
        println!("記録 / records: {records}, {:.1} s", begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        recent::submit(app, office).await?;
        println!("提出 / submissions: {:.1} s", begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        run::ask_for_outliers(app, format!("{}/outliers", self.key()), &self.label()).await?;
        // The years of the recent months begin before them: of months of which nobody has reported anything it is told that nobody has.
        let recent = office.recent.first().zip(office.recent.last()).map(|(first, last)| {
            let years = [YearKind::Fiscal, YearKind::Calendar].map(|year| year.first_month_of_year_containing(*first));
            YearMonth::range(years[0].min(years[1]).max(YearMonth::of(calendar::END)), *last)
        });
        for month in calendar::months().chain(recent.into_iter().flatten()) {
            if !self.computed(reader, month).await? {
                run::month(app, Some(month), &self.label(), &run::bar()).await?;
            }
        }
        println!("集計 / months: {:.1} s", begun.elapsed().as_secs_f64());
        Ok(())
    }

    /// Whether the demo's own run of a month has succeeded. Months are computed in order, after all records are there.
    async fn computed(&self, reader: &Store, month: YearMonth) -> Result<bool> {
        let run = Condition::all()
            .add(job_run::Column::Period.eq(month))
            .add(job_run::Column::Reason.eq(self.label()))
            .add(job_run::Column::State.eq(RunState::Succeeded));
        Ok(reader.count::<job_run::Entity>(run).await? > 0)
    }
}

/// A token for each role, as `torikumi token` would print it.
fn print_tokens(settings: &Settings, office: &Office) -> Result<()> {
    let authn = settings.authn();
    if !matches!(authn.jwks, JwksSource::Local(_)) {
        println!("トークンは認証基盤から取得してください。 / Tokens come from your identity provider.");
        return Ok(());
    }
    let officers = organisation::PERSONNEL_BUREAU;
    let (number, unit) = office.somebody_in(officers).unwrap_or_default();
    println!("\nトークン / tokens ({TOKEN_HOURS} h):");
    // Two systems share a role: one writes the people and one their time.
    let systems = |role| if role == Role::BureauSystem { vec![Some(load::ATTENDANCE), Some(load::PERSONNEL)] } else { vec![None] };
    let callers = Role::ALL.into_iter().filter(|role| *role != Role::Public);
    for (role, client) in callers.flat_map(|role| systems(role).into_iter().map(move |client| (role, client))) {
        let bureaus = match role {
            Role::BureauSystem => BureauClaim::All,
            Role::BureauOfficer => BureauClaim::Codes([officers.to_owned()].into()),
            _ => BureauClaim::default(),
        };
        let request = TokenRequest {
            subject: format!("demo-{}", role.as_str()),
            roles: [role].into(),
            bureaus,
            units: if role == Role::Manager { [unit.to_owned()].into() } else { [].into() },
            staff_number: (role == Role::Staff).then(|| number.to_owned()),
            client: client.map(str::to_owned),
            body: (role == Role::Committee).then(|| EXECUTIVE_COMMITTEE.to_owned()),
            ttl: TimeDelta::hours(TOKEN_HOURS),
        };
        let named = client.map(|client| format!(" ({client})")).unwrap_or_default();
        println!("{}{named}\n  {}", role.as_str(), token::sign(settings, &request)?);
    }
    Ok(())
}
