//! A stolen database: what somebody without the key can join.

use std::collections::{BTreeMap, BTreeSet};

use hearth::ids::AccountId;
use hearth::posts::Posts;
use serde_json::{Value, json};

use crate::harness::{AMBER, App, CRISIS, Dump, Engine, GREEN, RED, account};

/// Columns that may hold the same value in many rows: closed sets, counts, and times of posts.
const SHARED: [&str; 6] = [
    "state",
    "revision",
    "level",
    "verdict",
    "decline_reason",
    "text",
];

const START_DAY: i64 = crate::harness::START / 86_400_000_000;

/// Who did what: each person's account and posts, in hexadecimal.
struct Truth {
    people: Vec<(String, BTreeSet<String>)>,
}

fn hex(id: &str) -> String {
    id.replace('-', "")
}

/// Several people do everything that there is to do.
async fn filled(app: &App) -> Truth {
    let sam = app.staff("Sam", "lead").await;
    let mut people = Vec::new();
    for band in ["11-12", "13-15", "13-15", "16-17"] {
        people.push(app.person(band).await);
    }
    let mut written = Vec::new();
    for round in 0..2 {
        for person in &people {
            app.later(1);
            let key = format!("key {round}");
            let request = person.request(reqwest::Method::POST, "/v1/posts");
            let request = request
                .header("Idempotency-Key", key)
                .json(&json!({ "text": GREEN }));
            app.send(request).await.ok(201);
            person.posts(CRISIS).await;
            person.post("/v1/live/tickets", Value::Null).await.ok(201);
            written.push(person.posts(AMBER).await);
        }
    }
    for (n, person) in people.iter().enumerate() {
        person.refreshes().await;
        for (m, post) in written
            .iter()
            .enumerate()
            .filter(|(m, _)| m % people.len() != n)
        {
            for kind in ["heart", "me2", "hug"] {
                person.gives(kind, post).await;
            }
            if m % 2 == 0 {
                person.reports(post, "other").await;
            }
        }
        let declined = person.posts(RED).await;
        sam.declines(&declined, "other").await;
        person.appeals(&declined, "please").await;
    }
    let mut truth = Vec::new();
    for person in &people {
        let posts = person.ids("/v1/me/posts").await;
        let id = hex(&account(person).to_string());
        truth.push((id, posts.iter().map(|id| hex(id)).collect()));
    }
    Truth { people: truth }
}

pub async fn an_account_is_named_by_its_own_tables_alone(app: &App) {
    let truth = filled(app).await;
    let dump = app.database.dump().await;
    let own = [
        "accounts.id",
        "token_families.account_id",
        "live_tickets.account_id",
    ];
    for (account, _) in &truth.people {
        assert_eq!(dump.places_of(account), own.map(String::from).into());
    }
}

/// Each value of a column, and the posts of the rows that hold it.
fn by_value<'a>(
    dump: &'a Dump,
    table: &str,
    post: &str,
) -> BTreeMap<(String, &'a str), Vec<&'a str>> {
    let mut all: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
    for row in dump.table(table) {
        for (column, value) in row.iter().filter(|(column, _)| *column != post) {
            let place = all.entry((column.clone(), value)).or_default();
            place.push(&row[post]);
        }
    }
    all
}

pub async fn no_two_posts_of_one_person_share_what_others_do_not(app: &App) {
    let truth = filled(app).await;
    let author: BTreeMap<&str, usize> = (truth.people.iter().enumerate())
        .flat_map(|(n, (_, posts))| posts.iter().map(move |post| (post.as_str(), n)))
        .collect();
    let dump = app.database.dump().await;
    for (table, post) in [
        ("posts", "id"),
        ("reactions", "post_id"),
        ("reports", "post_id"),
        ("appeals", "post_id"),
        ("idempotency_keys", "post_id"),
        ("cases", "post_id"),
        ("post_topics", "post_id"),
    ] {
        assert!(!dump.table(table).is_empty(), "{table}");
        for ((column, value), posts) in by_value(&dump, table, post) {
            let distinct: BTreeSet<&str> = posts.iter().copied().collect();
            let authors: BTreeSet<usize> = distinct.iter().map(|post| author[post]).collect();
            // The clock stands still while one person writes: two posts made at one time are
            // joined by that time, whoever wrote them, and in life nobody writes two at once.
            let time = column.ends_with("_at") || column == "review_by" || column == "claim_until";
            if !time && !SHARED.contains(&&*column) {
                let telling = distinct.len() > 1 && authors.len() == 1;
                assert!(
                    !telling,
                    "{table}.{column} joins posts of one person: {value}"
                );
            }
        }
    }
}

pub async fn no_tag_is_on_two_rows(app: &App) {
    filled(app).await;
    let dump = app.database.dump().await;
    let mut seen = BTreeSet::new();
    for (table, column) in [
        ("reactions", "tag"),
        ("reports", "tag"),
        ("idempotency_keys", "tag"),
        ("idempotency_keys", "fingerprint"),
        ("posts", "author_tag"),
        ("posts", "author_sealed"),
        ("receipts", "hash"),
    ] {
        for value in dump.values(table, column) {
            assert!(
                seen.insert(value),
                "{table}.{column} {value} is there twice"
            );
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

pub async fn with_the_key_everything_is_joined(app: &App) {
    let truth = filled(app).await;
    let posts: Posts = app.part().await;
    let dump = app.database.dump().await;
    for (account, own) in &truth.people {
        let bytes: [u8; 16] = data_encoding::HEXLOWER
            .decode(account.as_bytes())
            .unwrap()
            .try_into()
            .unwrap();
        let id = AccountId::from(uuid::Uuid::from_bytes(bytes));
        for row in dump.table("posts") {
            let sealed = data_encoding::HEXLOWER
                .decode(row["author_sealed"].as_bytes())
                .unwrap();
            let post: hearth::ids::PostId = row["id"].parse().unwrap();
            let opened = posts.keys.open_author(&sealed, post);
            assert_eq!(opened == Some(id), own.contains(&row["id"]));
            let other = hearth::keys::Keys::from_root([9; 32]);
            assert_eq!(other.open_author(&sealed, post), None);
        }
    }
}

pub async fn no_time_of_an_account_is_finer_than_a_day(app: &App) {
    filled(app).await;
    let dump = app.database.dump().await;
    let days = START_DAY - 1..START_DAY + 100;
    for (table, columns) in [
        ("accounts", vec!["created_on"]),
        ("token_families", vec!["expires_on"]),
        ("refresh_tokens", vec![]),
        ("idempotency_keys", vec!["expires_on"]),
    ] {
        for row in dump.table(table) {
            for (column, value) in row {
                let number = value.parse::<i64>().ok().filter(|_| value.len() < 20);
                match number {
                    Some(number) if columns.contains(&column.as_str()) => {
                        assert!(days.contains(&number), "{table}.{column}: {value}");
                    }
                    Some(number) => assert!(number < 2, "{table}.{column}: {value}"),
                    None => {}
                }
            }
        }
    }
    // The one exception is gone after half a minute.
    app.later(1);
    hearth::jobs::once(&app.part().await).await.unwrap();
    assert_eq!(app.database.count("live_tickets").await, 0);
}

/// Invisible columns: in which transaction a row was written, and in which order.
pub async fn no_hidden_column_joins_an_account_to_a_post(app: &App) {
    filled(app).await;
    match app.database.engine {
        Engine::Embedded => {
            for table in app.database.schema().await.keys() {
                let rowid = app
                    .database
                    .write(&format!("UPDATE {table} SET rowid = rowid"))
                    .await;
                let error = rowid.unwrap_err().to_string();
                assert!(error.contains("no such column: rowid"), "{table}: {error}");
            }
        }
        Engine::Production => {
            let of = |tables: &[&str]| {
                let selects = tables.iter().map(|t| {
                    format!("SELECT xmin::text x FROM {t} UNION SELECT xmax::text FROM {t} WHERE xmax <> 0")
                });
                selects.collect::<Vec<_>>().join(" UNION ")
            };
            let who = of(&[
                "accounts",
                "token_families",
                "refresh_tokens",
                "live_tickets",
            ]);
            let what = of(&[
                "posts",
                "reactions",
                "reports",
                "appeals",
                "idempotency_keys",
                "post_topics",
                "cases",
                "events",
                "receipts",
            ]);
            let shared = format!("SELECT count(*) FROM ({who}) a JOIN ({what}) b ON a.x = b.x");
            assert_eq!(app.database.number(&shared).await, 0);
            let all = format!("SELECT count(*) FROM ({what}) b");
            assert!(app.database.number(&all).await > 50);
        }
    }
}

pub async fn no_address_and_no_program_is_stored(app: &App) {
    let mia = app.person("13-15").await;
    let request = mia.request(reqwest::Method::POST, "/v1/posts");
    let request = request
        .header("user-agent", "Marked/1.0")
        .header("x-forwarded-for", "203.0.113.9");
    app.send(request.json(&json!({ "text": GREEN })))
        .await
        .ok(201);
    let dump = app.database.dump().await;
    for needle in ["Marked", "203.0.113", "127.0.0.1"] {
        let places = dump.places_of(needle);
        assert!(
            places.iter().all(|place| place.starts_with("services.")),
            "{needle}: {places:?}"
        );
    }
}
