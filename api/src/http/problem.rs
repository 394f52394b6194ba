//! Everything that the front itself refuses, with its status, its code and its text in both languages. No text holds anything that the caller
//! sent except a name of theirs, and none holds anything of ours.

use async_graphql::{Pos, ServerError, parser};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use crate::error::Code;

use super::{answer::Answer, language::Language, negotiate::Media, observe::RequestId};

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The status; `None` where the request was well-formed HTTP and its document is at fault, so that the media type decides.
    pub(super) status: Option<StatusCode>,
    pub(crate) code: Code,
    pub(super) location: Option<Pos>,
    en: Box<str>,
    ja: Box<str>,
    retryable: bool,
    id: Option<RequestId>,
    /// A header of the answer, its name in lower case.
    header: Option<&'static (&'static str, &'static str)>,
    /// Headers that are made for it.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// What is wrong in the document or its variables, each an error of its own; without any, the refusal is the one error.
    faults: Option<Box<Faults>>,
}

/// More errors than one, apart because a refusal is handed on again and again.
#[derive(Debug, Clone)]
struct Faults(Vec<Fault>);

/// One place of a document or of its variables that is wrong.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) en: Box<str>,
    pub(super) ja: Box<str>,
    pub(super) at: Option<Pos>,
    /// The member of a variable, by its path from the variable's name.
    pub(super) field: Option<Box<str>>,
}

impl Fault {
    /// What breaks a rule of the specification, in the words that clients know from other servers.
    pub(super) fn of_document(said: impl Into<Box<str>>, at: Option<Pos>) -> Self {
        let mut en: Box<str> = said.into();
        // What was sent is quoted, however long it is.
        if let Some((end, _)) = en.char_indices().nth(LONGEST_MESSAGE) {
            en = format!("{}…", &en[..end]).into();
        }
        Self { ja: format!("クエリがスキーマに合いません：{en}").into(), en, at, field: None }
    }
}

/// Characters that a message keeps of what was sent.
pub(super) const LONGEST_MESSAGE: usize = 500;

/// Constructors, from the outside of a request inwards.
impl Problem {
    fn new(status: Option<StatusCode>, code: Code, en: impl Into<Box<str>>, ja: impl Into<Box<str>>) -> Self {
        Self {
            status,
            code,
            en: en.into(),
            ja: ja.into(),
            location: None,
            retryable: false,
            id: None,
            header: None,
            headers: Vec::new(),
            faults: None,
        }
    }

    fn http(status: StatusCode, code: Code, en: impl Into<Box<str>>, ja: impl Into<Box<str>>) -> Self {
        Self::new(Some(status), code, en, ja)
    }

    fn bad_request(en: impl Into<Box<str>>, ja: impl Into<Box<str>>) -> Self {
        Self::http(StatusCode::BAD_REQUEST, Code::BadUserInput, en, ja)
    }

    fn limit(en: impl Into<Box<str>>, ja: impl Into<Box<str>>) -> Self {
        Self::new(None, Code::LimitExceeded, en, ja)
    }

    fn at(mut self, location: Pos) -> Self {
        self.location = Some(location);
        self
    }

    pub(super) fn not_found() -> Self {
        Self::http(StatusCode::NOT_FOUND, Code::NotFound, "There is nothing at this address.", "このアドレスには何もありません。")
    }

    pub(super) fn method_not_allowed() -> Self {
        let (en, ja) = ("This address takes GET and POST.", "このアドレスは GET と POST だけを受け付けます。");
        let header = Some(&("allow", "GET, POST"));
        Self { header, ..Self::http(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, en, ja) }
    }

    pub(super) fn only_queries_by_get() -> Self {
        let (en, ja) = (
            "GET executes queries only; send other operations by POST.",
            "GET で実行できるのは query だけです。その他の操作は POST で送ってください。",
        );
        let header = Some(&("allow", "POST"));
        Self { header, ..Self::http(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, en, ja) }
    }

    pub(super) fn no_introspection() -> Self {
        let en = "The schema is not told here. It is api/schema.graphql of the release, or asked for at the operators' address.";
        let ja = "ここではスキーマの照会（introspection）を受け付けていません。リリースの api/schema.graphql を参照してください。";
        Self::http(StatusCode::OK, Code::Forbidden, en, ja)
    }

    pub(super) fn not_acceptable() -> Self {
        let en = "Answers are application/graphql-response+json or application/json; the Accept header allows neither.";
        let ja = "応答の形式は application/graphql-response+json か application/json ですが、Accept ヘッダーはどちらも許していません。";
        Self::http(StatusCode::NOT_ACCEPTABLE, Code::BadUserInput, en, ja)
    }

    pub(super) fn unsupported_media_type() -> Self {
        let en = "The body must be application/json in UTF-8, not compressed.";
        let ja = "本文は圧縮しない UTF-8 の application/json で送ってください。";
        Self::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadUserInput, en, ja)
    }

    pub(super) fn unauthenticated() -> Self {
        let (en, ja) = ("The token is missing or not valid.", "トークンがないか、有効ではありません。");
        let header = Some(&("www-authenticate", r#"Bearer error="invalid_token""#));
        Self { header, ..Self::http(StatusCode::UNAUTHORIZED, Code::Unauthenticated, en, ja) }
    }

    pub(super) fn unregistered() -> Self {
        let en = "The machine client that the token names is not registered, or was revoked; an administrator registers it.";
        let ja = "トークンが示すクライアントは登録されていないか、無効にされています。登録は管理者が行います。";
        let header = Some(&("www-authenticate", r#"Bearer error="invalid_token""#));
        Self { header, ..Self::http(StatusCode::UNAUTHORIZED, Code::Unauthenticated, en, ja) }
    }

    fn unavailable(code: Code, en: &str, ja: &str) -> Self {
        let header = Some(&("retry-after", "1"));
        Self { header, retryable: true, ..Self::http(StatusCode::SERVICE_UNAVAILABLE, code, en, ja) }
    }

    pub(super) fn authentication_unavailable() -> Self {
        Self::unavailable(
            Code::Internal,
            "The token cannot be checked now; try again.",
            "いまトークンを確認できません。もう一度お試しください。",
        )
    }

    pub(super) fn authentication_broken() -> Self {
        let en = "The token cannot be checked; the operators have to see to it.";
        let ja = "トークンを確認できません。運用担当者の対応が必要です。";
        Self::http(StatusCode::SERVICE_UNAVAILABLE, Code::Internal, en, ja)
    }

    pub(crate) fn busy() -> Self {
        Self::unavailable(
            Code::LimitExceeded,
            "Too many requests are in progress; try again.",
            "処理中の要求が多すぎます。もう一度お試しください。",
        )
    }

    fn too_many_requests(wait: u64, en: impl Into<Box<str>>, ja: impl Into<Box<str>>) -> Self {
        let headers = vec![(header::RETRY_AFTER, HeaderValue::from(wait))];
        Self { headers, retryable: true, ..Self::http(StatusCode::TOO_MANY_REQUESTS, Code::LimitExceeded, en, ja) }
    }

    /// `wait` is in seconds, `headers` say what is left of the budget.
    pub(super) fn over_budget(wait: u64, headers: &[(HeaderName, HeaderValue)]) -> Self {
        let en = format!(
            "Your budget of cost for a minute is used up; try again in {wait} s, or ask for less (extensions.cost tells what each answer cost)."
        );
        let ja = format!(
            "1分あたりの利用量の上限に達しました。{wait} 秒後にもう一度お試しいただくか、取得する量を減らしてください（各応答の extensions.cost に利用量があります）。"
        );
        let mut problem = Self::too_many_requests(wait, en, ja);
        problem.headers.extend_from_slice(headers);
        problem
    }

    pub(super) fn too_many_at_once(limit: u32) -> Self {
        let en = format!("You have {limit} requests in progress, as many as may go on at a time; try again when one has ended.");
        Self::too_many_requests(
            1,
            en,
            format!("同時に処理できる要求は {limit} 件までです。いずれかの処理が終わってからもう一度お試しください。"),
        )
    }

    pub(super) fn no_turn() -> Self {
        let en = "Many large queries are waiting; try again, or ask for less at a time.";
        Self::too_many_requests(5, en, "大きな問い合わせが混み合っています。もう一度お試しいただくか、一度に取得する量を減らしてください。")
    }

    pub(crate) fn timed_out() -> Self {
        let en = "The request took too long and was stopped; try again, a mutation with the same idempotency key.";
        let ja = "時間がかかりすぎたため処理を中止しました。mutation は同じ idempotencyKey でもう一度送ってください。";
        Self::unavailable(Code::Internal, en, ja)
    }

    pub(super) fn no_memory() -> Self {
        Self::unavailable(
            Code::LimitExceeded,
            "The requests in progress take all the memory there is for them; try again.",
            "処理中の要求で使えるメモリーがなくなりました。もう一度お試しください。",
        )
    }

    pub(super) fn needs_too_much() -> Self {
        let (en, ja) = (
            "The request takes more memory than there is for one; send it in parts.",
            "一つの要求に使えるメモリーを超えています。分けて送ってください。",
        );
        Self::http(StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded, en, ja)
    }

    pub(super) fn too_many_connections() -> Self {
        Self::unavailable(Code::LimitExceeded, "Too many connections are open; try again.", "接続が多すぎます。もう一度お試しください。")
    }

    pub(super) fn body_too_slow() -> Self {
        let (en, ja) = ("The body did not arrive in time.", "本文が時間内に届きませんでした。");
        Self { retryable: true, ..Self::http(StatusCode::REQUEST_TIMEOUT, Code::BadUserInput, en, ja) }
    }

    pub(super) fn body_broken() -> Self {
        Self::bad_request("The body ended too early.", "本文が途中で切れています。")
    }

    pub(super) fn body_too_large(limit: usize) -> Self {
        let (en, ja) = (format!("The body is larger than {limit} bytes."), format!("本文が上限の {limit} バイトを超えています。"));
        Self::http(StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded, en, ja)
    }

    pub(super) fn too_many_values(limit: usize) -> Self {
        let (en, ja) = (format!("The request holds more than {limit} values."), format!("要求に含まれる値が {limit} 個を超えています。"));
        Self::http(StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded, en, ja)
    }

    pub(super) fn json_malformed(line: usize, column: usize) -> Self {
        let en = format!("The body is not valid JSON in UTF-8 (line {line}, column {column}).");
        Self::bad_request(en, format!("本文は正しい UTF-8 の JSON ではありません（{line} 行 {column} 列）。"))
    }

    pub(super) fn json_too_deep() -> Self {
        let (en, ja) = ("The JSON is nested more than 127 levels deep.", "JSON の入れ子が 127 段を超えています。");
        Self::http(StatusCode::BAD_REQUEST, Code::LimitExceeded, en, ja)
    }

    pub(super) fn json_shape(line: usize, column: usize) -> Self {
        let fields = "query (text), operationName (text), variables (object), extensions (object)";
        let en = format!("A request is an object of {fields}, each at most once (line {line}, column {column}).");
        Self::bad_request(en, format!("要求は {fields} からなるオブジェクトで、それぞれ一度だけ書けます（{line} 行 {column} 列）。"))
    }

    pub(super) fn query_missing() -> Self {
        Self::bad_request("The parameter query is missing.", "パラメーター query がありません。")
    }

    pub(super) fn batch_empty() -> Self {
        Self::bad_request("The batch is empty.", "一括要求が空です。")
    }

    pub(super) fn batch_too_long(limit: usize) -> Self {
        let (en, ja) = (format!("A batch holds at most {limit} requests."), format!("一括要求は {limit} 件までです。"));
        Self::http(StatusCode::BAD_REQUEST, Code::LimitExceeded, en, ja)
    }

    pub(super) fn parameter_twice(name: &str) -> Self {
        Self::bad_request(format!("The parameter {name} is given twice."), format!("パラメーター {name} が二度指定されています。"))
    }

    pub(super) fn parameter_malformed(name: &str) -> Self {
        let en = format!("The parameter {name} is not a JSON object.");
        Self::bad_request(en, format!("パラメーター {name} は JSON のオブジェクトではありません。"))
    }

    pub(super) fn query_string_malformed() -> Self {
        Self::bad_request("The query string is not percent-encoded UTF-8.", "クエリ文字列が正しい UTF-8 のパーセント符号化ではありません。")
    }

    pub(super) fn query_too_long(limit: usize) -> Self {
        let en = format!("The query text is longer than {limit} bytes; send records as variables.");
        Self::limit(en, format!("クエリ本文が上限の {limit} バイトを超えています。記録は variables で送ってください。"))
    }

    pub(super) fn too_many_tokens(limit: usize) -> Self {
        let en = format!("The query has more than {limit} tokens; send records as variables.");
        Self::limit(en, format!("クエリのトークンが {limit} 個を超えています。記録は variables で送ってください。"))
    }

    pub(super) fn too_deep(limit: usize, location: Pos) -> Self {
        let en = format!("The query is nested more than {limit} levels deep.");
        Self::limit(en, format!("クエリの入れ子が {limit} 段を超えています。")).at(location)
    }

    pub(super) fn too_many_selections(limit: u64, location: Pos) -> Self {
        let en = format!("With its fragments expanded the query selects more than {limit} fields.");
        Self::limit(en, format!("フラグメントを展開すると、選択が {limit} 個を超えます。")).at(location)
    }

    pub(super) fn too_many_aliases(limit: u64, location: Pos) -> Self {
        Self::limit(format!("The query has more than {limit} aliases."), format!("別名が {limit} 個を超えています。")).at(location)
    }

    pub(super) fn too_many_copies(limit: u64, location: Pos) -> Self {
        let en = format!("The values of the variables used add up to more than {limit}; use a large variable once.");
        Self::limit(en, format!("使われる変数の値が合わせて {limit} 個を超えています。大きな変数は一度だけ使ってください。")).at(location)
    }

    pub(super) fn too_many_roots(limit: u64, location: Pos) -> Self {
        let en = format!("The operation has more than {limit} root fields.");
        Self::limit(en, format!("最上位のフィールドが {limit} 個を超えています。")).at(location)
    }

    pub(super) fn too_costly(cost: u64, limit: u64, location: Pos) -> Self {
        let en = format!("The query may cost {cost}, more than the {limit} allowed; ask for smaller pages, fewer months or fewer lists.");
        Self::limit(en, format!("問い合わせの見積もりは {cost} で、上限の {limit} を超えます。ページや期間、一覧の数を減らしてください。"))
            .at(location)
    }

    pub(super) fn fragment_cycle(name: &str, location: Pos) -> Self {
        let en = format!("The fragment {name} contains itself.");
        Self::new(None, Code::BadUserInput, en, format!("フラグメント {name} が自分自身を含んでいます。")).at(location)
    }

    /// A document that breaks rules of the specification, or variables that do not fit their types.
    pub(super) fn invalid(faults: Vec<Fault>) -> Self {
        let (en, ja) = ("The document does not fit the schema.", "クエリがスキーマに合いません。");
        Self { faults: Some(Box::new(Faults(faults))), ..Self::new(None, Code::BadUserInput, en, ja) }
    }

    /// A document that two readers of the specification read differently.
    pub(super) fn ambiguous() -> Self {
        let en = "The document can be read in two ways; write texts and numbers in it plainly, or send them as variables.";
        let ja = "クエリが二通りに読めます。文字列や数値は平易に書くか、変数で送ってください。";
        Self::new(None, Code::BadUserInput, en, ja)
    }

    pub(super) fn operation_unknown() -> Self {
        let (en, ja) = ("The document has no operation of the name in operationName.", "operationName の名前の操作が文書にありません。");
        Self::new(None, Code::BadUserInput, en, ja)
    }

    pub(super) fn operation_name_needed() -> Self {
        let (en, ja) =
            ("The document has several operations; say which in operationName.", "操作が複数あります。operationName で選んでください。");
        Self::new(None, Code::BadUserInput, en, ja)
    }

    pub(super) fn nul() -> Self {
        let (en, ja) = ("No text holds the character U+0000, so nothing can be asked by it.", "文字 U+0000 を含む検索はできません。");
        Self::new(None, Code::BadUserInput, en, ja)
    }

    pub(super) fn no_subscriptions() -> Self {
        let en = "Subscriptions are served over WebSocket (graphql-transport-ws) at this address, not over plain HTTP.";
        let ja = "subscription は通常の HTTP ではなく、このアドレスの WebSocket (graphql-transport-ws) で提供しています。";
        Self::new(None, Code::BadUserInput, en, ja)
    }

    pub(super) fn subscription_root(location: Pos) -> Self {
        let en = "A subscription selects one field, directly and not by a fragment.";
        Self::new(None, Code::BadUserInput, en, "subscription では、フィールドを一つだけ、フラグメントを使わずに選択してください。")
            .at(location)
    }

    pub(super) fn no_socket() -> Self {
        let en = "A WebSocket here is version 13 and speaks graphql-transport-ws (Sec-WebSocket-Protocol).";
        Self::bad_request(en, "WebSocket はバージョン 13 で、Sec-WebSocket-Protocol に graphql-transport-ws を指定してください。")
    }

    pub(super) fn foreign_origin() -> Self {
        let (en, ja) = ("Pages of this origin may not open a WebSocket.", "このオリジンのページからは WebSocket を開けません。");
        Self::http(StatusCode::FORBIDDEN, Code::Forbidden, en, ja)
    }

    pub(super) fn too_many_sockets() -> Self {
        Self::unavailable(
            Code::LimitExceeded,
            "Too many WebSockets are open; try again.",
            "開かれている WebSocket が多すぎます。もう一度お試しください。",
        )
    }

    pub(super) fn too_many_operations(limit: usize) -> Self {
        let en = format!("A WebSocket holds at most {limit} operations at a time.");
        Self::limit(en, format!("一つの WebSocket で同時に実行できる操作は {limit} 個までです。"))
    }

    /// Keeps what the parser expected and leaves out its drawing of the source.
    pub(super) fn syntax(error: &parser::Error) -> Self {
        let text = error.to_string();
        let detail = text.lines().find_map(|line| line.trim_start().strip_prefix("= ")).unwrap_or(&text);
        let (en, ja) = (format!("Syntax error: {detail}."), format!("構文エラー：{detail}"));
        let problem = Self::new(None, Code::BadUserInput, en, ja);
        match error.positions().next() {
            Some(location) => problem.at(location),
            None => problem,
        }
    }

    pub(crate) fn internal(id: RequestId) -> Self {
        let en = format!("Internal error. Please quote this id: {id}");
        let ja = format!("内部エラーです。お問い合わせの際はこの番号をお知らせください：{id}");
        Self { id: Some(id), ..Self::http(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, en, ja) }
    }
}

impl Problem {
    /// As a GraphQL error.
    pub(super) fn into_error(self, locale: Language) -> ServerError {
        let mut error = ServerError::new(locale.pick(self.ja, self.en), self.location);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", self.code.as_str());
        if self.retryable {
            extensions.set("retryable", true);
        }
        if let Some(id) = self.id {
            extensions.set("id", id.as_str());
        }
        error
    }

    /// As GraphQL errors: one for each fault, and at least one.
    pub(super) fn into_errors(mut self, locale: Language) -> Vec<ServerError> {
        let Some(faults) = self.faults.take().filter(|faults| !faults.0.is_empty()) else {
            return vec![self.into_error(locale)];
        };
        let error = |fault: Fault| {
            let mut error = ServerError::new(locale.pick(fault.ja, fault.en), fault.at);
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("code", self.code.as_str());
            if let Some(field) = fault.field {
                extensions.set("field", String::from(field));
            }
            error
        };
        faults.0.into_iter().map(error).collect()
    }

    /// As the answer to one request.
    pub(super) fn into_answer(self, media: Media, locale: Language) -> Answer {
        let by_media = match media {
            Media::GraphQlResponse => StatusCode::BAD_REQUEST,
            Media::Json => StatusCode::OK,
        };
        let status = self.status.unwrap_or(by_media);
        let mut headers = self.headers.clone();
        headers.extend(self.header.map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))));
        Answer::refused(status, headers, &self.into_errors(locale))
    }

    /// As an HTTP response of its own.
    pub(crate) fn respond(self, media: Media, locale: Language) -> Response {
        self.into_answer(media, locale).respond(media)
    }
}
