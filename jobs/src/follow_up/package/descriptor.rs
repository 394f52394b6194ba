//! `datapackage.json`: what the package is and what each of its files holds, by the Data Package standard, version 2.
//!
//! Deliberately absent: itself and the sums, which are made after it.

use super::{
    File, PackageError,
    content::Content,
    json::pretty,
    sums::sha256,
    table::Table,
    told,
    words::{Language, fiscal_year},
};
use chrono::SecondsFormat;
use serde::Serialize;

/// The file's name.
pub(super) const PATH: &str = "datapackage.json";

#[derive(Serialize)]
struct Package {
    #[serde(rename = "$schema")]
    profile: &'static str,
    id: String,
    name: String,
    title: String,
    description: String,
    version: String,
    created: String,
    licenses: [License; 1],
    contributors: [Contributor; 1],
    keywords: [&'static str; 4],
    resources: Vec<Resource>,
}

#[derive(Serialize)]
struct License {
    name: String,
    path: String,
    title: String,
}

#[derive(Serialize)]
struct Contributor {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    roles: [&'static str; 1],
}

#[derive(Serialize)]
struct Resource {
    name: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none", rename = "type")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
    format: String,
    mediatype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    /// None where the bytes are those of the library that wrote them, so that the descriptor says the same under another version of it; their
    /// sum stands in SHA256SUMS.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Schema>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    fields: Vec<Field>,
    primary_key: &'static [&'static str],
    missing_values: [&'static str; 1],
}

#[derive(Serialize)]
struct Field {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    description: &'static str,
    constraints: Constraints,
}

#[derive(Serialize)]
struct Constraints {
    required: bool,
    #[serde(skip_serializing_if = "Vec::is_empty", rename = "enum")]
    allowed: Vec<String>,
}

/// The name of the package: its plan and year in the letters that the standard allows.
pub(super) fn name(content: &Content<'_>) -> String {
    let plan: String =
        content.release.plan.code.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    format!("follow-up-{}-{}", plan.trim_matches('-'), content.release.fiscal_year)
}

/// The title in a language.
pub(super) fn title(content: &Content<'_>, lang: Language) -> String {
    let (plan, year) = (lang.of(&content.release.plan.name), fiscal_year(content.year, lang));
    match lang {
        Language::Ja => format!("{plan} フォローアップ {year}"),
        Language::En => format!("{plan}: follow-up, {year}"),
    }
}

/// The descriptor of these files.
///
/// # Errors
/// When JSON cannot be written.
pub(super) fn descriptor(content: &Content<'_>, tables: &[Table], files: &[File]) -> Result<File, PackageError> {
    let [ja, en] = [Language::Ja, Language::En].map(|lang| told::title(content, lang));
    let release = content.release;
    let (name, publisher) = (name(content), &release.publisher);
    let package = Package {
        profile: "https://datapackage.org/profiles/2.0/datapackage.json",
        id: format!("{name}-{}", release.version),
        name,
        title: format!("{ja} / {en}"),
        description: format!(
            "{}\n\n{}\n\nContact: {}",
            release.provenance.disclosure_method.ja, release.provenance.disclosure_method.en, publisher.contact
        ),
        version: release.version.to_string(),
        created: release.as_of.to_rfc3339_opts(SecondsFormat::Secs, true),
        licenses: [License {
            name: publisher.licence.clone(),
            path: publisher.licence_url.clone(),
            title: format!("{} / {}", publisher.licence_title.ja, publisher.licence_title.en),
        }],
        contributors: [Contributor {
            title: format!("{} / {}", publisher.name.ja, publisher.name.en),
            email: Some(publisher.contact.clone()).filter(|contact| contact.contains('@') && !contact.contains(char::is_whitespace)),
            roles: ["publisher"],
        }],
        keywords: ["女性活躍", "ワークライフバランス", "women's participation", "work-life balance"],
        resources: files.iter().map(|file| resource(file, tables.iter().find(|table| table.path == file.path))).collect(),
    };
    Ok(File { path: PATH.to_owned(), media_type: "application/json", bytes: pretty(&package)? })
}

fn resource(file: &File, table: Option<&Table>) -> Resource {
    let binary = !(file.media_type.starts_with("text/") || file.media_type == "application/json");
    Resource {
        name: file.path.replace('.', "-"),
        path: file.path.clone(),
        kind: table.map(|_| "table"),
        title: table.map(|table| table.says.ja),
        description: table.map(|table| table.says.en),
        // Validators would read a workbook or Parquet file as a table by its format, and ask for libraries beside their own.
        format: if binary { "binary" } else { file.path.rsplit('.').next().unwrap_or_default() }.to_owned(),
        mediatype: file.media_type,
        encoding: (!binary).then_some("utf-8"),
        bytes: (!binary).then_some(file.bytes.len()),
        hash: (!binary).then(|| format!("sha256:{}", sha256(&file.bytes))),
        schema: table.map(|table| Schema {
            fields: table
                .columns
                .iter()
                .map(|column| Field {
                    name: column.name,
                    kind: column.kind.schema_type(),
                    title: column.says.ja,
                    description: column.says.en,
                    constraints: Constraints { required: column.required, allowed: column.allowed.clone() },
                })
                .collect(),
            primary_key: table.key,
            missing_values: [""],
        }),
    }
}
