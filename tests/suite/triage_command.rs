//! `hearth triage --jsonl`: texts in, verdicts out, without a server.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::{App, CRISIS, GREEN, Home, RED};

/// What the program answers to these lines, and whether it ends well.
async fn answers(home: &Home, lines: &str) -> (Vec<Value>, bool) {
    let mut program = home
        .command(&["triage", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = program.stdin.take().unwrap();
    let lines = lines.to_owned();
    let writing = tokio::task::spawn_blocking(move || input.write_all(lines.as_bytes()).unwrap());
    let output = tokio::task::spawn_blocking(|| program.wait_with_output().unwrap());
    writing.await.unwrap();
    let output = output.await.unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers = answers
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    (answers.collect(), output.status.success())
}

pub async fn each_text_is_answered_in_its_turn(app: &App) {
    let home = Home::new(app.database.engine).await;
    let texts = [GREEN, RED, CRISIS, "my number is 07700 900123 call me"];
    let lines: String = (0..)
        .zip(texts)
        .map(|(id, text)| format!("{}\n", json!({ "id": id, "text": text })))
        .collect();
    let (answers, ended_well) = answers(&home, &lines).await;
    assert!(ended_well);
    let of = |key: &str| -> Vec<Value> { answers.iter().map(|a| a[key].clone()).collect() };
    assert_eq!(of("id"), [0, 1, 2, 3].map(Value::from));
    assert_eq!(
        of("severity")[..3],
        ["green", "red", "crisis"].map(Value::from)
    );
    assert_eq!(
        of("publish"),
        ["live", "held", "held", "live"].map(Value::from)
    );
    assert_eq!(
        of("action"),
        ["allow", "allow", "allow", "mask"].map(Value::from)
    );
    let masked = answers[3]["masked"].as_str().unwrap();
    assert!(
        masked.contains("[hidden]") && !masked.contains("900123"),
        "{masked}"
    );
    let found = &answers[2]["rules"][0];
    assert!(found["id"].as_str().unwrap().contains('.'), "{found}");
    assert!(
        found["rev"].as_i64() >= Some(1) && found["view"].is_string(),
        "{found}"
    );
    let to = found["span"][1].as_u64().unwrap() as usize;
    assert!(to <= CRISIS.chars().count(), "{found}");
}

pub async fn what_cannot_be_read_is_named_and_costs_nothing_else(app: &App) {
    let home = Home::new(app.database.engine).await;
    let lines = "{\"id\": 1, \"text\": \"hi\"}\nnot json\n\n{\"id\": 2}\n{\"id\": 3, \"text\": 4}\n\
        {\"id\": 5, \"text\": \"hi\", \"name\": \"x\"}\n{\"id\": \"six\", \"text\": \"hi\"}";
    let (answers, ended_well) = answers(&home, lines).await;
    assert!(!ended_well, "whoever runs it in a script must hear of it");
    assert_eq!(answers.len(), 6);
    assert_eq!(
        (&answers[0]["id"], &answers[5]["id"]),
        (&json!(1), &json!("six"))
    );
    for (answer, line) in answers[1..5].iter().zip([2, 4, 5, 6]) {
        assert_eq!(answer["line"], line, "{answer}");
        assert!(answer["error"].is_string(), "{answer}");
    }
}

pub async fn whoever_asks_line_by_line_is_answered_line_by_line(app: &App) {
    let home = Home::new(app.database.engine).await;
    let mut program = home
        .command(&["triage", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = program.stdin.take().unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap());
    tokio::task::spawn_blocking(move || {
        for id in 0..3 {
            writeln!(input, "{}", json!({ "id": id, "text": GREEN })).unwrap();
            let mut answer = String::new();
            // It would wait for ever for an answer that waits for the next question.
            output.read_line(&mut answer).unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer["id"], id);
        }
    })
    .await
    .unwrap();
    assert!(program.wait().unwrap().success());
}
