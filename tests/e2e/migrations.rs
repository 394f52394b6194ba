//! Migrations go up, down and up again, and make what the entities say.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use torikumi_tests::both;
use torikumi_tests::database::TestDatabase;

/// What both ways of making a table must agree on.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    /// The engine's type; on `SQLite` its affinity, for its type names are only that.
    kind: String,
    nullable: bool,
    /// Whether a key or index of this column alone is unique.
    unique: bool,
}

/// How many migrations the foundation had.
const FOUNDATIONS: u32 = 5;

/// The columns by table and name.
type Schema = BTreeMap<String, BTreeMap<String, Column>>;

both!(up_down_and_up_again, async |backend| {
    let database = TestDatabase::empty(backend).await?;
    let db = Database::connect(&database.url).await?;
    Migrator::up(&db, None).await?;
    let (first, objects) = (schema(&db).await?, objects(&db).await?);
    assert!(first.len() >= 20, "{:?}", first.keys());
    Migrator::down(&db, None).await?;
    assert_eq!(schema(&db).await?, Schema::new(), "what came up went down");
    Migrator::up(&db, None).await?;
    assert_eq!(schema(&db).await?, first);
    assert_eq!(self::objects(&db).await?, objects);
    // Nothing is left to do, and doing it does nothing.
    Migrator::up(&db, None).await?;
    assert!(Migrator::get_pending_migrations(&db).await?.is_empty());
    Ok(())
});

both!(the_tables_are_what_the_entities_say, async |backend| {
    let (migrated, synced) = (TestDatabase::empty(backend).await?, TestDatabase::empty(backend).await?);
    let migrated = (Database::connect(&migrated.url).await?, migrated);
    let synced = (Database::connect(&synced.url).await?, synced);
    Migrator::up(&migrated.0, None).await?;
    synced.0.get_schema_registry("entity::*").sync(&synced.0).await?;
    let (by_migrations, by_entities) = (schema(&migrated.0).await?, schema(&synced.0).await?);
    let names = |schema: &Schema| schema.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&by_migrations), names(&by_entities), "the tables");
    for (table, columns) in &by_migrations {
        assert_eq!(columns, &by_entities[table], "left: {table} by migrations; right: by the entities");
    }
    Ok(())
});

/// What the foundation kept of runs before jobs were durable: one of each state, and a figure and an act that refer to them.
const FOUNDATION: &str = "
    INSERT INTO job_run (id, job, trigger, dedupe_key, requested_by, state, epoch, as_of, queued_at, started_at)
    SELECT {id1}, 'MONTHLY_INDICATORS', 'SCHEDULE', 'slot', 'system', 'SUCCEEDED', 1, {t}, {t}, {t} UNION ALL
    SELECT {id2}, 'MONTHLY_INDICATORS', 'MANUAL', 'key', 'admin', 'RUNNING', 3, {t}, {t}, {t} UNION ALL
    SELECT {id3}, 'MONTHLY_INDICATORS', 'COMMAND', 'by hand', 'command line', 'QUEUED', 0, {t}, {t}, {t} UNION ALL
    SELECT {id4}, 'MONTHLY_INDICATORS', 'MANUAL', 'lost', 'admin', 'RUNNING', 1, {t}, {t}, {t};
    INSERT INTO audit_entry (id, at, actor, roles, verb, noun, counts, run_id)
    SELECT {id1}, {t}, 'admin', 'admin', 'TRIGGER', 'job_run', '{}', {id2};
    INSERT INTO indicator_value (id, indicator, version, span, month, bureau, sex, band, numerator, denominator, numerator_persons,
        denominator_persons, as_of, computed_at, run_id)
    SELECT {id1}, 'X', 1, 'MONTH', 1, 'TOTAL', 'TOTAL', 'TOTAL', 1, 2, 1, 2, {d}, {t}, {id1}";

both!(runs_of_the_foundation_become_durable_and_none_is_lost, async |backend| {
    let database = TestDatabase::empty(backend).await?;
    // SQLite keeps foreign keys only where it is asked to, as the program does.
    let mut options = sea_orm::ConnectOptions::new(&database.url);
    options.max_connections(1).map_sqlx_sqlite_opts(|options| options.foreign_keys(true));
    let db = Database::connect(options).await?;
    Migrator::up(&db, Some(FOUNDATIONS)).await?;
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let mut sql = FOUNDATION.to_owned();
    for id in 1..=4 {
        let hexadecimal = format!("01700000000070008000{id:012x}");
        let id_as_written = if postgres { format!("CAST('{hexadecimal}' AS uuid)") } else { format!("x'{hexadecimal}'") };
        sql = sql.replace(&format!("{{id{id}}}"), &id_as_written);
    }
    let (instant, date) = if postgres { ("timestamptz ", "date ") } else { ("", "") };
    sql = sql.replace("{t}", &format!("{instant}'2020-04-15T00:00:00+00:00'")).replace("{d}", &format!("{date}'2020-04-15'"));
    if postgres {
        sql = sql.replace("'{}'", "json '{}'");
    }
    db.execute_unprepared(&sql).await?;

    for _ in 0..2 {
        Migrator::up(&db, None).await?;
        let rows =
            "SELECT r.dedupe_key || ' ' || r.trigger || ' ' || r.state || ' ' || r.epoch || ' ' || f.epoch || ' ' || r.concurrency_key
            FROM job_run r JOIN job_fence f ON f.run_id = r.id WHERE r.available_at = r.queued_at ORDER BY r.dedupe_key";
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), rows)).await?;
        let rows: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        assert_eq!(
            rows,
            [
                "by hand COMMAND QUEUED 0 0 monthly-indicators",
                "key MANUAL QUEUED 4 4 monthly-indicators",
                "lost MANUAL QUEUED 2 2 monthly-indicators",
                "slot SCHEDULE SUCCEEDED 1 1 monthly-indicators",
            ],
            "what was going on waits for a worker, under a raised epoch"
        );
        let refer = "SELECT (SELECT COUNT(*) FROM audit_entry a JOIN job_run r ON r.id = a.run_id)
            + (SELECT COUNT(*) FROM indicator_value v JOIN job_run r ON r.id = v.run_id)";
        let refer = db.query_one_raw(Statement::from_string(db.get_database_backend(), refer)).await?.context("a row")?;
        assert_eq!(refer.try_get_by_index::<i64>(0)?, 2);
        // The references still hold, the wider checks take what they must, and refuse the rest.
        assert!(db.execute_unprepared("DELETE FROM job_run WHERE dedupe_key = 'slot'").await.is_err());
        db.execute_unprepared("UPDATE job_run SET state = 'RETRY_WAIT', trigger = 'BACKFILL' WHERE dedupe_key = 'key'").await?;
        db.execute_unprepared("UPDATE job_run SET state = 'QUEUED', trigger = 'MANUAL' WHERE dedupe_key = 'key'").await?;
        assert!(db.execute_unprepared("UPDATE job_run SET state = 'GONE'").await.is_err());
        assert!(db.execute_unprepared("UPDATE job_run SET trigger = 'NOBODY'").await.is_err());
        let both_running = "UPDATE job_run SET state = 'RUNNING' WHERE dedupe_key IN ('key', 'lost')";
        assert!(db.execute_unprepared(both_running).await.is_err(), "one run of a key at a time");
        // Down keeps them too; the second way up finds the epochs as they are.
        let later = u32::try_from(Migrator::migrations().len())? - FOUNDATIONS;
        Migrator::down(&db, Some(later)).await?;
        assert!(db.execute_unprepared("UPDATE job_run SET state = 'RETRY_WAIT'").await.is_err());
        assert!(db.execute_unprepared("UPDATE job_run SET job = 'DISPOSE'").await.is_err());
        assert!(db.execute_unprepared("DELETE FROM job_run WHERE dedupe_key = 'slot'").await.is_err());
    }
    Ok(())
});

/// The migration that tells which run made a run.
const CAUSES: &str = "m20261129_000021_causes";

both!(runs_that_others_made_name_them, async |backend| {
    let database = TestDatabase::empty(backend).await?;
    let db = Database::connect(&database.url).await?;
    Migrator::up(&db, None).await?;
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let id = |number: u32| {
        let id = format!("01700000-0000-7000-8000-{number:012x}");
        if postgres { format!("CAST('{id}' AS uuid)") } else { format!("x'{}'", id.replace('-', "")) }
    };
    let t = if postgres { "timestamptz '2020-04-15T00:00:00+00:00'" } else { "'2020-04-15T00:00:00+00:00'" };
    let followed = "overtime-outliers/run/01700000-0000-7000-8000-000000000001/all";
    let runs = [
        (1, "MONTHLY_INDICATORS", "MANUAL", "key", "NULL".to_owned()),
        (2, "OVERTIME_OUTLIERS", "RUN", followed, "NULL".to_owned()),
        (3, "MONTHLY_INDICATORS", "RETRY", "retry", id(1)),
        // A caller's key may look like one.
        (4, "OVERTIME_OUTLIERS", "MANUAL", "manual/1/a/run/x", "NULL".to_owned()),
    ];
    for (number, job, trigger, key, retry_of) in runs {
        let run = format!(
            "INSERT INTO job_run (id, job, trigger, dedupe_key, requested_by, state, epoch, as_of, queued_at, retry_of)
            SELECT {}, '{job}', '{trigger}', '{key}', 'test', 'FAILED', 1, {t}, {t}, {retry_of}",
            id(number)
        );
        db.execute_unprepared(&run).await?;
    }
    let place = Migrator::migrations().iter().position(|migration| migration.name() == CAUSES).context("the migration")?;
    let later = u32::try_from(Migrator::migrations().len() - place)?;
    Migrator::down(&db, Some(later)).await?;
    Migrator::up(&db, None).await?;
    let caused = "SELECT r.dedupe_key FROM job_run r JOIN job_run c ON c.id = r.cause_id WHERE c.dedupe_key = 'key' ORDER BY r.dedupe_key";
    let caused = db.query_all_raw(Statement::from_string(db.get_database_backend(), caused)).await?;
    let caused: Vec<String> = caused.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    assert_eq!(caused, [followed, "retry"]);
    Ok(())
});

/// The migration that folds keys.
const FOLDED_KEYS: &str = "m20261130_000031_folded_keys";

/// The bookkeeping columns of records, as far as they are filled here.
const META: &str = "revision, receipt_id, created_at, updated_at";

/// A database as it was before keys were folded, with these clients, bureaus, units and numbers, and these targets by client.
async fn unfolded(
    db: &DatabaseConnection,
    [clients, bureaus, units, numbers]: [&[String]; 4],
    targets: &[(&str, &str)],
) -> anyhow::Result<()> {
    Migrator::up(db, None).await?;
    let place = Migrator::migrations().iter().position(|migration| migration.name() == FOLDED_KEYS).context("the migration")?;
    Migrator::down(db, Some(u32::try_from(Migrator::migrations().len() - place)?)).await?;
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let id = |kind: usize, number: usize| {
        let id = format!("01700000-0000-7000-{:04x}-{number:012x}", 0x8000 + kind);
        if postgres { format!("CAST('{id}' AS uuid)") } else { format!("x'{}'", id.replace('-', "")) }
    };
    let (t, d) = if postgres {
        ("timestamptz '2020-04-15T00:00:00Z'", "date '2000-01-01'")
    } else {
        ("'2020-04-15T00:00:00+00:00'", "'2000-01-01'")
    };
    let json = |text: &str| if postgres { format!("json '{text}'") } else { format!("'{text}'") };
    let meta = format!("1, {}, {t}, {t}", id(0, 0));
    let receipt = format!("('test', 'test', 'test', '', {}, {t}, {})", json("{}"), id(0, 0));
    let mut sql =
        vec![format!("INSERT INTO receipt (writer, mutation, idempotency_key, body_hash, outcome, created_at, id) VALUES {receipt}")];
    let mut rows = |head: &str, rows: Vec<String>| {
        // A statement of many rows is no longer than an engine reads.
        sql.extend(rows.chunks(500).map(|part| format!("INSERT INTO {head} VALUES {}", part.join(", "))));
    };
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let each = |kind: usize, keys: &[String], row: &dyn Fn(&str) -> String| -> Vec<String> {
        keys.iter().enumerate().map(|(number, key)| format!("({}, {}, {})", id(kind, number), quoted(key), row(key))).collect()
    };
    rows("api_client (id, code, name, bureaus, created_at)", each(1, clients, &|_| format!("'x', {}, {t}", json("null"))));
    let named = format!("bureau (id, code, name_ja, name_en, valid_from, visibility, {META})");
    rows(&named, each(2, bureaus, &|_| format!("'x', 'x', {d}, 'INTERNAL', {meta}")));
    let named = format!("unit (id, code, bureau_id, name_ja, name_en, valid_from, {META})");
    rows(&named, each(3, units, &|_| format!("{}, 'x', 'x', {d}, {meta}", id(2, 0))));
    let named = format!("staff (id, staff_number, sex, employment, origin, hired_on, {META})");
    rows(&named, each(4, numbers, &|_| format!("'MALE', 'REGULAR', 'DIRECT', {d}, {meta}")));
    let target = |(number, (client, key)): (usize, &(&str, &str))| {
        let head = format!("{}, {}, {}", id(5, number), quoted(client), quoted(key));
        format!("({head}, 'X', 'V-1', 'OFFICE', 'PLAN', 'AT_LEAST', 30, 100, {d}, {meta})")
    };
    let named = format!(
        "target (id, client, external_id, indicator, clause, population, decider, qualifier, value_numerator, value_denominator, valid_from, {META})"
    );
    rows(&named, targets.iter().enumerate().map(target).collect());
    for statement in sql {
        db.execute_unprepared(&statement).await?;
    }
    Ok(())
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// The columns of keys with their folded twins.
const TWINS: [(&str, &str); 5] =
    [("staff", "staff_number"), ("bureau", "code"), ("unit", "code"), ("api_client", "code"), ("target", "external_id")];

both!(keys_are_folded_where_they_are, async |backend| {
    let database = TestDatabase::empty(backend).await?;
    let db = Database::connect(&database.url).await?;
    let odd = [
        "S1",
        "\u{feff}S1",
        "Ｓ２",
        "Straße",
        "é",
        "İstanbul",
        "ΑΣ",
        "か\u{3099}",
        "ﷺ",
        "\"quoted'\\",
        " S3 ",
        "総務課",
        "①",
        "Å",
        "\u{e000}",
    ];
    // More than are folded at once.
    let numbers: Vec<String> = (0..12_345).map(|number| format!("N{number}")).chain(owned(&odd)).collect();
    let targets = [("a", "K"), ("b", "k"), ("a", "L")];
    unfolded(&db, [&owned(&["a", "b", "OFFICE"]), &owned(&odd), &owned(&odd), &numbers], &targets).await?;
    for _ in 0..2 {
        Migrator::up(&db, None).await?;
        for (table, column) in TWINS {
            let sql = format!("SELECT {column}, {column}_folded FROM {table}");
            let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
            let wanted = match table {
                "staff" => numbers.len(),
                "bureau" | "unit" => odd.len(),
                _ => 3,
            };
            assert_eq!(rows.len(), wanted, "{table}");
            for row in rows {
                let (key, twin): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                assert_eq!(twin, entity::key::fold(&key), "{table}: the migration folds as the entities do");
            }
            let same = format!("UPDATE {table} SET {column}_folded = 'x'");
            assert!(db.execute_unprepared(&same).await.is_err(), "{table}: no two keys have the same twin");
        }
        let place = Migrator::migrations().iter().position(|migration| migration.name() == FOLDED_KEYS).context("the migration")?;
        Migrator::down(&db, Some(u32::try_from(Migrator::migrations().len() - place)?)).await?;
    }
    Ok(())
});

both!(keys_that_collide_stop_the_migration_and_are_listed, async |backend| {
    let database = TestDatabase::empty(backend).await?;
    let db = Database::connect(&database.url).await?;
    let clients = owned(&["a", "b", "A", "office", "OFFICE"]);
    let (bureaus, units) = (owned(&["X", "Y"]), owned(&["A1", "Ａ１", "a１", "B1"]));
    let targets = [("a", "K"), ("b", "k"), ("a", "k")];
    unfolded(&db, [&clients, &bureaus, &units, &owned(&["S1", "\u{feff}S1", "\u{feff}s1"])], &targets).await?;
    let (before, objects_before) = (schema(&db).await?, objects(&db).await?);
    let error = Migrator::up(&db, None).await.unwrap_err().to_string();
    for line in [
        "5 that are stored so would collide",
        "nothing was changed",
        "staff.staff_number: \"\\u{feff}S1\", \"\\u{feff}s1\"",
        "unit.code: \"A1\", \"a１\", \"Ａ１\"",
        "api_client.code: \"A\", \"a\"",
        "api_client.code: \"OFFICE\", \"office\"",
        "target.external_id (client \"a\"): \"K\", \"k\"",
        "api/README.md",
    ] {
        assert!(error.contains(line), "{line} is not in\n{error}");
    }
    assert!(!error.contains("bureau.code") && !error.contains("more"), "{error}");
    assert_eq!((schema(&db).await?, objects(&db).await?), (before, objects_before));
    // Once they are told apart it goes on.
    for (table, column, key, other) in [
        ("staff", "staff_number", "\u{feff}s1", "S9"),
        ("unit", "code", "Ａ１", "A8"),
        ("unit", "code", "a１", "A9"),
        ("target", "external_id", "k", "M"),
    ] {
        db.execute_unprepared(&format!("UPDATE {table} SET {column} = '{other}' WHERE {column} = '{key}'")).await?;
    }
    db.execute_unprepared("DELETE FROM api_client WHERE code IN ('A', 'office')").await?;
    Migrator::up(&db, None).await?;
    Ok(())
});

both!(of_many_keys_that_collide_fifty_are_listed, async |backend| {
    let database = TestDatabase::empty(backend).await?;
    let db = Database::connect(&database.url).await?;
    // The two of a pair are read far from each other.
    let numbers: Vec<String> = (0..3_000).flat_map(|number| [format!("N{number:04}"), format!("n{number:04}")]).collect();
    unfolded(&db, [&owned(&["a"]), &owned(&["X"]), &owned(&["U", "u"]), &numbers], &[]).await?;
    let error = Migrator::up(&db, None).await.unwrap_err().to_string();
    assert_eq!(error.matches("staff.staff_number: ").count(), 50, "{error}");
    assert!(error.contains("and 3001 that are stored so would collide") && error.contains("and 2951 more"), "{error}");
    assert!(error.contains("staff.staff_number: \"N0000\", \"n0000\""), "{error}");
    Ok(())
});

async fn schema(db: &DatabaseConnection) -> anyhow::Result<Schema> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => SQLITE,
        _ => POSTGRES,
    };
    let mut schema = Schema::new();
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await? {
        let (table, name, kind): (String, String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let (nullable, unique): (i64, i64) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        let kind = if db.get_database_backend() == DbBackend::Sqlite { affinity(&kind).to_owned() } else { kind };
        schema.entry(table).or_default().insert(name, Column { kind, nullable: nullable == 1, unique: unique == 1 });
    }
    Ok(schema)
}

/// Tables, indexes and constraints with their definitions.
async fn objects(db: &DatabaseConnection) -> anyhow::Result<BTreeSet<String>> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT name || ': ' || COALESCE(sql, '') FROM sqlite_master",
        _ => {
            "SELECT indexname || ': ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL
             SELECT conrelid::regclass || ' ' || conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

const SQLITE: &str = "SELECT t.name, c.name, c.type, CASE WHEN c.\"notnull\" = 0 AND c.pk = 0 THEN 1 ELSE 0 END,
        EXISTS (SELECT 1 FROM pragma_index_list(t.name) i WHERE i.\"unique\" = 1 AND i.partial = 0
            AND (SELECT GROUP_CONCAT(k.name) FROM pragma_index_info(i.name) k) = c.name)
    FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name <> 'seaql_migrations'";

const POSTGRES: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text,
        CASE c.is_nullable WHEN 'YES' THEN 1::bigint ELSE 0::bigint END,
        CASE WHEN EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = c.table_name::regclass AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL
                AND a.attname = c.column_name) THEN 1::bigint ELSE 0::bigint END
    FROM information_schema.columns c
    WHERE c.table_schema = 'public' AND c.table_name <> 'seaql_migrations'";

/// What `SQLite` makes of a type's name ("Determination Of Column Affinity").
fn affinity(name: &str) -> &'static str {
    let name = name.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["INT"]) {
        "INTEGER"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        "TEXT"
    } else if name.is_empty() || has(&["BLOB"]) {
        "BLOB"
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        "REAL"
    } else {
        "NUMERIC"
    }
}
