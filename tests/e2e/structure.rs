//! Who imports whom: a family of nouns stands by itself, and what families share is engine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a family may name of another: the types of the graph, by which objects lead to each other.
const GRAPH: [&str; 5] = ["bureau", "unit", "indicator", "target", "hire"];
/// Engine, though it lies in folders.
const ENGINE: [&str; 5] = ["four_eyes", "read", "record", "rules", "projection"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// The families of a folder, each with the names of its modules.
fn families(root: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let families = folders.map(|folder| (name(&folder), files(&folder).iter().map(|file| name(file)).collect()));
    families.filter(|(family, _): &(String, _)| !ENGINE.contains(&family.as_str())).collect()
}

/// The words of the `use` lines of a file, tests apart.
fn imported(text: &str, of: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut words = BTreeSet::new();
    for line in text.split("\nuse ").skip(1).filter_map(|rest| rest.split(';').next()) {
        if line.contains(&format!("crate::{of}")) || line.contains(&format!("{of}::")) {
            words.extend(line.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned));
        }
    }
    words
}

#[test]
fn no_family_imports_from_another() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (root, of, allowed) in
        [("api/src/store", "store", &[][..]), ("api/src/graphql", "graphql", &GRAPH[..]), ("jobs/src/indicators", "indicators", &[])]
    {
        let root = crates.join(root);
        let families = families(&root);
        assert!(families.len() > 1, "{}", root.display());
        for family in families.keys() {
            for file in files(&root.join(family)) {
                let words = imported(&fs::read_to_string(&file).unwrap(), of);
                let foreign = families.iter().filter(|(other, _)| *other != family).flat_map(|(_, modules)| modules);
                let own = &families[family];
                let found: Vec<_> =
                    foreign.filter(|name| words.contains(*name) && !own.contains(*name) && !allowed.contains(&name.as_str())).collect();
                assert!(found.is_empty(), "{} imports {found:?}, which are of other families", file.display());
            }
        }
    }
}

/// Whose plan it is, is data: the plan's file, settings and records. Comments cite, fixtures and the demo invent.
#[test]
fn no_office_is_named_in_code() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for root in ["api/src", "entity/src", "jobs/src", "migration/src"] {
        for file in files(&crates.join(root)) {
            let path = file.to_string_lossy();
            if ["/demo", "fixture", "/tests"].iter().any(|apart| path.contains(apart)) {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            found.extend(
                lines
                    .filter(|line| line.contains("内閣官房") || line.contains("Cabinet Secretariat"))
                    .map(|line| format!("{path}: {line}")),
            );
        }
    }
    assert_eq!(found, Vec::<String>::new());
}
