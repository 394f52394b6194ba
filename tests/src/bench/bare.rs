//! The bare endpoint that reads are compared with: the same shape by async-graphql and axum, and one hand-written statement. No token, no
//! scope, no guard, no limits, no log.

use std::sync::Arc;

use anyhow::Context as _;
use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Request, Response, Result, Schema, SimpleObject};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use sea_orm::sqlx::{self, PgPool, Row, postgres::PgPoolOptions};

type Api = Schema<Query, EmptyMutation, EmptySubscription>;

struct Query;

#[derive(SimpleObject)]
struct People {
    nodes: Vec<PersonMonth>,
}

#[derive(SimpleObject)]
struct PersonMonth {
    staff_number: String,
    bureau: Bureau,
    worked_minutes: i32,
    overtime_minutes: i32,
    late_night_minutes: i32,
    telework_days: i32,
    annual_leave_minutes: i32,
}

#[derive(SimpleObject)]
struct Bureau {
    code: String,
    name_ja: String,
}

struct Statement(Arc<str>);

#[Object]
impl Query {
    async fn person_months(&self, ctx: &Context<'_>) -> Result<People> {
        let statement = sqlx::AssertSqlSafe(ctx.data::<Statement>()?.0.to_string());
        let rows = sqlx::query(statement).fetch_all(ctx.data::<PgPool>()?).await?;
        let nodes: Result<Vec<_>, sqlx::Error> = rows
            .iter()
            .map(|row| {
                Ok(PersonMonth {
                    staff_number: row.try_get(0)?,
                    bureau: Bureau { code: row.try_get(1)?, name_ja: row.try_get(2)? },
                    worked_minutes: row.try_get(3)?,
                    overtime_minutes: row.try_get(4)?,
                    late_night_minutes: row.try_get(5)?,
                    telework_days: row.try_get(6)?,
                    annual_leave_minutes: row.try_get(7)?,
                })
            })
            .collect();
        Ok(People { nodes: nodes? })
    }
}

/// Serves it until the process ends.
pub async fn serve(url: &str, statement: &str) -> anyhow::Result<()> {
    let pool = PgPoolOptions::new().max_connections(16).connect(url).await?;
    let statement = Statement(std::fs::read_to_string(statement).context("the statement")?.into());
    let api = Schema::build(Query, EmptyMutation, EmptySubscription).data(pool).data(statement).finish();
    let router = Router::new().route("/graphql", post(answer)).with_state(api);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))), router).await?)
}

async fn answer(State(api): State<Api>, Json(request): Json<Request>) -> Json<Response> {
    Json(api.execute(request).await)
}
