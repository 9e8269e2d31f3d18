//! The commands around rules, as a safeguarding lead runs them.

use std::process::Output;

use serde_json::Value;

use crate::harness::{App, Home, Member, Packs, rule, said};

const SNOW: &str = "i saw a snowdrop today";
const ICE: &str = "an icicle grew";

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

fn packs() -> (Packs, Packs) {
    let old = Packs::new(&[rule("snow", "live", "level = \"amber\"", "snowdrop")]);
    let new = Packs::new(&[
        rule("snow", "live", "level = \"red\"", "snowdrop"),
        rule(
            "ice",
            "live",
            "concern = \"hate\"\ntopics = [\"school\"]",
            "icicle",
        ),
    ]);
    (old, new)
}

pub async fn two_folders_of_packs_are_compared(app: &App) {
    let home = Home::new(app.database.engine).await;
    let (old, new) = packs();
    let (old, new) = (old.path().to_str().unwrap(), new.path().to_str().unwrap());
    let corpus = home.dir.join("corpus");
    let corpus = corpus.to_str().unwrap();
    let diff = async |more: &[&str]| {
        let command = [&["rules", "diff", old, new, "--corpus", corpus], more].concat();
        home.runs(&command).await
    };
    std::fs::write(corpus, format!("{SNOW}\nnothing\n\n{ICE}\n")).unwrap();
    let text = diff(&[]).await;
    assert!(text.status.success());
    let text = said(&text);
    for part in [
        "line 1: level amber → red; action review → hold",
        "line 4: action publish → hold; topics +school; concerns +hate",
        ".ice rev 1 (green), characters 3 to 9: w",
        SNOW,
        "2 of 3",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("nothing"), "{text}");

    let lines =
        format!("{{\"id\": \"a\", \"text\": \"{SNOW}\"}}\n{{\"id\": 2, \"text\": \"x\"}}\n");
    std::fs::write(corpus, lines).unwrap();
    let document = json(&diff(&["--json"]).await);
    let changed = document["changed"].as_array().unwrap();
    assert_eq!((changed.len(), &changed[0]["id"]), (1, &"a".into()));
    assert_eq!(changed[0]["level"]["to"], "red");
    assert_eq!(changed[0]["after"][0]["level"], "red");
    assert_eq!(document["summary"]["changed"], 1);

    std::fs::write(
        corpus,
        format!("# x\nred\t-\t-\t-\t{SNOW}\ngreen\t-\t-\t-\tx\n"),
    )
    .unwrap();
    let document = json(&diff(&["--json"]).await);
    let labelled = &document["summary"]["levels_as_labelled"];
    assert_eq!(
        (&labelled["before"], &labelled["after"]),
        (&1.into(), &2.into())
    );
    assert_eq!(diff(&["--fail-on-change"]).await.status.code(), Some(1));
    std::fs::write(corpus, "x\n").unwrap();
    assert_eq!(diff(&["--fail-on-change"]).await.status.code(), Some(0));
    std::fs::write(corpus, "{\"text\": 1}\n").unwrap();
    let wrong = diff(&[]).await;
    assert!(!wrong.status.success() && said(&wrong).contains("corpus: line 1"));
    home.drop().await;
}

pub async fn the_past_is_looked_back_on(app: &App) {
    let home = Home::new(app.database.engine).await;
    let (old, new) = packs();
    let added = home.adds_staff("Sam", "moderator").await;
    let program = home
        .starts_with(&["--listen=127.0.0.1:0", &old.flag()])
        .await;
    let mia = program.person("13-15").await;
    let (post, other) = (mia.posts(SNOW).await, mia.posts(SNOW).await);
    mia.posts(ICE).await;
    Member::of(&program, &added, "moderator")
        .await
        .approves(&post)
        .await;

    // While it serves, and with other rules named than those of the verdicts.
    let named = new.flag();
    let replay = async |more: &[&str]| {
        let command = [&["rules", "replay", &named], more].concat();
        home.runs(&command).await
    };
    let exact = replay(&["--post", &post.id]).await;
    assert!(exact.status.success(), "{}", said(&exact));
    assert!(
        said(&exact).contains("exactly the same"),
        "{}",
        said(&exact)
    );
    let exact = json(&replay(&["--post", &post.id, "--json"]).await);
    assert_eq!(
        (&exact["same"], &exact["level"]),
        (&true.into(), &"amber".into())
    );
    let spoilt = match home.url.starts_with("postgres") {
        true => "UPDATE posts SET verdict = jsonb_set(verdict, '{level}', '\"green\"')",
        false => "UPDATE posts SET verdict = json_set(verdict, '$.level', 'green')",
    };
    let spoilt = format!("{spoilt} WHERE review_by IS NOT NULL");
    program.database.write(&spoilt).await.unwrap();
    let exact = replay(&["--post", &other.id]).await;
    assert_eq!(exact.status.code(), Some(1));
    assert!(
        said(&exact).contains("level: \"green\" → \"amber\""),
        "{}",
        said(&exact)
    );

    let text = said(&replay(&["--since", "30d"]).await);
    for part in [
        "on 3 posts of 1.0 days",
        "amber → red",
        "hate, found besides",
        "minutes a case",
        "5.0, assumed, because 1 decisions could be timed and it takes 20",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let old_dir = old.path().to_str().unwrap();
    let same = json(&replay(&["--since", "1w", old_dir, "--json"]).await);
    assert_eq!(same["summary"]["texts"], 3);
    assert_eq!(
        same["summary"]["changed"], 1,
        "the one that is spoilt: {same}"
    );

    let stats = ["rules", "stats", &old.flag(), "--since", "12h"];
    let text = said(&home.runs(&stats).await);
    for part in [
        &*old.id("snow"),
        "3 posts",
        "agreement",
        "≥ 0 %",
        "the least that it can be",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let stats = json(&home.runs(&[&stats[..], &["--json"]].concat()).await);
    assert_eq!(stats["rules"][0]["approved"], 1, "{stats}");
    assert_eq!(stats["rules"].as_array().unwrap().len(), 1);
    let help = said(&home.runs(&["rules", "stats", "--help"]).await);
    assert!(help.contains("the least that it can be"), "{help}");
    drop(program);
    home.drop().await;
}

pub async fn words_are_shown_only_where_asked_for_and_on_the_record(app: &App) {
    let home = Home::new(app.database.engine).await;
    let (old, new) = packs();
    let program = home
        .starts_with(&["--listen=127.0.0.1:0", &old.flag()])
        .await;
    let post = program.person("13-15").await.posts(SNOW).await;
    let new_dir = new.path().to_str().unwrap();
    let record = "SELECT count(*) FROM audit WHERE action = 'words.show' AND actor = 'operator'";
    for (n, command) in [
        vec!["rules", "replay", "--post", &post.id],
        vec!["rules", "replay", "--since", "1d", new_dir],
    ]
    .into_iter()
    .enumerate()
    {
        for json in [&[][..], &["--json"]] {
            let silent = home.runs(&[&command[..], json].concat()).await;
            assert!(silent.status.success(), "{}", said(&silent));
            let silent = said(&silent);
            assert!(!silent.contains("snowdrop"), "{silent}");
        }
        let text = said(&home.runs(&[&command[..], &["--show"]].concat()).await);
        assert!(
            text.contains(SNOW) && text.contains("Do not copy them"),
            "{text}"
        );
        let document = json(
            &home
                .runs(&[&command[..], &["--show", "--json"]].concat())
                .await,
        );
        let shown = if n == 0 {
            &document
        } else {
            &document["changed"][0]
        };
        assert_eq!(shown["text"], SNOW);
        assert!(document["note"].is_string(), "{document}");
        let recorded = program.database.number(record).await;
        assert_eq!(recorded, 2 * (n as i64 + 1));
    }
    let verified = home.runs(&["audit", "verify"]).await;
    assert!(verified.status.success(), "{}", said(&verified));
    drop(program);
    home.drop().await;
}

pub async fn packs_that_do_not_compile_do_not_start(app: &App) {
    let home = Home::new(app.database.engine).await;
    let packs = Packs::new(&[]);
    packs.write_text("schema = 1\npack = \"PACK\"\nrules = 3\n");
    let refused = home
        .runs(&["serve", "--listen=127.0.0.1:0", &packs.flag()])
        .await;
    assert!(!refused.status.success());
    let said = said(&refused);
    for part in [
        &*format!("{}.toml:3:1", packs.name),
        "3 | rules = 3",
        "  | ^^^^^",
        "help: did you mean `rule`?",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(
        !said.contains('\u{1b}'),
        "no colours but on a terminal: {said}"
    );
    home.drop().await;
}

pub async fn packs_are_checked_before_they_are_in_force(app: &App) {
    let home = Home::new(app.database.engine).await;
    let packs = Packs::new(&[rule("snow", "live", "level = \"red\"", "snowdrop")]);
    let benign = packs.path().join("benign.txt");
    // It lies beside the packs, and is none.
    std::fs::write(&benign, format!("{ICE}\n")).unwrap();
    let flag = packs.flag();
    let check = async |more: &[&str]| {
        let command = [&["rules", "check", &flag], more].concat();
        home.runs(&command).await
    };
    let good = check(&[]).await;
    assert!(good.status.success(), "{}", said(&good));
    for part in [
        "1 rules in 1 packs, 0 examples",
        "0 of 1 (0.0 %, at most 1 %)",
    ] {
        assert!(said(&good).contains(part), "{part}: {}", said(&good));
    }

    std::fs::write(&benign, format!("{SNOW}\n{ICE}\n")).unwrap();
    let alarms = check(&[]).await;
    assert_eq!(alarms.status.code(), Some(1));
    for part in [
        "1 of 2 (50.0 %, at most 1 %): TOO MANY",
        "line 1: red, hold",
        SNOW,
    ] {
        assert!(said(&alarms).contains(part), "{part}: {}", said(&alarms));
    }
    let many = check(&["--max-alerts=50", "--max-held=50", "--json"]).await;
    assert!(many.status.success(), "{}", said(&many));
    let harmless = &json(&many)["harmless"];
    assert_eq!(
        (&harmless["alerts"]["texts"], &harmless["texts"]),
        (&1.into(), &2.into())
    );
    assert_eq!(harmless["alarms"][0]["rules"][0], *packs.id("snow"));

    // Of labelled posts, those with risk or a concern are no false alarms.
    let labelled = home.dir.join("labelled.tsv");
    std::fs::write(
        &labelled,
        format!("red\t-\t-\t-\t{SNOW}\ngreen\t-\t-\t-\tx\n"),
    )
    .unwrap();
    let labelled = format!("--benign={}", labelled.display());
    assert!(check(&[&labelled]).await.status.success());

    let twice = rule("ice", "live", "level = \"red\"", "icicle");
    let twice = twice.replace(
        "match = [\"icicle\"]",
        "match = [\"icicle\", \"icicle\", \"frost\"]",
    );
    let wrong = twice.replace("\"a icicle\"]", "\"a snowball\"]");
    packs.write(&[wrong]);
    let wrong = check(&[]).await;
    assert_eq!(wrong.status.code(), Some(1));
    for part in [
        "warning: this pattern stands here twice",
        "^^^^^^^^",
        "a snowball",
        "1 examples",
    ] {
        assert!(said(&wrong).contains(part), "{part}: {}", said(&wrong));
    }
    let wrong = json(&check(&["--json"]).await);
    assert_eq!(
        (&wrong["ok"], &wrong["advice"][0]["line"]),
        (&false.into(), &9.into())
    );

    packs.write_text("schema = 1\npack = \"PACK\"\nrules = 3\n");
    let wrong = check(&["--json"]).await;
    assert_eq!(wrong.status.code(), Some(1));
    assert_eq!(json(&wrong)["mistakes"][0]["hint"], "did you mean `rule`?");
    home.drop().await;
}

pub async fn editors_are_told_the_form_of_a_pack(app: &App) {
    let home = Home::new(app.database.engine).await;
    let schema = json(&home.runs(&["rules", "schema"]).await);
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(schema["$defs"]["RuleSource"]["properties"]["match"].is_object());
    home.drop().await;
}

pub async fn a_verdict_is_explained(app: &App) {
    let home = Home::new(app.database.engine).await;
    let effect = |effect: &str| format!("level = \"red\"\ncontext = {{ lol = \"{effect}\" }}");
    let packs = Packs::new(&[
        "[[context]]\nname = \"lol\"\nmatch = [\"lol\"]\nafter = 4\n".to_owned(),
        rule("snow", "live", &effect("green"), "snowdrop"),
        rule("ice", "live", &effect("none"), "icicle"),
        rule("frost", "live", &effect("PACK.snow"), "frost"),
        rule("sun", "shadow", "", "sunny"),
        rule("hail", "live", "concern = \"personal_information\"", "hail"),
        "[[rule]]\nid = \"PACK.both\"\nrev = 2\nstatus = \"shadow\"\nwhy = \"w\"\n\
         all = [\"PACK.hail\", \"PACK.sun\"]\nnone = [\"PACK.frost\"]\n"
            .to_owned(),
    ]);
    let flag = packs.flag();
    let explain = async |more: &[&str]| {
        let command = [&["rules", "explain", &flag], more].concat();
        home.runs(&command).await
    };
    let text = said(&explain(&["snowdrop lol"]).await);
    for part in [
        "GREEN: it is published.",
        &*format!("{} rev 1, red, live: w", packs.id("snow")),
        "| snowdrop lol",
        "| ^^^^^^^^ as written",
        "= lol lowered it to green",
        "No second opinion is loaded.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "{text}");
    let text = said(&explain(&["sn0wdrop"]).await);
    for part in [
        "RED: nobody but its author sees it",
        "look-alike signs read as letters",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = said(&explain(&["icicle lol. hail, sunny and frost lol"]).await);
    for part in [
        "= dropped by lol",
        &*format!("= counted as {} instead, by lol", packs.id("snow")),
        "= it is a shadow: recorded, and changes nothing",
        "Others see: icicle lol. [hidden], sunny and frost lol",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let both = format!("{} rev 2, green, shadow", packs.id("both"));
    assert!(
        !text.contains("rules it out") && text.contains(&both),
        "{text}"
    );

    let document = json(&explain(&["--json", "hail, sunny and snowdrop"]).await);
    assert_eq!(
        (&document["action"], &document["verdict"]["level"]),
        (&"hold".into(), &"red".into())
    );
    let both = document["rules"].as_array().unwrap().iter();
    let both = both.filter(|found| found["rule"] == packs.id("both").as_str());
    let members: Vec<&Value> = both.map(|found| &found["members"]).collect();
    assert_eq!(members[0][0]["rule"], packs.id("hail"), "{document}");
    // Without a text, it reads one.
    let file = home.dir.join("text");
    std::fs::write(&file, "hail, sunny and frost\n").unwrap();
    let mut command = home.command(&["rules", "explain", &flag, "--json"]);
    command.stdin(std::fs::File::open(&file).unwrap());
    let document = json(&command.output().unwrap());
    let quiet = &document["quiet"][0];
    assert_eq!(quiet["because"], "none", "{document}");
    assert_eq!(quiet["vetoes"][0]["rule"], packs.id("frost"));
    home.drop().await;
}
