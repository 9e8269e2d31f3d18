//! What is kept in memory is what the database has, in every process, in every page.

use std::sync::Arc;
use std::time::Duration;

use hearth::accounts::Accounts;
use hearth::bus::Bus;
use hearth::clock::Clock;
use hearth::ids::{AccountId, PostId};
use hearth::live::{self, Live};
use hearth::page;
use hearth::posts::{Draft, Feed, Posts, Reached, Recent};
use hearth::triage::Topic;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{AMBER, App, CRISIS, Caller, GREEN, Member, PATIENCE, Person, Posted};

/// Posts in memory of their own, `capacity` of them, and a reader of the log that keeps them.
async fn remembering(app: &App, capacity: usize) -> Posts {
    let posts = Posts {
        recent: Recent::holding(capacity),
        bus: Bus::default(),
        ..app.part::<Posts>().await
    };
    let (accounts, stop) = (app.part::<Accounts>().await, CancellationToken::new());
    let live = Live::new(posts.clone(), accounts, stop).await.unwrap();
    tokio::spawn(live::tail(Arc::new(live)));
    while !posts.recent.is_loaded() {
        tokio::task::yield_now().await;
    }
    posts
}

async fn id(app: &App, person: &Person<'_>) -> AccountId {
    let accounts: Accounts = app.part().await;
    accounts.authenticate(&person.token()).await.unwrap().id
}

/// Numbers that look random, and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new() -> Dice {
        Dice(u64::from_le_bytes(hearth::keys::random_bytes()) | 1)
    }

    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

const TOPICS: [Topic; 3] = [Topic::Exams, Topic::Family, Topic::Bullying];

/// Something happens to a post; what is refused changes nothing.
async fn happens(
    lead: &Member<'_>,
    dice: &mut Dice,
    people: &[Person<'_>],
    written: &mut Vec<(usize, Posted)>,
) {
    let app = lead.app;
    let who = dice.below(people.len());
    let person = &people[who];
    let step = dice.below(12);
    if step < 4 || written.is_empty() {
        let text = *dice.one_of(&[GREEN, AMBER, AMBER, CRISIS]);
        let topics: Vec<Topic> = TOPICS.into_iter().filter(|_| dice.below(3) == 0).collect();
        let draft = json!({ "text": text, "topics": topics });
        written.push((who, Posted::read(person.post("/v1/posts", draft).await)));
        return;
    }
    let (author, post) = dice.one_of(written);
    match step {
        4..=7 => {
            let kind = dice.one_of(&["heart", "me2", "hug"]);
            let path = format!("{}/reactions/{kind}", post.path());
            match dice.below(3) {
                0 => person.delete(&path).await,
                _ => person.put(&path).await,
            };
        }
        8 => {
            people[*author].delete(&post.path()).await;
        }
        9 => {
            // Made by a process whose clock is late.
            let late = app
                .clock
                .now()
                .minus(Duration::from_micros(dice.below(5) as u64));
            let posts = Posts {
                clock: Clock::manual(late),
                ..app.part().await
            };
            let draft = Draft {
                text: GREEN.into(),
                topics: Vec::new(),
            };
            posts
                .create(id(app, person).await, draft, None)
                .await
                .unwrap();
        }
        10 => {
            app.clock.advance(Duration::from_micros(2));
        }
        _ => {
            let cases = lead.all("/v1/moderation/cases").await;
            if cases.is_empty() {
                return;
            }
            let case = dice.one_of(&cases);
            lead.claims(case).await;
            let decision = *dice.one_of(&["approve", "decline", "escalate", "close"]);
            let reason = (decision == "decline").then_some("other");
            lead.decides(case, json!({ "decision": decision, "reason": reason }))
                .await;
        }
    }
}

pub async fn memory_and_database_answer_to_the_letter_alike(app: &App) {
    let mut dice = Dice::new();
    let seed = dice.0;
    let lead = app.staff("Sam", "lead").await;
    let mut people = Vec::new();
    for _ in 0..3 {
        people.push(app.person("13-15").await);
    }
    let mut written = Vec::new();
    for _ in 0..5 {
        happens(&lead, &mut dice, &people, &mut written).await;
    }
    let mut viewers = Vec::new();
    for person in &people {
        viewers.push(id(app, person).await);
    }
    let mut all = Vec::new();
    for capacity in [2, 3, 8, 1_000] {
        all.push((capacity, remembering(app, capacity).await, 0));
    }
    let mut cursors = vec![None];
    for step in 0..60 {
        happens(&lead, &mut dice, &people, &mut written).await;
        for (capacity, posts, from_memory) in &mut all {
            // What the app did, these were not told of.
            posts.bus.nudge();
            for _ in 0..3 {
                let topic = (dice.below(3) == 0).then(|| *dice.one_of(&TOPICS));
                let muted = TOPICS.into_iter().filter(|_| dice.below(4) == 0).collect();
                let cursor: &Option<String> = dice.one_of(&cursors);
                let after = page::after::<(i64, PostId)>(cursor.as_deref()).unwrap();
                let feed = Feed::new(topic, muted, after);
                let (viewer, limit) = (*dice.one_of(&viewers), 1 + dice.below(4));
                let page = posts.feed_in_database(viewer, &feed, limit).await.unwrap();
                let memory = posts.feed_in_memory(viewer, &feed, limit).await.unwrap();
                if let Some(memory) = memory {
                    *from_memory += 1;
                    assert_eq!(
                        String::from_utf8(memory).unwrap(),
                        serde_json::to_string(&page).unwrap(),
                        "seed {seed}, step {step}, {capacity} posts, {feed:?}"
                    );
                } else {
                    assert!(
                        *capacity < 1_000,
                        "seed {seed}, step {step}: it knows them all"
                    );
                }
                cursors.push(page.next);
            }
        }
    }
    for (capacity, _, from_memory) in all {
        assert!(
            from_memory > 0,
            "seed {seed}: {capacity} posts were never enough"
        );
    }
}

/// The ids of the first page at each process.
async fn pages(apps: &[&App], reader: &Person<'_>) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    for app in apps {
        let page = Caller::new(app, &reader.token())
            .get("/v1/posts")
            .await
            .ok(200);
        let ids = page["items"].as_array().unwrap().iter();
        pages.push(
            ids.map(|post| post["id"].as_str().unwrap().to_owned())
                .collect(),
        );
    }
    pages
}

/// The app and two more processes, one of which has no Redis; the app alone on one process.
async fn processes(app: &App) -> Vec<App> {
    let near = app.another(app.database.redis_url()).await;
    near.into_iter().chain(app.another(None).await).collect()
}

pub async fn what_is_taken_down_is_in_no_page_from_then_on(app: &App) {
    let more = processes(app).await;
    let all: Vec<&App> = more.iter().chain([app]).collect();
    let zoe = app.person("13-15").await;
    let sam = app.staff("Sam", "moderator").await;
    for round in 0..4 {
        let mia = app.person("13-15").await;
        let (mut expected, mut written) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            app.later(1);
            written.push(mia.posts(AMBER).await);
            expected.insert(0, written[written.len() - 1].id.clone());
            for page in pages(&all, &zoe).await {
                assert_eq!(page, expected, "round {round}");
            }
        }
        mia.delete(&written[1].path()).await.ok(204);
        expected.remove(1);
        assert!(pages(&all, &zoe).await.iter().all(|page| *page == expected));
        sam.declines(&written[2], "other").await;
        expected.remove(0);
        assert!(pages(&all, &zoe).await.iter().all(|page| *page == expected));
        mia.delete("/v1/me").await.ok(204);
        assert!(pages(&all, &zoe).await.iter().all(Vec::is_empty));
    }
    for other in &more {
        other.stops().await;
    }
}

pub async fn a_held_post_is_in_no_page_until_it_is_approved(app: &App) {
    let more = processes(app).await;
    let all: Vec<&App> = more.iter().chain([app]).collect();
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let sam = app.staff("Sam", "moderator").await;
    let held = mia.posts(CRISIS).await;
    app.later(1);
    let before = mia.posts(GREEN).await.id;
    for reader in [&mia, &zoe] {
        for page in pages(&all, reader).await {
            assert_eq!(page, [&*before]);
        }
    }
    app.later(1);
    sam.approves(&held).await;
    app.later(1);
    let after = mia.posts(GREEN).await.id;
    for page in pages(&all, &zoe).await {
        assert_eq!(page, [&*after, &*held.id, &*before]);
    }
    for other in &more {
        other.stops().await;
    }
}

pub async fn a_reaction_is_in_the_next_page(app: &App) {
    let more = processes(app).await;
    let all: Vec<&App> = more.iter().chain([app]).collect();
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    let bystander = app.person("13-15").await;
    let post = mia.posts(GREEN).await;
    for round in 0..8 {
        let given = round % 2 == 0;
        match given {
            true => zoe.gives("hug", &post).await,
            false => zoe.takes_back("hug", &post).await,
        };
        for app in &all {
            for (reader, own) in [(&zoe, given), (&mia, false), (&bystander, false)] {
                let page = Caller::new(app, &reader.token())
                    .get("/v1/posts")
                    .await
                    .ok(200);
                let seen = &page["items"][0];
                assert_eq!(seen["reactions"]["hug"], i64::from(given));
                let expected = if own { json!(["hug"]) } else { json!([]) };
                assert_eq!(seen["my_reactions"], expected);
                assert_eq!(seen["mine"], std::ptr::eq(reader, &mia));
            }
        }
    }
    for other in &more {
        other.stops().await;
    }
}

pub async fn pages_go_on_where_memory_ends(app: &App) {
    let mia = app.person("13-15").await;
    let mut written = Vec::new();
    for n in 0..25 {
        if n % 2 == 0 {
            app.clock.advance(Duration::from_micros(1));
        }
        written.push(mia.posts(GREEN).await.id);
    }
    let posts = remembering(app, 10).await;
    let viewer = id(app, &mia).await;
    let (mut read, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let after = page::after(cursor.as_deref()).unwrap();
        let feed = Feed::new(None, Vec::new(), after);
        let json = posts.feed(viewer, feed, 4).await.unwrap();
        let page: Value = serde_json::from_slice(&json).unwrap();
        let items = page["items"].as_array().unwrap().iter();
        read.extend(items.map(|post| post["id"].as_str().unwrap().to_owned()));
        cursor = page["next"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
        // Memory moves on meanwhile.
        app.clock.advance(Duration::from_micros(1));
        mia.posts(GREEN).await;
        posts.bus.nudge();
    }
    written.sort();
    read.sort();
    assert_eq!(read, written);
}

pub async fn a_page_does_not_wait_for_a_reader_of_the_log_that_is_stuck(app: &App) {
    let mia = app.person("13-15").await;
    mia.posts(GREEN).await;
    // Nobody reads the log for these.
    let posts = Posts {
        recent: Recent::holding(10),
        bus: Bus::default(),
        ..app.part::<Posts>().await
    };
    let seq = app.database.number("SELECT seq FROM event_head").await;
    posts
        .load_recent(Reached { seq, growths: 0 })
        .await
        .unwrap();
    let (viewer, feed) = (id(app, &mia).await, Feed::default());
    let of = |json: Vec<u8>| serde_json::from_slice::<Value>(&json).unwrap()["items"].clone();
    let memory = posts.feed_in_memory(viewer, &feed, 10).await.unwrap();
    assert_eq!(of(memory.unwrap()).as_array().unwrap().len(), 1);

    mia.posts(GREEN).await;
    posts.bus.nudge();
    assert_eq!(posts.feed_in_memory(viewer, &feed, 10).await.unwrap(), None);
    let page = posts.feed(viewer, feed, 10).await.unwrap();
    assert_eq!(of(page).as_array().unwrap().len(), 2);
}

pub async fn a_restart_shows_the_same_pages(app: &App) {
    let (mia, zoe) = (app.person("13-15").await, app.person("13-15").await);
    for _ in 0..3 {
        app.later(1);
        zoe.gives("me2", &mia.posts(GREEN).await).await;
        mia.posts(CRISIS).await;
    }
    let before = [mia.all("/v1/posts").await, zoe.all("/v1/posts").await];
    app.restarts().await;
    assert_eq!(
        [mia.all("/v1/posts").await, zoe.all("/v1/posts").await],
        before
    );
    assert_eq!(before[0].len(), 3);
    let post = mia.posts(GREEN).await.id;
    assert!(zoe.feed().await.contains(&post));
}

/// Asks another process until it answers as expected: a nudge takes a moment.
async fn becomes(caller: &Caller<'_>, expected: impl Fn(u16, &Value) -> bool) {
    let began = tokio::time::Instant::now();
    loop {
        let answer = caller.get("/v1/me").await;
        if expected(answer.status, &answer.body) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{answer:?}");
    }
}

pub async fn a_changed_account_is_changed_everywhere(app: &App) {
    let mia = app.person("13-15").await;
    let (near, far) = (
        app.another(app.database.redis_url()).await,
        app.another(None).await,
    );
    for (n, area) in ["E08000009", "E09000012", "E08000003"].iter().enumerate() {
        for other in [&near, &far].into_iter().flatten() {
            Caller::new(other, &mia.token()).get("/v1/me").await.ok(200);
        }
        mia.patch("/v1/me", json!({ "area": area })).await.ok(200);
        assert_eq!(mia.get("/v1/me").await.ok(200)["area"], *area, "{n}");
        if let Some(near) = &near {
            becomes(&Caller::new(near, &mia.token()), |_, me| {
                me["area"] == *area
            })
            .await;
        }
        if let Some(far) = &far {
            app.clock.advance(Duration::from_secs(2));
            let caller = Caller::new(far, &mia.token());
            assert_eq!(caller.get("/v1/me").await.ok(200)["area"], *area);
        }
    }
    for other in [near, far].into_iter().flatten() {
        other.stops().await;
    }
}

pub async fn who_left_is_nobody_everywhere(app: &App) {
    let (near, far) = (
        app.another(app.database.redis_url()).await,
        app.another(None).await,
    );
    let thief = app.person("13-15").await;
    let stolen = thief.refresh_token();
    let gone = app.person("13-15").await;
    thief.refreshes().await;
    for person in [&thief, &gone] {
        for other in [&near, &far].into_iter().flatten() {
            Caller::new(other, &person.token())
                .get("/v1/me")
                .await
                .ok(200);
        }
        person.get("/v1/me").await.ok(200);
    }
    gone.delete("/v1/me").await.ok(204);
    let again = json!({ "refresh_token": stolen });
    app.post("/v1/tokens", again).await.refused(401);
    for person in [&thief, &gone] {
        person.get("/v1/me").await.refused(401);
        if let Some(near) = &near {
            becomes(&Caller::new(near, &person.token()), |status, _| {
                status == 401
            })
            .await;
        }
    }
    app.clock.advance(Duration::from_secs(2));
    for person in [&thief, &gone] {
        if let Some(far) = &far {
            Caller::new(far, &person.token())
                .get("/v1/me")
                .await
                .refused(401);
        }
    }
    for other in [near, far].into_iter().flatten() {
        other.stops().await;
    }
}
