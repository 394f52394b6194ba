//! The contract that front ends build on: the committed SDL, and the manners that every part of it keeps.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition};
use serde_json::Value;

/// A field of an object, or of an input, as the SDL has it.
pub struct Field {
    /// Its name.
    pub name: String,
    /// The type it leads to, without lists and non-null.
    pub base: String,
    /// Whether it is a list.
    pub is_list: bool,
    /// Whether it may be null.
    pub is_nullable: bool,
    /// Its arguments, each with its base type and whether it is described.
    pub arguments: Vec<(String, String, bool)>,
    described: bool,
}

/// The SDL, parsed.
pub struct Sdl {
    document: ServiceDocument,
    fields: BTreeMap<String, Vec<Field>>,
}

impl Sdl {
    /// That of the code.
    pub fn of_the_code() -> Self {
        let document = parse_schema(api::graphql::sdl()).expect("the code's own SDL");
        let fields = types_of(&document).map(|ty| (ty.name.node.to_string(), fields_of(ty))).collect();
        Self { document, fields }
    }

    /// The object types with their fields.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &[Field])> {
        let objects = types_of(&self.document).filter(|ty| matches!(ty.kind, TypeKind::Object(_)));
        objects.map(|ty| (ty.name.node.as_str(), self.fields[ty.name.node.as_str()].as_slice()))
    }

    /// The fields of one type.
    pub fn fields(&self, of: &str) -> impl Iterator<Item = &Field> {
        self.fields.get(of).into_iter().flatten()
    }

    /// Some value of an input type, as JSON.
    pub fn sample(&self, of: &str) -> Value {
        let members = types_of(&self.document).find_map(|ty| match &ty.kind {
            TypeKind::Enum(members) if ty.name.node == of => members.values.first(),
            _ => None,
        });
        match (members, of) {
            (Some(member), _) => member.node.value.node.as_str().into(),
            (None, "FiscalYear") => 2018.into(),
            (None, "IndicatorCode") => "WOMEN_STAFF".into(),
            (None, _) => "x".into(),
        }
    }

    /// The arguments of a root field, each with its type as the SDL writes it.
    pub fn arguments(&self, root: &str, field: &str) -> Vec<(String, String)> {
        let fields = types_of(&self.document).find_map(|ty| match &ty.kind {
            TypeKind::Object(object) if ty.name.node == root => Some(&object.fields),
            _ => None,
        });
        let field = fields.into_iter().flatten().find(|of| of.node.name.node == field);
        let arguments = field.into_iter().flat_map(|field| &field.node.arguments);
        arguments.map(|argument| (argument.node.name.node.to_string(), argument.node.ty.node.to_string())).collect()
    }

    /// Whether a type has fields to select.
    pub fn is_object(&self, of: &str) -> bool {
        self.objects().any(|(name, _)| name == of) || of == "Node"
    }

    /// The objects that implement an interface.
    pub fn implementors<'a>(&'a self, interface: &str) -> impl Iterator<Item = &'a str> {
        types_of(&self.document).filter_map(move |ty| match &ty.kind {
            TypeKind::Object(object) if object.implements.iter().any(|name| name.node == interface) => Some(ty.name.node.as_str()),
            _ => None,
        })
    }
}

fn types_of(document: &ServiceDocument) -> impl Iterator<Item = &TypeDefinition> {
    document.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) => Some(&ty.node),
        _ => None,
    })
}

fn fields_of(ty: &TypeDefinition) -> Vec<Field> {
    let fields = match &ty.kind {
        TypeKind::Object(object) => &object.fields,
        TypeKind::Interface(interface) => &interface.fields,
        TypeKind::InputObject(input) => {
            let field = |field: &async_graphql::Positioned<async_graphql::parser::types::InputValueDefinition>| Field {
                name: field.node.name.node.to_string(),
                base: base(&field.node.ty.node),
                is_list: matches!(field.node.ty.node.base, BaseType::List(_)),
                is_nullable: field.node.ty.node.nullable,
                arguments: Vec::new(),
                described: is_text(field.node.description.as_ref()),
            };
            return input.fields.iter().map(field).collect();
        }
        _ => return Vec::new(),
    };
    let argument = |argument: &async_graphql::Positioned<async_graphql::parser::types::InputValueDefinition>| {
        let argument = &argument.node;
        (argument.name.node.to_string(), base(&argument.ty.node), is_text(argument.description.as_ref()))
    };
    let field = |field: &async_graphql::Positioned<async_graphql::parser::types::FieldDefinition>| Field {
        name: field.node.name.node.to_string(),
        base: base(&field.node.ty.node),
        is_list: matches!(field.node.ty.node.base, BaseType::List(_)),
        is_nullable: field.node.ty.node.nullable,
        arguments: field.node.arguments.iter().map(argument).collect(),
        described: is_text(field.node.description.as_ref()),
    };
    fields.iter().map(field).collect()
}

fn base(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => base(inner),
    }
}

fn is_text(description: Option<&async_graphql::Positioned<String>>) -> bool {
    description.is_some_and(|text| !text.node.trim().is_empty())
}

#[test]
fn the_committed_sdl_is_that_of_the_code() {
    let committed = include_str!("../../../api/schema.graphql");
    let code = api::graphql::sdl();
    // Not assert_eq: the difference of two texts of 6,000 lines helps nobody.
    let differs = committed.trim_end().lines().zip(code.trim_end().lines()).position(|(committed, code)| committed != code);
    assert_eq!(differs, None, "api/schema.graphql differs from the code from this line on; write it anew with `torikumi schema`");
    assert_eq!(committed.trim_end().len(), code.trim_end().len(), "one of them is longer");
}

#[test]
fn everything_is_described() {
    let sdl = Sdl::of_the_code();
    let mut silent = Vec::new();
    for ty in types_of(&sdl.document) {
        let of = ty.name.node.as_str();
        if !is_text(ty.description.as_ref()) && !["Query", "Mutation"].contains(&of) {
            silent.push(of.to_owned());
        }
        if let TypeKind::Enum(members) = &ty.kind {
            let members = members.values.iter().filter(|member| !is_text(member.node.description.as_ref()));
            silent.extend(members.map(|member| format!("{of}.{}", member.node.value.node)));
        }
        for field in sdl.fields(of) {
            if !field.described {
                silent.push(format!("{of}.{}", field.name));
            }
            silent.extend(
                field.arguments.iter().filter(|argument| !argument.2).map(|argument| format!("{of}.{}({})", field.name, argument.0)),
            );
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:?}");
}

#[test]
fn names_keep_the_manners_of_graphql() {
    let sdl = Sdl::of_the_code();
    for ty in types_of(&sdl.document) {
        let of = ty.name.node.as_str();
        assert!(of.starts_with(|c: char| c.is_ascii_uppercase()) && of.chars().all(|c| c.is_ascii_alphanumeric()), "{of}");
        for field in sdl.fields(of) {
            let name = &field.name;
            let arguments = field.arguments.iter().map(|argument| &argument.0);
            for name in arguments.chain([name]) {
                assert!(
                    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric()),
                    "{of}.{name}"
                );
            }
            let verb = ["get", "fetch", "list", "find"].iter().find_map(|verb| name.strip_prefix(verb));
            assert!(!verb.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase())), "{of}.{name} is no noun");
        }
        if let TypeKind::Enum(members) = &ty.kind {
            for member in &members.values {
                let member = member.node.value.node.as_str();
                assert!(member.chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{of}.{member}");
            }
        }
    }
    for mutation in sdl.fields("Mutation") {
        let arguments: Vec<_> = mutation.arguments.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(arguments, ["input"], "{}", mutation.name);
        assert!(mutation.base.ends_with("Payload"), "{} answers {}", mutation.name, mutation.base);
    }
}

/// A payload that is null hides no neighbour's act, a root no neighbour's page. The others cannot err.
#[test]
fn roots_and_payloads_may_be_null_and_so_may_filters() {
    let sdl = Sdl::of_the_code();
    let strict = |root: &'static str| sdl.fields(root).filter(|field| !field.is_nullable).map(|field| field.name.as_str());
    assert_eq!(strict("Mutation").collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(strict("Query").collect::<Vec<_>>(), ["viewer", "indicators", "indicator"]);
    for ty in types_of(&sdl.document) {
        for field in sdl.fields(ty.name.node.as_str()) {
            for (name, ty_) in sdl.arguments(&ty.name.node, &field.name) {
                assert!(name != "filter" || !ty_.ends_with('!'), "{}.{}({name}: {ty_})", ty.name.node, field.name);
            }
        }
    }
}

#[test]
fn every_connection_is_paged() {
    let sdl = Sdl::of_the_code();
    let mut connections = 0;
    for (of, fields) in sdl.objects() {
        for field in fields.iter().filter(|field| field.base.ends_with("Connection")) {
            let arguments: BTreeSet<_> = field.arguments.iter().map(|(name, base, _)| (name.as_str(), base.as_str())).collect();
            for argument in [("first", "Int"), ("after", "String"), ("last", "Int"), ("before", "String")] {
                assert!(arguments.contains(&argument), "{of}.{} lacks {argument:?}", field.name);
            }
            connections += 1;
        }
    }
    assert!(connections > 15, "{connections}");
}

/// Texts, codes and numbers that people or sources choose. What has a closed set of members is an enum and does not belong here.
const FREE_TEXT: &str = "published actor address after answer answeredBy approver work before body bureau bureaus cancelRequestedBy changedBy clause client code codes codeVersion comment \
    concurrencyKey correctionReason cron cursor description leaseOwner phase zone \
    endCursor error externalId externalIds field idempotencyKey item initiative jobArea message missingItems name nameEn nameJa noticeAddress officerAddress note outputDigest paper plan reason reasonEn reasonJa requestedBy reviewedBy \
    recordedFor releasedTo secondedFrom sentence staffNumber staffNumbers startCursor subject submittedBy closedBy returnedBy submissionReason returnReason successor text textEn textJa unit units version voidReason withdrawnReason yearToDate startsAt token revokedBy \
    decidedBy decisionReason proposedBy setBy withdrawnBy auditPosition sealedAfter sealedUpTo \
    document enum member words noteEn noteJa place sha256 titleEn titleJa \
    against atMost notReported category cohort content en fileName ja mediaType members only parent path planCode plans purposeEn purposeJa snapshotSha256 symbol url";

/// Open sets that only look closed: an audit entry keeps the words of its time, so does a value its indicator's code, and a
/// release all it says; sexes and bands of a
/// figure have TOTAL beside the members of their enums.
const WORDS: &str = "AuditEntry.roles AuditEntry.verb AuditEntry.noun AuditEntryFilter.verb AuditEntryFilter.noun RecordTotals.noun \
    PersonFileNoun.noun PersonFileReader.noun PersonFileReader.roles PersonFileReader.verb \
    Target.indicator TargetInput.indicator TargetFilter.indicators \
    IndicatorValue.sex IndicatorValue.band IndicatorSeries.sex IndicatorSeries.band IndicatorValueFilter.sexes IndicatorValueFilter.bands \
    ReleaseClause.indicators ReleaseDefinition.indicator ReleaseFinding.check ReleaseObservation.indicator ReleaseObservation.sex \
    ReleaseObservation.band ReleaseObservationFilter.indicators ReleaseObservationFilter.sexes ReleaseObservationFilter.bands \
    ReleaseTarget.indicator PlanReviewTarget.indicator PendingChange.target";

#[test]
fn what_has_a_closed_set_of_members_is_an_enum() {
    let sdl = Sdl::of_the_code();
    let free: BTreeSet<_> = FREE_TEXT.split_whitespace().collect();
    let mut words: BTreeSet<_> = WORDS.split_whitespace().map(str::to_owned).collect();
    let mut loose = Vec::new();
    for ty in types_of(&sdl.document) {
        let of = ty.name.node.as_str();
        for field in sdl.fields(of) {
            let own = (field.base == "String").then_some(&field.name);
            let arguments = field.arguments.iter().filter(|argument| argument.1 == "String").map(|argument| &argument.0);
            for name in own.into_iter().chain(arguments).filter(|name| !free.contains(name.as_str())) {
                let place = format!("{of}.{name}");
                if !words.remove(&place) {
                    loose.push(place);
                }
            }
        }
    }
    assert!(loose.is_empty(), "a String that is not known as free text; is it an enum? {loose:?}");
    assert!(words.is_empty(), "no String any more, so take them off the list: {words:?}");
}

/// Rows of lists are told apart by `id`, or by a key that the document names.
#[test]
fn rows_of_lists_have_an_id_or_a_key_that_is_documented() {
    let sdl = Sdl::of_the_code();
    let edges =
        sdl.objects().filter_map(|(of, fields)| of.ends_with("Edge").then(|| fields.iter().find(|field| field.name == "node")).flatten());
    let keyed: BTreeSet<_> = edges.map(|node| node.base.as_str()).filter(|of| !sdl.fields(of).any(|field| field.name == "id")).collect();
    let told = ["DataCall", "FollowUpEvent", "PersonFileReader", "PersonMonth", "ReleaseObservation"];
    assert_eq!(keyed, BTreeSet::from(told));
    let document = include_str!("../../../api/README.md").replace('\n', " ");
    for of in told {
        assert!(document.contains(&format!("`{of}` by ")), "{of}");
    }
}
