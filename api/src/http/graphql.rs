//! `/graphql`: GET for queries and WebSockets, POST for queries and mutations, one at a time or in a batch.

use std::{collections::HashSet, future::Future, ops::Deref, sync::Arc};

use async_graphql::{
    Executor, Positioned, Request as Execution, Value as ConstValue, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection},
    },
};
use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    Shared,
    admission::{Admission, Caller, Who},
    answer::Answer,
    body,
    budget::{Left, REFUSED},
    cost,
    decode::{self, Bounds, Built, Params, Payload},
    documents::Document,
    gate::Memory,
    guard,
    language::{Language, language_of},
    negotiate::{self, Media},
    observe::{self, RequestId},
    problem::Problem,
    serve::Peer,
    socket, variables,
};

/// One HTTP request, as far as its head says.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) locale: Language,
    pub(super) media: Media,
    pub(super) id: RequestId,
    /// Where it came from.
    pub(super) peer: Peer,
    pub(super) deadline: Instant,
    pub(super) door: Door,
    /// Cancelled when nobody waits for the answer any more.
    pub(super) gone: CancellationToken,
}

/// How a request came in, which decides what it may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// In an address: nothing may change.
    Get,
    /// In a body.
    Post,
    /// In a message of a WebSocket: subscriptions too.
    Socket,
}

/// What all requests of a batch may take together.
pub(super) struct Allowance {
    /// Fields that the answers may still hold.
    cost: u64,
    /// What all of it is in.
    pub(super) memory: Memory,
    /// What of it the body takes that is let go once its variables are built.
    body: usize,
    /// Whether an answer tells of what was changed, and must not be lost.
    writes: bool,
}

/// Memory of a token of a query text once it is parsed, and while it is validated beside it; of a copy of a value at least, and of a field that an
/// answer may hold.
const TOKEN: usize = 512;
const VALIDATION: usize = 1024;
const COPY: usize = 128;
const FIELD: usize = 64;

/// A request that may be executed.
pub(super) struct Prepared {
    pub(super) request: Execution,
    pub(super) kind: OperationType,
    /// What it costs, and what is left to the caller.
    pub(super) left: Left,
}

/// The document of a request.
enum Found {
    /// It was found valid before.
    Known(Arc<Document>),
    /// It was parsed just now.
    New(Document),
}

impl Deref for Found {
    type Target = Document;

    fn deref(&self) -> &Document {
        match self {
            Self::Known(document) => document,
            Self::New(document) => document,
        }
    }
}

/// Where the parameters stand.
enum Source {
    QueryString(String),
    Body(Body),
}

/// A query in the address, or a WebSocket. A browser that comes with neither is shown to `GraphiQL`.
pub(super) async fn get<E: Executor>(
    State(shared): State<Arc<Shared<E>>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    if negotiate::wants_socket(&head.headers) {
        return socket::open(shared, id, head).await;
    }
    let query = head.uri.query().unwrap_or_default().to_owned();
    if shared.front.graphiql && query.is_empty() && negotiate::wants_html(&head.headers) {
        return Redirect::to("/graphiql").into_response();
    }
    apart(shared, head, id, Source::QueryString(query)).await
}

/// A request or a batch in the body.
pub(super) async fn post<E: Executor>(
    State(shared): State<Arc<Shared<E>>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    apart(shared, head, id, Source::Body(body)).await
}

/// Answers in a task of its own, which a client that goes away does not end wherever it happens to be: a mutation comes to its end and a query
/// is told ([`Prepared::execute`]). What the request takes of the process, such as its slot, is held for as long as it is worked on.
async fn apart<E: Executor>(shared: Arc<Shared<E>>, head: Parts, id: RequestId, source: Source) -> Response {
    let gone = CancellationToken::new();
    let _gone = gone.clone().drop_guard();
    let (locale, media) = (language_of(&head.headers), Media::accepted(&head.headers).unwrap_or(Media::Json));
    let call = Call {
        locale,
        media,
        id: id.clone(),
        peer: Peer::of(&head.extensions),
        deadline: Instant::now() + shared.front.limits.time,
        door: if matches!(source, Source::QueryString(_)) { Door::Get } else { Door::Post },
        gone,
        headers: head.headers,
    };
    tokio::spawn(async move { shared.respond(call, source).await }.in_current_span()).await.unwrap_or_else(|_| {
        tracing::error!("a handler panicked");
        Problem::internal(id).respond(media, locale)
    })
}

/// Any other method.
pub(super) async fn method_not_allowed(request: Request) -> Response {
    Problem::method_not_allowed().respond(Media::Json, language_of(request.headers()))
}

impl<E: Executor> Shared<E> {
    async fn respond(&self, call: Call, source: Source) -> Response {
        let answer = match Media::accepted(&call.headers) {
            Ok(_) => self.answer(&call, source).await,
            Err(problem) => refuse(&call, source, problem),
        };
        answer.unwrap_or_else(|problem| problem.into_answer(call.media, call.locale)).respond(call.media)
    }

    /// The head decides first: nothing of a body is read for a caller who may not come in. The caller does its part before a slot is taken.
    async fn answer(&self, call: &Call, source: Source) -> Result<Answer, Problem> {
        if call.door == Door::Post
            && let Err(problem) = negotiate::check_content_type(&call.headers)
        {
            return refuse(call, source, problem);
        }
        let admission = match self.admit(call).await {
            Ok(admission) => admission,
            Err(problem) => {
                // An expired token is told so, whatever others send.
                let refused = Who { key: format!("refused {}", call.peer.network()).into(), ..Who::public() };
                return refuse(call, source, self.charged(&refused, problem));
            }
        };
        self.admitted(call, &admission, source).await.map_err(|problem| admission.told(problem))
    }

    async fn admitted(&self, call: &Call, admission: &Admission, source: Source) -> Result<Answer, Problem> {
        let mut memory = self.gate.memory(admission.who());
        let reading = call.gone.run_until_cancelled(self.read(call, admission.who(), source, &mut memory));
        let payload = match reading.await.unwrap_or_else(|| Err(Problem::timed_out())) {
            Ok(payload) => payload,
            Err(problem) => return Err(self.charged(admission.who(), problem)),
        };
        let place = self.gate.budgets().enter(admission.who())?;
        let _slot = self.gate.slot(admission.who())?;
        let mut allowance = self.allowance(memory, matches!(payload, Payload::Single(_)));
        let mut answer = in_time(call, self.run(call, admission, payload, &mut allowance)).await?;
        drop(place);
        allowance.memory.settle(answer.body.len(), allowance.writes)?;
        answer.memory = Some(allowance.memory);
        Ok(answer)
    }

    async fn read(&self, call: &Call, who: &Who, source: Source, memory: &mut Memory) -> Result<Payload, Problem> {
        let limits = &self.front.limits;
        let bounds = self.bounds(who);
        match source {
            Source::QueryString(text) => {
                memory.reserve(2 * text.len())?;
                Ok(Payload::Single(decode::query_string(&text, &bounds)?))
            }
            Source::Body(body) => {
                let pace = body::Pace { patience: limits.patience, rate: limits.rate };
                let reading = body::read(&call.headers, body, *limits.body.of(who.kind), pace, memory);
                let body = timeout_at(call.deadline, reading).await.map_err(|_| Problem::body_too_slow())??;
                decode::json(&body, &bounds)
            }
        }
    }

    /// What a caller may send.
    pub(super) fn bounds(&self, who: &Who) -> Bounds {
        let limits = &self.front.limits;
        Bounds { query: limits.query, batch: limits.batch, values: *limits.values.of(who.kind) }
    }

    /// What a request may take that is in `memory` so far; one that is `alone` lets go of it when its variables are built.
    pub(super) fn allowance(&self, memory: Memory, alone: bool) -> Allowance {
        let body = if alone { memory.used() } else { 0 };
        Allowance { cost: self.front.limits.cost, memory, body, writes: false }
    }

    /// What was refused costs something too; over the budget that is what is said.
    fn charged(&self, who: &Who, problem: Problem) -> Problem {
        self.gate.budgets().spend(who, REFUSED, self.front.limits.cost).err().unwrap_or(problem)
    }

    pub(super) async fn admit(&self, call: &Call) -> Result<Admission, Problem> {
        let caller = Caller::of(&call.headers, call.id.clone(), call.peer.address());
        Ok(in_time(call, async { Ok((self.front.admit)(caller).await?) }).await?.over(call.peer.network()))
    }

    /// Requests of a batch run one after another, so that a mutation is seen by what stands behind it; together they share one allowance of cost.
    async fn run(&self, call: &Call, admission: &Admission, payload: Payload, allowance: &mut Allowance) -> Result<Answer, Problem> {
        match payload {
            Payload::Single(params) => self.execute(call, admission, params, allowance).await,
            Payload::Batch(batch) => {
                let mut answers = Vec::with_capacity(batch.len());
                for params in batch {
                    // What needs no database, such as the schema's own description, never waits: others take their turn here.
                    tokio::task::yield_now().await;
                    let answer = self.execute(call, admission, params, allowance).await;
                    answers.push(answer.unwrap_or_else(|problem| admission.told(problem).into_answer(call.media, call.locale)));
                }
                Ok(Answer::batch(answers))
            }
        }
    }

    async fn execute(&self, call: &Call, admission: &Admission, params: Params, allowance: &mut Allowance) -> Result<Answer, Problem> {
        let Prepared { request, kind, left } = self.prepare(call, admission, params, allowance)?;
        let turn = self.gate.budgets().turn(admission.who(), left.requested);
        let _turn = if kind == OperationType::Mutation {
            turn.await?
        } else {
            call.gone.run_until_cancelled(turn).await.ok_or_else(Problem::timed_out)??
        };
        let executing = self.front.executor.execute(request);
        // A query that nobody waits for is given up; a mutation is decided, whoever waits.
        let response = if kind == OperationType::Mutation {
            executing.await
        } else {
            call.gone.run_until_cancelled(executing).await.ok_or_else(Problem::timed_out)?
        };
        Ok(Answer::of(response, &left, call.media, call.locale, &call.id))
    }

    /// Guards, parses and measures a request, and takes its cost from the caller's budget; parsed once, the document goes on to the executor.
    pub(super) fn prepare(
        &self,
        call: &Call,
        admission: &Admission,
        params: Params,
        allowance: &mut Allowance,
    ) -> Result<Prepared, Problem> {
        self.measured(call, admission, params, allowance).map_err(|problem| match problem.status {
            Some(StatusCode::TOO_MANY_REQUESTS) => problem,
            _ => self.charged(admission.who(), problem),
        })
    }

    fn measured(&self, call: &Call, admission: &Admission, mut params: Params, allowance: &mut Allowance) -> Result<Prepared, Problem> {
        let front = &self.front;
        let found = self.find(&params.query, &mut allowance.memory)?;
        let name = params.operation_name.clone();
        let operation = chosen(&found.parsed, name.as_deref())?;
        if !front.inner && found.introspects {
            return Err(Problem::no_introspection());
        }
        let kind = operation.node.ty;
        observe::record_operation(kind, name.as_deref());
        allowed(operation, call.door)?;
        let built = params.build(&declared(operation), &mut allowance.memory)?;
        allowance.memory.release(std::mem::take(&mut allowance.body));
        if kind != OperationType::Mutation && holds_nul(&params.query, &built.variables) {
            return Err(Problem::nul());
        }
        let measured = cost::measure(&found.parsed, operation, &built.variables, &front.shape, &front.limits)?;
        let rest = allowance.cost.checked_sub(measured.cost);
        allowance.cost = rest.ok_or_else(|| Problem::too_costly(measured.cost, allowance.cost, operation.pos))?;
        let left = self.gate.budgets().spend(admission.who(), measured.cost, front.limits.cost)?;
        let document = match found {
            Found::Known(document) => document,
            Found::New(document) => self.validated(document, &params.query, &mut allowance.memory)?,
        };
        variables::check(document.declared(name.as_deref()), &built.variables, &front.rules)?;
        allowance.memory.reserve(taken(&built, &measured))?;
        allowance.writes |= kind == OperationType::Mutation;

        let mut parsed = document.parsed.clone();
        variables::leave_out(&mut parsed, document.declared(name.as_deref()), &built.variables, name.as_deref());
        let mut request = Execution::new(params.query).variables(built.variables);
        request.operation_name = name;
        request.set_parsed_query(parsed);
        request.data.insert(call.locale);
        request.data.insert(call.id.clone());
        admission.fill(&mut request.data);
        Ok(Prepared { request, kind, left })
    }

    /// A document that was found valid before, or one that is parsed and nothing more.
    fn find(&self, text: &str, memory: &mut Memory) -> Result<Found, Problem> {
        if let Some(document) = self.documents.get(text) {
            memory.reserve(text.len() + document.tokens * TOKEN)?;
            return Ok(Found::Known(document));
        }
        let tokens = guard::check(text, &self.front.limits)?;
        memory.reserve(text.len() + tokens * TOKEN)?;
        let parsed = parse_query(text).map_err(|error| Problem::syntax(&error))?;
        let introspects = guard::introspects(&parsed);
        Ok(Found::New(Document { parsed, tokens, introspects, operations: Vec::new() }))
    }

    /// Holds a document to the rules, once its size is known to be within the limits, and keeps it.
    fn validated(&self, document: Document, text: &str, memory: &mut Memory) -> Result<Arc<Document>, Problem> {
        let taken = document.tokens * VALIDATION;
        memory.reserve(taken)?;
        let operations = self.front.rules.check(text, &document.parsed);
        memory.release(taken);
        let document = Arc::new(Document { operations: operations?, ..document });
        self.documents.keep(text, document.clone());
        Ok(document)
    }
}

/// Refuses an operation that this way in does not take.
fn allowed(operation: &Positioned<OperationDefinition>, door: Door) -> Result<(), Problem> {
    match operation.node.ty {
        OperationType::Mutation if door == Door::Get => Err(Problem::only_queries_by_get()),
        OperationType::Subscription if door != Door::Socket => Err(Problem::no_subscriptions()),
        // The library begins no stream of a field inside a fragment, and says nothing.
        OperationType::Subscription if !selects_fields(operation) => Err(Problem::subscription_root(operation.pos)),
        OperationType::Query | OperationType::Mutation | OperationType::Subscription => Ok(()),
    }
}

/// Names of the variables that an operation declares.
fn declared(operation: &Positioned<OperationDefinition>) -> HashSet<&str> {
    operation.node.variable_definitions.iter().map(|definition| definition.node.name.node.as_str()).collect()
}

/// Memory that the execution takes by estimate: what is copied of variables for each of their uses, and the answer.
fn taken(built: &Built, measured: &cost::Measure) -> usize {
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let each = built.bytes.checked_div(built.values).unwrap_or_default().max(COPY);
    number(measured.copied).saturating_mul(each).saturating_add(number(measured.fields).saturating_mul(FIELD))
}

/// Answers without the body; what still comes of it is dropped on the side.
fn refuse(call: &Call, source: Source, problem: Problem) -> Result<Answer, Problem> {
    if let Source::Body(body) = source {
        body::linger(&call.headers, body);
    }
    Err(problem)
}

pub(super) async fn in_time<T>(call: &Call, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    timeout_at(call.deadline, work).await.unwrap_or_else(|_| Err(Problem::timed_out()))
}

fn selects_fields(operation: &Positioned<OperationDefinition>) -> bool {
    operation.node.selection_set.node.items.iter().all(|selection| matches!(selection.node, Selection::Field(_)))
}

/// Whether a query asks for text with the character NUL, written as itself or as an escape. No stored text holds it and `PostgreSQL` takes none as a
/// parameter, so that here one check stands for all filters; what a mutation writes is checked field by field.
fn holds_nul(query: &str, variables: &Variables) -> bool {
    query.contains('\0') || query.contains("\\u0000") || variables.values().any(value_holds_nul)
}

fn value_holds_nul(value: &ConstValue) -> bool {
    match value {
        ConstValue::String(text) => text.contains('\0'),
        ConstValue::List(items) => items.iter().any(value_holds_nul),
        ConstValue::Object(members) => members.values().any(value_holds_nul),
        _ => false,
    }
}

/// The operation to execute, as the GraphQL specification chooses it.
fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a Positioned<OperationDefinition>, Problem> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(operation),
        (DocumentOperations::Single(_), Some(_)) => Err(Problem::operation_unknown()),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).ok_or_else(Problem::operation_unknown),
        (DocumentOperations::Multiple(operations), None) => {
            let mut operations = operations.values();
            operations.next().filter(|_| operations.next().is_none()).ok_or_else(Problem::operation_name_needed)
        }
    }
}
