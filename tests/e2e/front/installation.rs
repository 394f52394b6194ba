//! The program as an installation runs it: whose its files are, what ends its start, an older release on a newer schema, and the address for
//! operators.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, ensure};
use sea_orm::ConnectionTrait;
use serde_json::json;
use torikumi_tests::both;
use torikumi_tests::database::{Backend, Scratch};
use torikumi_tests::fixtures::{Office, bureau, input, send, with};
use torikumi_tests::server::Server;

/// What a command says, and that it failed.
fn failure(output: &Output) -> anyhow::Result<String> {
    ensure!(!output.status.success(), "it succeeded: {}", String::from_utf8_lossy(&output.stdout));
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn mode(path: &Path) -> anyhow::Result<u32> {
    Ok(fs::metadata(path).with_context(|| path.display().to_string())?.permissions().mode() & 0o777)
}

/// A process of the program that serves, ended with this value.
struct Serving {
    child: Child,
    addresses: Vec<String>,
}

impl Serving {
    /// Starts it and reads the addresses that it prints, so many.
    fn start(mut command: Command, addresses: usize) -> anyhow::Result<Self> {
        let mut child = command.args(["serve", "--no-jobs", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("stdout")?).lines().take(addresses).collect::<Result<Vec<_>, _>>()?;
        let address = |line: &String| line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
        let addresses = lines.iter().map(address).collect::<Option<_>>().with_context(|| format!("{lines:?}"));
        match addresses {
            Ok(addresses) => Ok(Self { child, addresses }),
            Err(error) => {
                child.kill()?;
                Err(error)
            }
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_an_installation_are_their_owners_alone() -> anyhow::Result<()> {
    let office = Office::open(Backend::Sqlite).await?;
    let folder = Scratch::new()?;
    let kept = folder.path().join(".torikumi");
    fs::create_dir(&kept)?;
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o755))?;
    let database = folder.path().join("office.sqlite");
    let run = |arguments: &[&str]| -> anyhow::Result<Output> {
        let mut command = office.server.program()?;
        for name in ["KEY", "SEAL_KEY", "SEAL_HEADS", "PSEUDONYM_KEY", "RELEASE_KEY", "SECURITY_LOG"] {
            command.env_remove(format!("TORIKUMI_{name}"));
        }
        command.env("DATABASE_URL", format!("sqlite:{}", database.display()));
        Ok(command.current_dir(folder.path()).args(arguments).output()?)
    };
    ensure!(run(&["migrate"])?.status.success());
    assert_eq!(mode(&database)?, 0o600, "a new database");
    // One of an earlier release, under the usual mask.
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644))?;
    ensure!(run(&["run", "seal-audit"])?.status.success());
    for entry in fs::read_dir(folder.path())? {
        let path = entry?.path();
        if path.is_file() && !path.to_string_lossy().ends_with("-jobs") {
            assert_eq!(mode(&path)?, 0o600, "{}", path.display());
        }
    }
    assert_eq!(mode(&kept)?, 0o700);
    assert_eq!(mode(&kept.join("seal.key"))?, 0o600);
    assert_eq!(mode(&kept.join("security"))?, 0o700);
    for entry in fs::read_dir(kept.join("security"))? {
        assert_eq!(mode(&entry?.path())?, 0o600);
    }
    Ok(())
}

both!(a_bad_setting_ends_the_start_and_is_named_without_its_value, async |backend| {
    let office = Office::open(backend).await?;
    for (name, value) in [
        ("TORIKUMI_SMTP_URL", "smtp://user:hunter2@mail.example.jp"),
        ("TORIKUMI_SMTP_URL", "hunter2"),
        ("TORIKUMI_MAIL_FROM", "hunter2"),
        ("TORIKUMI_CONNECTIONS", "0"),
        ("TORIKUMI_RUNS", "0"),
        ("TORIKUMI_LEASE", "1"),
        ("TORIKUMI_LOG", "api=loud"),
        ("TORIKUMI_ORIGINS", "*"),
        ("TORIKUMI_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TORIKUMI_SECURITY_LOG", "/proc/none"),
        ("TORIKUMI_ADMIN_LISTEN", "nowhere"),
        ("TORIKUMI_ISSUER", ""),
        ("TORIKUMI_JWKS", "http://id.example/jwks"),
    ] {
        let mut command = office.server.program()?;
        command.env(name, value).args(["serve", "--listen", "127.0.0.1:0"]);
        if name == "TORIKUMI_SMTP_URL" {
            command.env("TORIKUMI_MAIL_FROM", "Torikumi <torikumi@example.go.jp>");
        }
        let said = failure(&command.stdin(Stdio::null()).output()?)?;
        let named = said.contains(name) || said.to_ascii_lowercase().contains(&name[9..].to_ascii_lowercase().replace('_', "-"));
        assert!(named || ["TORIKUMI_ISSUER", "TORIKUMI_JWKS"].contains(&name), "{name}: {said}");
        assert!(!said.contains("hunter2"), "{name}: {said}");
    }
    Ok(())
});

both!(a_release_that_is_older_than_the_schema_says_so, async |backend| {
    let office = Office::open(backend).await?;
    let server: &Server = &office.server;
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_later', 0)";
    server.app.db.writer().execute_unprepared(later).await?;
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["worker"], &["jobs"]] {
        let said = failure(&server.program()?.args(arguments).stdin(Stdio::null()).output()?)?;
        assert!(said.contains("older than the database's schema") && said.contains("m20991231_000001_later"), "{arguments:?}: {said}");
    }
    let ready = reqwest::get(format!("{}/readyz", server.url)).await?;
    assert_eq!((ready.status().as_u16(), ready.text().await?), (503, "schema\n".to_owned()), "and who serves already is not ready");

    let behind = "DELETE FROM seaql_migrations WHERE version = (SELECT MAX(version) FROM seaql_migrations WHERE version < 'm2099')";
    for statement in ["DELETE FROM seaql_migrations WHERE version = 'm20991231_000001_later'", behind] {
        server.app.db.writer().execute_unprepared(statement).await?;
    }
    let said = failure(&server.program()?.args(["jobs"]).output()?)?;
    assert!(said.contains("run `torikumi migrate` first"), "{said}");
    Ok(())
});

both!(figures_graphiql_and_introspection_move_to_the_operators_address, async |backend| {
    let office = Office::open(backend).await?;
    let status = async |url: &str, path: &str| anyhow::Ok(reqwest::get(format!("{url}{path}")).await?.status().as_u16());
    let schema = async |url: &str| -> anyhow::Result<bool> {
        let asked = reqwest::Client::new().post(format!("{url}/graphql")).json(&json!({ "query": "{ __schema { queryType { name } } }" }));
        Ok(asked.send().await?.text().await?.contains("queryType"))
    };
    let inner_paths = ["/metrics", "/graphiql", "/schema.graphql"];

    let one = Serving::start(office.server.program()?, 1)?;
    for path in inner_paths {
        assert_eq!(status(&one.addresses[0], path).await?, 200, "{path}");
    }
    assert!(schema(&one.addresses[0]).await?);

    let mut command = office.server.program()?;
    command.env("TORIKUMI_ADMIN_LISTEN", "127.0.0.1:0");
    let two = Serving::start(command, 2)?;
    let mut command = office.server.program()?;
    command.env("TORIKUMI_ADMIN_LISTEN", "off");
    let off = Serving::start(command, 1)?;
    for outer in [&two.addresses[0], &off.addresses[0]] {
        for path in inner_paths {
            assert_eq!(status(outer, path).await?, 404, "{path}");
        }
        assert!(!schema(outer).await?);
        assert_eq!((status(outer, "/healthz").await?, status(outer, "/releases").await?), (200, 200));
    }
    for path in inner_paths {
        assert_eq!(status(&two.addresses[1], path).await?, 200, "{path}");
    }
    assert!(schema(&two.addresses[1]).await?);
    Ok(())
});

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_our_own_lives_a_week_and_names_a_body_that_there_is() -> anyhow::Result<()> {
    let office = Office::open(Backend::Sqlite).await?;
    let token = |arguments: &[&str]| anyhow::Ok(office.server.program()?.arg("token").args(arguments).output()?);
    assert!(token(&["--role", "viewer", "--ttl", "7d"])?.status.success());
    assert!(failure(&token(&["--role", "viewer", "--ttl", "8d"])?)?.contains("7d, which is the longest"));
    assert!(token(&["--role", "committee", "--body", "executive_committee"])?.status.success());
    assert!(failure(&token(&["--role", "committee", "--body", "board"])?)?.contains("executive_committee"));
    Ok(())
}

both!(a_name_is_one_line, async |backend| {
    let office = Office::open(backend).await?;
    for name in ["二\n行", "a\r\nBcc: x@example.jp", "左\u{202e}右", "\u{2028}", "タブ\t"] {
        let receipt = send(&office.secretariat, "Bureaus", input(vec![with(bureau("X"), json!({ "nameJa": name }))])).await?;
        assert_eq!(receipt.refused(), [(0, "BAD_USER_INPUT", "nameJa")], "{name:?}");
    }
    Ok(())
});

/// What the build script says in a tree: the program's version, and the files that it waits for.
fn version_of(script: &Path, tree: &Path, given: Option<&str>) -> anyhow::Result<(String, bool)> {
    let mut command = Command::new(script);
    command.env("CARGO_MANIFEST_DIR", tree.join("api")).env("CARGO_PKG_VERSION", "1.2.3").env_remove("TORIKUMI_COMMIT");
    command.envs(given.map(|commit| ("TORIKUMI_COMMIT", commit)));
    let said = String::from_utf8(command.output()?.stdout)?;
    let version = said.lines().find_map(|line| line.strip_prefix("cargo:rustc-env=TORIKUMI_VERSION=")).context("no version")?;
    Ok((version.to_owned(), said.contains("logs/HEAD")))
}

fn git(tree: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let said = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.jp", "-C"])
        .arg(tree)
        .args(arguments)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .output()?;
    ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_its_name_version_and_commit() -> anyhow::Result<()> {
    let office = Office::open(Backend::Sqlite).await?;
    let said = String::from_utf8(office.server.program()?.arg("--version").output()?.stdout)?;
    let rest = said.trim().strip_prefix(concat!("torikumi ", env!("CARGO_PKG_VERSION"))).with_context(|| said.clone())?;
    let commit = rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')'));
    ensure!(rest.is_empty() || commit.is_some_and(|name| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_hexdigit())), "{said}");

    // In a tree without a repository of its own, inside another one; with one; and where the commit is given.
    let folder = Scratch::new()?;
    let script = folder.path().join("script");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/build.rs");
    ensure!(
        Command::new(rustc).args(["--edition", "2024", "-o"]).arg(&script).arg(source).status()?.success(),
        "the script does not compile"
    );
    let tree = folder.path().join("tree");
    fs::create_dir_all(tree.join("api"))?;
    git(folder.path(), &["init", "--quiet"])?;
    git(folder.path(), &["commit", "--quiet", "--allow-empty", "--message", "another program"])?;
    assert_eq!(version_of(&script, &tree, None)?, ("1.2.3".to_owned(), false));
    git(&tree, &["init", "--quiet"])?;
    assert_eq!(version_of(&script, &tree, None)?.0, "1.2.3", "no commit yet");
    git(&tree, &["commit", "--quiet", "--allow-empty", "--message", "one"])?;
    let commit = git(&tree, &["rev-parse", "HEAD"])?;
    assert_eq!(version_of(&script, &tree, None)?, (format!("1.2.3 ({})", &commit[..12]), true));
    assert_eq!(version_of(&script, &tree, Some("0123456789abcdef"))?, ("1.2.3 (0123456789ab)".to_owned(), false));
    assert_eq!(version_of(&script, &tree, Some("a word, and no commit"))?.0, "1.2.3");
    Ok(())
}
