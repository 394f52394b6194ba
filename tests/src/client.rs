//! A caller of the GraphQL API, as a front end or a bureau's system is one: JSON over HTTP and nothing of our types.

use anyhow::{Context, ensure};
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};

/// One caller.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
    language: &'static str,
}

/// An error as the API answered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `extensions.code`.
    pub code: String,
    /// `extensions.field`.
    pub field: Option<String>,
    /// `extensions.retryable`; false where it is absent.
    pub retryable: bool,
    /// The message.
    pub message: String,
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<Value>,
}

impl Client {
    pub(crate) fn new(url: &str, token: Option<String>) -> Self {
        Self { http: reqwest::Client::new(), url: format!("{url}/graphql"), token, language: "en" }
    }

    /// The same caller of another process: `http://…`.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self { url: format!("{url}/graphql"), ..self.clone() }
    }

    /// The same place with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The platform that is called: `http://…`.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.trim_end_matches("/graphql")
    }

    /// The caller's token.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same caller, who reads Japanese.
    #[must_use]
    pub fn in_japanese(mut self) -> Self {
        self.language = "ja";
        self
    }

    /// The data of an answer without errors.
    ///
    /// # Errors
    /// Any error of the answer or of HTTP.
    pub async fn query(&self, document: &str, variables: Value) -> anyhow::Result<Value> {
        let answer = self.ask(document, variables).await?;
        ensure!(answer.errors.is_empty(), "{document}: {:#?}", answer.errors);
        answer.data.context("an answer without data and errors")
    }

    /// The errors of an answer, at least one.
    ///
    /// # Errors
    /// An answer without errors, and any of HTTP.
    pub async fn errors(&self, document: &str, variables: Value) -> anyhow::Result<Vec<Failure>> {
        let answer = self.ask(document, variables).await?;
        ensure!(!answer.errors.is_empty(), "{document}: no errors, but {:?}", answer.data);
        Ok(answer.errors.iter().map(failure).collect())
    }

    /// The first error of an answer.
    ///
    /// # Errors
    /// As [`Client::errors`].
    pub async fn error(&self, document: &str, variables: Value) -> anyhow::Result<Failure> {
        self.errors(document, variables).await?.into_iter().next().context("no error")
    }

    /// A POST to the endpoint with this caller's token and language, for requests of any shape.
    pub fn post(&self) -> RequestBuilder {
        self.dressed(self.http.post(&self.url))
    }

    /// A GET of the endpoint with this caller's token and language.
    pub fn get(&self) -> RequestBuilder {
        self.dressed(self.http.get(&self.url))
    }

    fn dressed(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header("accept", "application/graphql-response+json").header("accept-language", self.language);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn ask(&self, document: &str, variables: Value) -> anyhow::Result<Answer> {
        let response = self.post().json(&json!({ "query": document, "variables": variables })).send().await?;
        let status = response.status();
        let text = response.text().await?;
        serde_json::from_str(&text).with_context(|| format!("{status}: {text}"))
    }
}

fn failure(error: &Value) -> Failure {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let extensions = &error["extensions"];
    Failure {
        code: text(&extensions["code"]).unwrap_or_default(),
        field: text(&extensions["field"]),
        retryable: extensions["retryable"].as_bool().unwrap_or_default(),
        message: text(&error["message"]).unwrap_or_default(),
    }
}
