#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeSet,
    fs,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{FutureExt, future::join_all};
use jsonwebtoken::{
    EncodingKey, Header, encode,
    jwk::{Jwk, JwkSet},
};
use p256::pkcs8::EncodePrivateKey;
use rsa::{pkcs1::EncodeRsaPrivateKey, rand_core::OsRng, traits::PublicKeyParts};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::authz::Role;

/// An identity provider's key.
struct Signer {
    kid: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Signer {
    fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.kid.to_owned());
        serde_json::to_value(jwk).unwrap()
    }

    fn token(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(self.algorithm) };
        format!("Bearer {}", encode(&header, claims, &self.key).unwrap())
    }
}

fn ed(kid: &'static str, seed: u8) -> Signer {
    Signer { kid, algorithm: Algorithm::EdDSA, key: EncodingKey::from_ed_der(&local::pkcs8(&[seed; 32])) }
}

static EC: LazyLock<Signer> = LazyLock::new(|| {
    let secret = p256::SecretKey::random(&mut OsRng).to_pkcs8_der().unwrap();
    Signer { kid: "ec", algorithm: Algorithm::ES256, key: EncodingKey::from_ec_der(secret.as_bytes()) }
});
static RSA_KEY: LazyLock<rsa::RsaPrivateKey> = LazyLock::new(|| rsa::RsaPrivateKey::new(&mut OsRng, 2048).unwrap());
static RSA: LazyLock<Signer> = LazyLock::new(|| {
    let secret = RSA_KEY.to_pkcs1_der().unwrap();
    Signer { kid: "rsa", algorithm: Algorithm::RS256, key: EncodingKey::from_rsa_der(secret.as_bytes()) }
});

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

/// Claims of a viewer, good from `at(0)` until `at(3600)`, with changes; `null` takes one away.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://id.example", "aud": ["other", "torikumi"], "sub": "someone", "roles": "viewer",
        "nbf": at(0).timestamp(), "exp": at(3600).timestamp(),
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

/// A key set file of the test's own, removed with it.
struct SetFile(PathBuf);

impl SetFile {
    fn new(keys: &Value) -> Self {
        let file = Self(std::env::temp_dir().join(format!("torikumi-jwks-{:016x}.json", rand::random::<u64>())));
        file.write(keys, 0);
        file
    }

    fn write(&self, keys: &Value, modified: u64) {
        self.write_text(&json!({ "keys": keys }).to_string(), modified);
    }

    fn write_text(&self, text: &str, modified: u64) {
        fs::write(&self.0, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + modified);
        fs::File::options().write(true).open(&self.0).unwrap().set_modified(time).unwrap();
    }

    async fn load(&self) -> Result<Authenticator, AuthnConfigError> {
        Authenticator::load_at(config(JwksSource::File(self.0.clone())), at(0)).await
    }
}

impl Drop for SetFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn config(jwks: JwksSource) -> AuthnConfig {
    AuthnConfig::new("https://id.example", "torikumi", jwks)
}

async fn with_keys(keys: &Value) -> Authenticator {
    SetFile::new(keys).load().await.unwrap()
}

/// What a token is refused with at `at(10)`.
async fn refusal(authenticator: &Authenticator, token: &str) -> AuthnError {
    authenticator.authenticate(Some(token), at(10)).await.expect_err("accepted")
}

#[tokio::test]
async fn only_the_absence_of_a_header_is_public() {
    let authenticator = with_keys(&json!([ed("a", 1).jwk()])).await;
    assert_eq!(authenticator.authenticate(None, at(0)).await, Ok(Principal::public()));
    let long = format!("Bearer {}", "a".repeat(MAX_TOKEN + 1));
    for header in ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer a,b", "bearer トークン", &long] {
        assert_eq!(refusal(&authenticator, header).await, AuthnError::Malformed, "{header:.20}");
    }
    for header in ["Bearer a", "Bearer a.b.c", "Bearer ..", "Bearer a.b.c.d"] {
        assert_eq!(refusal(&authenticator, header).await, AuthnError::Invalid, "{header}");
    }
}

#[tokio::test]
async fn each_allowed_algorithm_is_accepted_under_its_own_key() {
    let (ed, twin) = (ed("ed", 1), ed("ec", 2));
    let authenticator = with_keys(&json!([ed.jwk(), EC.jwk(), RSA.jwk(), twin.jwk()])).await;
    for signer in [&ed, &EC, &RSA, &twin] {
        let token = signer.token(&claims(&json!({ "roles": ["viewer", "admin", "public", "wizard"] })));
        let principal = authenticator.authenticate(Some(&token), at(10)).await.unwrap();
        assert_eq!(principal.subject, "someone");
        assert_eq!(principal.roles, BTreeSet::from([Role::Viewer, Role::Admin]));
        assert_eq!(principal.bureaus, BureauClaim::default());
        assert_eq!(principal.expires_at, at(3600));
        let (body, signature) = token.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { "B" } else { "A" };
        assert_eq!(refusal(&authenticator, &format!("{body}.{other}{}", &signature[1..])).await, AuthnError::Invalid);
    }
}

#[tokio::test]
async fn forged_headers_are_refused() {
    let ed_key = ed("ed", 1);
    let authenticator = with_keys(&json!([ed_key.jwk(), RSA.jwk()])).await;
    let good = claims(&json!({}));
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("Bearer {}.{}.", part(&json!({ "alg": "none", "kid": "ed" })), part(&good));
    let with = |header: Header, key: &EncodingKey| format!("Bearer {}", encode(&header, &good, key).unwrap());
    let kid = |kid: &str| Some(kid.to_owned());
    let pem = rsa::pkcs8::EncodePublicKey::to_public_key_pem(&RSA_KEY.to_public_key(), rsa::pkcs8::LineEnding::LF).unwrap();
    let hs256 = Header { kid: kid("rsa"), ..Header::new(Algorithm::HS256) };
    let crit = Header { kid: kid("ed"), crit: Some(vec!["exp".to_owned()]), ..Header::new(Algorithm::EdDSA) };
    let embedded = Header { jwk: serde_json::from_value(ed("ed", 2).jwk()).unwrap(), ..Header::new(Algorithm::EdDSA) };
    for (what, token) in [
        ("alg none", none),
        ("HS256 with the RSA key's PEM as secret", with(hs256.clone(), &EncodingKey::from_secret(pem.as_bytes()))),
        ("HS256 with the RSA modulus as secret", with(hs256, &EncodingKey::from_secret(&RSA_KEY.n().to_bytes_be()))),
        ("RS512", with(Header { kid: kid("rsa"), ..Header::new(Algorithm::RS512) }, &RSA.key)),
        ("EdDSA under the RSA key's id", with(Header { kid: kid("rsa"), ..Header::new(Algorithm::EdDSA) }, &ed_key.key)),
        ("a foreign key under a known id", ed("ed", 2).token(&good)),
        ("an unknown id", ed("stranger", 1).token(&good)),
        ("no id, and two keys", with(Header::new(Algorithm::EdDSA), &ed_key.key)),
        ("a key of its own", with(Header { kid: kid("ed"), ..embedded }, &ed("ed", 2).key)),
        ("crit", with(crit, &ed_key.key)),
    ] {
        assert_eq!(refusal(&authenticator, &token).await, AuthnError::Invalid, "{what}");
    }

    let single = with_keys(&json!([ed_key.jwk()])).await;
    assert!(single.authenticate(Some(&with(Header::new(Algorithm::EdDSA), &ed_key.key)), at(10)).await.is_ok());
    assert_eq!(refusal(&single, &with(Header::new(Algorithm::RS256), &RSA.key)).await, AuthnError::Invalid);
}

#[tokio::test]
async fn registered_claims_are_checked_against_the_given_time() {
    let signer = ed("a", 1);
    let authenticator = with_keys(&json!([signer.jwk()])).await;
    for changes in [
        json!({ "iss": "https://evil.example" }),
        json!({ "iss": null }),
        json!({ "aud": "other" }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "exp": null }),
        json!({ "exp": "tomorrow" }),
    ] {
        assert_eq!(refusal(&authenticator, &signer.token(&claims(&changes))).await, AuthnError::Invalid, "{changes}");
    }
    let far = signer.token(&claims(&json!({ "exp": 1e18 })));
    assert_eq!(refusal(&authenticator, &far).await, AuthnError::InvalidClaim("exp"));
    let token = signer.token(&claims(&json!({})));
    for (seconds, expected) in [
        (-31, Some(AuthnError::NotYetValid)),
        (-30, None),
        (3629, None),
        (3630, Some(AuthnError::Expired)),
        (-31, Some(AuthnError::NotYetValid)),
    ] {
        assert_eq!(authenticator.authenticate(Some(&token), at(seconds)).await.err(), expected, "at {seconds}");
    }
}

#[tokio::test]
async fn a_role_needs_its_claims() {
    let signer = ed("a", 1);
    let authenticator = with_keys(&json!([signer.jwk()])).await;
    for (changes, expected) in [
        (json!({ "roles": null }), AuthnError::MissingClaim("roles")),
        (json!({ "roles": "public wizard" }), AuthnError::MissingClaim("roles")),
        (json!({ "roles": { "viewer": true } }), AuthnError::InvalidClaim("roles")),
        (json!({ "sub": null }), AuthnError::MissingClaim("sub")),
        (json!({ "roles": "viewer staff" }), AuthnError::MissingClaim("staff_number")),
        (json!({ "roles": "staff", "staff_number": "" }), AuthnError::MissingClaim("staff_number")),
        (json!({ "roles": "staff", "staff_number": 7 }), AuthnError::InvalidClaim("staff_number")),
        (json!({ "roles": "manager", "units": [""] }), AuthnError::MissingClaim("units")),
        (json!({ "roles": "manager", "units": [7] }), AuthnError::InvalidClaim("units")),
        (json!({ "roles": "committee" }), AuthnError::MissingClaim("body")),
        (json!({ "roles": "auditor bureau_officer", "bureaus": ["b1"] }), AuthnError::InvalidClaim("roles")),
        (json!({ "roles": ["viewer", "auditor"] }), AuthnError::InvalidClaim("roles")),
        (json!({ "roles": "promotion_officer auditor" }), AuthnError::InvalidClaim("roles")),
        (json!({ "roles": "auditor", "client": "hr" }), AuthnError::InvalidClaim("client")),
        (json!({ "roles": "committee", "body": "Executive_Committee" }), AuthnError::InvalidClaim("body")),
        (json!({ "roles": "committee", "body": "pta" }), AuthnError::InvalidClaim("body")),
        (json!({ "roles": "bureau_officer", "bureaus": [] }), AuthnError::MissingClaim("bureaus")),
        (json!({ "roles": "bureau_system", "client": "hr" }), AuthnError::MissingClaim("bureaus")),
        (json!({ "roles": "bureau_system", "bureaus": ["b1"] }), AuthnError::MissingClaim("client")),
    ] {
        assert_eq!(refusal(&authenticator, &signer.token(&claims(&changes))).await, expected, "{changes}");
    }
    for all in ["all", "*"] {
        let token = signer.token(&claims(&json!({ "roles": "bureau_system", "bureaus": all, "client": "hr" })));
        assert_eq!(authenticator.authenticate(Some(&token), at(10)).await.unwrap().bureaus, BureauClaim::All);
    }
}

#[tokio::test]
async fn unusable_keys_are_dropped_and_none_left_is_an_error() {
    let good = ed("good", 1);
    let mut weak = RSA.jwk();
    weak["n"] = json!(URL_SAFE_NO_PAD.encode([0xff; 128]));
    let with = |jwk: Value, name: &str, value: Value| {
        let mut jwk = jwk;
        jwk[name] = value;
        jwk
    };
    let unusable = json!([
        weak,
        with(RSA.jwk(), "use", json!("enc")),
        with(RSA.jwk(), "alg", json!("PS256")),
        with(EC.jwk(), "key_ops", json!(["sign"])),
        with(EC.jwk(), "y", json!(URL_SAFE_NO_PAD.encode([1; 32]))),
        with(good.jwk(), "x", json!("AAAA")),
        { "kty": "oct", "k": "c2VjcmV0", "kid": "good", "alg": "HS256" },
        { "kty": "AKP", "kid": "post-quantum" },
        "not a key",
    ]);
    assert!(matches!(SetFile::new(&unusable).load().await, Err(AuthnConfigError::NoUsableKey)));
    let mut keys = unusable;
    keys.as_array_mut().unwrap().push(good.jwk());
    let authenticator = with_keys(&keys).await;
    assert!(authenticator.authenticate(Some(&good.token(&claims(&json!({})))), at(10)).await.is_ok());
    assert_eq!(refusal(&authenticator, &RSA.token(&claims(&json!({})))).await, AuthnError::Invalid);
}

#[tokio::test]
async fn a_remembered_token_is_not_verified_again_but_still_expires() {
    let signer = ed("a", 1);
    let authenticator = with_keys(&json!([signer.jwk()])).await;
    let token = signer.token(&claims(&json!({})));
    for second in 0..5 {
        authenticator.authenticate(Some(&token), at(second)).await.unwrap();
    }
    assert_eq!(authenticator.authenticate(Some(&token), at(3630)).await, Err(AuthnError::Expired));
    assert_eq!(authenticator.verifications(), 1);
}

#[tokio::test]
async fn a_file_is_read_anew_when_it_changes() {
    let (former, next) = (ed("former", 1), ed("next", 2));
    let file = SetFile::new(&json!([former.jwk()]));
    let authenticator = file.load().await.unwrap();
    let (old, new) = (former.token(&claims(&json!({}))), next.token(&claims(&json!({}))));
    assert!(authenticator.authenticate(Some(&old), at(0)).await.is_ok());

    file.write(&json!([next.jwk()]), 1);
    assert!(authenticator.authenticate(Some(&old), at(0)).await.is_ok(), "looked twice in a second");
    assert!(authenticator.authenticate(Some(&new), at(0)).await.is_ok(), "an unknown id is reason to look");
    assert_eq!(authenticator.authenticate(Some(&old), at(0)).await, Err(AuthnError::Invalid), "a remembered token outlived its key");

    // Half written, and then whole within the resolution of the file's time.
    let whole = json!({ "keys": [former.jwk()] }).to_string();
    file.write_text(&" ".repeat(whole.len()), 2);
    assert!(authenticator.authenticate(Some(&new), at(2)).await.is_ok(), "a broken file must not lock everybody out");
    file.write_text(&whole, 2);
    assert_eq!(authenticator.authenticate(Some(&new), at(4)).await, Err(AuthnError::Invalid));
    assert!(authenticator.authenticate(Some(&old), at(4)).await.is_ok());
    file.write(&json!([next.jwk()]), 3);
    assert_eq!(authenticator.authenticate(Some(&old), at(1)).await, Err(AuthnError::Invalid), "a clock set back stopped the renewals");
}

/// A server of a key set on this machine, which counts its calls.
#[derive(Default)]
struct Server {
    answer: Mutex<String>,
    calls: AtomicUsize,
}

impl Server {
    async fn start(keys: &Value) -> (Arc<Self>, JwksSource) {
        let server = Arc::new(Self::default());
        server.serve(keys);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let shared = Arc::clone(&server);
        let answer = move || {
            shared.calls.fetch_add(1, Ordering::Relaxed);
            std::future::ready(shared.answer.lock().unwrap().clone())
        };
        let app = axum::Router::new().route("/jwks", axum::routing::get(answer));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (server, JwksSource::Url(url))
    }

    fn serve(&self, keys: &Value) {
        *self.answer.lock().unwrap() = json!({ "keys": keys }).to_string();
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn a_url_is_fetched_anew_by_age_and_by_unknown_id_but_never_in_a_storm() {
    let (former, next) = (ed("former", 1), ed("next", 2));
    let (server, source) = Server::start(&json!([former.jwk()])).await;
    let authenticator = Authenticator::load_at(config(source), at(0)).await.unwrap();
    let (old, new) = (former.token(&claims(&json!({}))), next.token(&claims(&json!({}))));
    assert!(authenticator.authenticate(Some(&old), at(10)).await.is_ok());
    assert_eq!(server.calls(), 1);

    let storm: Vec<_> = (0..100).map(|n| ed("forged", n).token(&claims(&json!({})))).collect();
    let answers = join_all(storm.iter().map(|token| authenticator.authenticate(Some(token), at(31)))).await;
    assert!(answers.iter().all(|answer| *answer == Err(AuthnError::Invalid)));
    assert_eq!(server.calls(), 2, "one fetch for the whole storm");
    assert_eq!(authenticator.verifications(), 1);

    let hs256 = Header { kid: Some("forged".to_owned()), ..Header::new(Algorithm::HS256) };
    let forged = format!("Bearer {}", encode(&hs256, &json!({}), &EncodingKey::from_secret(b"secret")).unwrap());
    assert_eq!(authenticator.authenticate(Some(&forged), at(61)).await, Err(AuthnError::Invalid));
    assert_eq!(server.calls(), 2, "no algorithm, no fetch");

    server.serve(&json!([former.jwk(), next.jwk()]));
    assert_eq!(authenticator.authenticate(Some(&new), at(34)).await, Err(AuthnError::Invalid), "within the pace");
    assert!(authenticator.authenticate(Some(&new), at(35)).await.is_ok());
    assert_eq!(server.calls(), 3);

    server.serve(&json!([next.jwk()]));
    assert!(authenticator.authenticate(Some(&old), at(334)).await.is_ok());
    assert_eq!(authenticator.authenticate(Some(&old), at(335)).await, Err(AuthnError::Invalid), "a withdrawn key outlived the set's age");
    assert_eq!(server.calls(), 4);

    *server.answer.lock().unwrap() = "x".repeat(300 * 1024);
    assert!(authenticator.authenticate(Some(&new), at(700)).await.is_ok(), "a failed renewal keeps the former set");
    assert!(authenticator.authenticate(Some(&new), at(720)).await.is_ok());
    assert_eq!(server.calls(), 5, "a failed renewal is not repeated at once");
}

/// Somebody who sends a forged key id each second must not keep a rotated key from being found.
#[tokio::test]
async fn a_rotated_key_is_found_within_five_seconds_under_a_flood_of_forged_ids() {
    let (former, next) = (ed("former", 1), ed("next", 2));
    let (server, source) = Server::start(&json!([former.jwk()])).await;
    let authenticator = Authenticator::load_at(config(source), at(0)).await.unwrap();
    let new = next.token(&claims(&json!({})));
    for rotation in [10, 11, 12, 13] {
        server.serve(&json!([former.jwk()]));
        let flood = async |second| {
            for n in 0..20 {
                assert!(authenticator.authenticate(Some(&ed("forged", n).token(&claims(&json!({})))), at(second)).await.is_err());
            }
        };
        // The former set again, then the flood goes on for a while before the key is rotated, and after that.
        let start = rotation * 100;
        for second in start..start + rotation {
            flood(second).await;
        }
        server.serve(&json!([former.jwk(), next.jwk()]));
        let mut found = None;
        for second in start + rotation..start + rotation + 10 {
            flood(second).await;
            if authenticator.authenticate(Some(&new), at(second)).await.is_ok() {
                found = Some(second - start - rotation);
                break;
            }
        }
        assert!(found.is_some_and(|seconds| seconds <= 5), "{found:?}");
    }
}

#[tokio::test]
async fn the_service_starts_by_the_last_key_set_while_the_issuer_is_down() {
    let (former, next) = (ed("former", 1), ed("next", 2));
    let (server, source) = Server::start(&json!([former.jwk()])).await;
    let file = std::env::temp_dir().join(format!("torikumi-last-{:016x}.json", rand::random::<u64>()));
    let with = |source: &JwksSource| AuthnConfig { last_keys: Some(file.clone()), ..config(source.clone()) };
    let old = former.token(&claims(&json!({ "exp": at(10_000_000).timestamp() })));
    drop(Authenticator::load_at(with(&source), at(0)).await.unwrap());
    *server.answer.lock().unwrap() = "down for maintenance".to_owned();

    let authenticator = Authenticator::load_at(with(&source), at(100)).await.unwrap();
    assert!(authenticator.authenticate(Some(&old), at(100)).await.is_ok());
    server.serve(&json!([next.jwk()]));
    assert!(authenticator.authenticate(Some(&next.token(&claims(&json!({})))), at(104)).await.is_ok(), "and takes the issuer's next one");
    assert_eq!(authenticator.authenticate(Some(&old), at(104)).await, Err(AuthnError::Invalid));

    *server.answer.lock().unwrap() = "down again".to_owned();
    let restarted = Authenticator::load_at(with(&source), at(200)).await.unwrap();
    assert_eq!(restarted.authenticate(Some(&old), at(200)).await, Err(AuthnError::Invalid), "a withdrawn key came back from disk");
    let week = TimeDelta::days(7).num_seconds();
    assert!(Authenticator::load_at(with(&source), at(104 + week)).await.is_err(), "a set of a week ago");
    let other = JwksSource::Url("http://127.0.0.1:1/jwks".to_owned());
    assert!(Authenticator::load_at(with(&other), at(200)).await.is_err(), "another issuer's set");
    fs::write(&file, "{").unwrap();
    assert!(Authenticator::load_at(with(&source), at(200)).await.is_err());
    fs::remove_file(&file).unwrap();
}

#[tokio::test]
async fn a_token_of_another_type_or_with_a_list_of_issuers_is_refused() {
    let signer = ed("a", 1);
    let authenticator = with_keys(&json!([signer.jwk()])).await;
    let typed = |typ: Option<&str>| {
        let header = Header { kid: Some("a".to_owned()), typ: typ.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
        format!("Bearer {}", encode(&header, &claims(&json!({})), &signer.key).unwrap())
    };
    for right in [None, Some("JWT"), Some("jwt"), Some("at+jwt"), Some("application/at+JWT")] {
        assert!(authenticator.authenticate(Some(&typed(right)), at(10)).await.is_ok(), "{right:?}");
    }
    for wrong in ["logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "", "application/", "at+jwt, JWT"] {
        assert_eq!(refusal(&authenticator, &typed(Some(wrong))).await, AuthnError::Invalid, "{wrong}");
    }
    let file = SetFile::new(&json!([signer.jwk()]));
    let strict = AuthnConfig { types: vec!["at+jwt".to_owned()], ..config(JwksSource::File(file.0.clone())) };
    let strict = Authenticator::load_at(strict, at(0)).await.unwrap();
    assert!(strict.authenticate(Some(&typed(Some("at+jwt"))), at(10)).await.is_ok());
    for wrong in [None, Some("JWT")] {
        assert_eq!(refusal(&strict, &typed(wrong)).await, AuthnError::Invalid, "{wrong:?}");
    }
    for issuers in [json!(["https://id.example"]), json!(["https://id.example", "https://evil.example"]), json!({}), json!(7)] {
        let token = signer.token(&claims(&json!({ "iss": issuers })));
        assert_eq!(refusal(&authenticator, &token).await, AuthnError::Invalid, "{issuers}");
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_end_the_fetch() {
    let (former, next) = (ed("former", 1), ed("next", 2));
    let (server, source) = Server::start(&json!([former.jwk()])).await;
    let authenticator = Authenticator::load_at(config(source), at(0)).await.unwrap();
    server.serve(&json!([next.jwk()]));
    let token = next.token(&claims(&json!({})));
    assert!(authenticator.authenticate(Some(&token), at(30)).now_or_never().is_none(), "answered without a fetch");
    assert!(authenticator.authenticate(Some(&token), at(31)).await.is_ok());
    assert_eq!(server.calls(), 2);
}

#[tokio::test]
async fn an_unsafe_or_silent_address_stops_the_start() {
    for address in ["http://id.example/jwks", "ftp://127.0.0.1/", "file:///etc/passwd", "jwks", "http://127.0.0.1.evil.example/"] {
        let loaded = Authenticator::load(config(JwksSource::Url(address.to_owned()))).await;
        assert!(matches!(loaded, Err(AuthnConfigError::BadUrl(_))), "{address}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(Authenticator::load(config(JwksSource::Url(address))).await, Err(AuthnConfigError::Fetch { .. })));
    let (_server, source) = Server::start(&json!([])).await;
    assert!(matches!(Authenticator::load(config(source)).await, Err(AuthnConfigError::NoUsableKey)));
    let missing = JwksSource::File(std::env::temp_dir().join("torikumi-no-such-file"));
    assert!(matches!(Authenticator::load(config(missing)).await, Err(AuthnConfigError::Read { .. })));
}

#[tokio::test]
async fn our_own_tokens_are_accepted_under_any_claim_names() {
    let path = std::env::temp_dir().join(format!("torikumi-own-{:016x}.pem", rand::random::<u64>()));
    let mut config = config(JwksSource::Local(path.clone()));
    config.claims.client = "azp".to_owned();
    config.claims.roles = "https://torikumi.example/roles".to_owned();
    let authenticator = Authenticator::load_at(config.clone(), at(0)).await.unwrap();
    let key = LocalKey::open_or_create(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let mut request = TokenRequest {
        subject: "hr-system".to_owned(),
        roles: BTreeSet::from([Role::BureauSystem]),
        bureaus: BureauClaim::Codes(BTreeSet::from(["b1".to_owned(), "b2".to_owned()])),
        units: BTreeSet::new(),
        staff_number: None,
        client: Some("hr".to_owned()),
        body: None,
        ttl: TimeDelta::hours(1),
    };
    let token = format!("Bearer {}", key.sign(&request.claims(&config, at(0)).unwrap()).unwrap());
    let principal = authenticator.authenticate(Some(&token), at(10)).await.unwrap();
    assert_eq!((principal.client, principal.bureaus), (request.client.take(), request.bureaus.clone()));
    assert_eq!(principal.expires_at, at(3600));
    assert_eq!(request.claims(&config, at(0)).err(), Some(AuthnError::MissingClaim("client")));
    let set: JwkSet = key.jwk_set();
    assert!(!serde_json::to_string(&set).unwrap().contains("\"d\""), "the public set holds the private key");
}
