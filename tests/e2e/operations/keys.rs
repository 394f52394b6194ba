//! `torikumi keys`: the four keys of an installation, each replaced while what the former one did stays good.

use anyhow::{Context, ensure};
use api::authz::Role;
use chrono::{TimeDelta, Utc};
use jobs::seal::former;
use serde_json::json;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, record, unit};
use torikumi_tests::server::Server;

use super::seals::seal;

/// The program's word, and whether it did what it was told.
fn torikumi(server: &Server, words: &[&str]) -> anyhow::Result<(bool, String)> {
    let output = server.program()?.args(words).output()?;
    Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)))
}

fn done(server: &Server, words: &[&str]) -> anyhow::Result<String> {
    let (done, said) = torikumi(server, words)?;
    ensure!(done, "{words:?}: {said}");
    Ok(said)
}

/// The status of the simplest question.
async fn status(client: &Client) -> anyhow::Result<u16> {
    Ok(client.post().json(&json!({ "query": "{ viewer { roles } }" })).send().await?.status().as_u16())
}

both!(tokens_of_a_former_key_are_good_to_their_end, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    // The program has the clock of the machine.
    let mut now = Utc::now();
    let mut later = |seconds: i64| {
        now += TimeDelta::seconds(seconds);
        server.set_now(now);
    };
    later(0);
    let former = server.client(&server.request(Role::Viewer))?;
    let issued = || -> anyhow::Result<Client> {
        let token = done(server, &["token", "--role", "viewer", "--ttl", "7d"])?;
        Ok(former.with_token(token.trim()))
    };
    done(server, &["keys", "rotate", "tokens"])?;
    let present = issued()?;
    assert_eq!((status(&present).await?, status(&former).await?), (200, 200), "no gap, and no restart");
    // The former token is valid for a year, its key for no longer than the longest token of the program.
    later(7 * 86_400 - 3_600);
    assert_eq!(status(&former).await?, 200);
    later(7_200);
    assert_eq!(status(&former).await?, 401);
    later(-7 * 86_400);
    assert_eq!((status(&present).await?, status(&former).await?), (200, 200));

    done(server, &["keys", "rotate", "tokens", "--exposed"])?;
    let next = issued()?;
    later(2);
    assert_eq!((status(&present).await?, status(&former).await?), (401, 401), "whichever was exposed signs nothing more");
    assert_eq!(status(&next).await?, 200);
    Ok(())
});

both!(seals_of_a_former_key_stay_verified, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    seal(server).await?;
    let first = jobs::seal::key::SealKey::open(&server.app.ledger.settings().seal_key)?.public_text();
    done(server, &["keys", "rotate", "seal"])?;
    record(&office.a, "Units", vec![unit("A3", "A")]).await?;
    server.set_now(server.app.clock.now() + TimeDelta::hours(1));
    seal(server).await?;
    let said = done(server, &["verify", "audit"])?;
    assert!(said.contains("under 2 signed heads"), "{said}");
    // Who trusts the first key alone is told that another one signed.
    let (good, said) = torikumi(server, &["verify", "audit", "--public-key", &first])?;
    assert!(!good && said.contains("seal 2 is not signed by a key that was named"), "{said}");
    // Without the file of former keys, the first is named by hand.
    std::fs::remove_file(former::file(&server.app.ledger.settings().seal_key))?;
    let (good, said) = torikumi(server, &["verify", "audit"])?;
    assert!(!good && said.contains("seal 1 is not signed by a key that was named"), "{said}");
    let output = server.program()?.args(["verify", "audit"]).env("TORIKUMI_SEAL_FORMER_KEYS", &first).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
});

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_with_their_age_and_never_told() -> anyhow::Result<()> {
    let office = Office::open(torikumi_tests::database::Backend::Sqlite).await?;
    let server = &office.server;
    let said = done(server, &["keys"])?;
    let line = |said: &str, kind: &str, state: &str| -> anyhow::Result<String> {
        let found = said.lines().find(|line| line.starts_with(kind) && line.contains(state));
        Ok(found.with_context(|| format!("{kind} {state}: {said}"))?.to_owned())
    };
    assert!(line(&said, "tokens", "in use")?.contains(" 0 d "), "{said}");
    for kind in ["seal", "pseudonyms", "release"] {
        line(&said, kind, "made on first use")?;
        let (rotated, said) = torikumi(server, &["keys", "rotate", kind])?;
        assert!(!rotated && said.contains("cannot read"), "there is nothing to replace: {said}");
    }
    let settings = server.app.ledger.settings();
    for (kind, path) in [("seal", &settings.seal_key), ("pseudonyms", &settings.pseudonym_key), ("release", &settings.release_key)] {
        let secret = hex(&jobs::seal::key::SealKey::open_or_create(path)?.signer().to_bytes());
        let file = std::fs::File::options().write(true).open(path)?;
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_hours(400 * 24 + 1))?;
        done(server, &["keys", "rotate", kind])?;
        let (exposed, said) = torikumi(server, &["keys", "rotate", kind, "--exposed"])?;
        assert!(!exposed && said.contains("--exposed is for the key of the tokens"), "{said}");
        let said = done(server, &["keys"])?;
        let (present, before) = (line(&said, kind, "in use")?, line(&said, kind, "replaced 20")?);
        assert!(present.contains(" 0 d ") && before.contains(" 400 d "), "{said}");
        assert!(!said.contains(&secret) && !said.contains(std::fs::read_to_string(path)?.trim()), "a secret was told");
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
