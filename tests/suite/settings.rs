//! Settings and the key file: what is wrong is refused by its name.

use std::os::unix::fs::PermissionsExt;

use clap::Args;
use hearth::config::Settings;

use crate::harness::{App, Home, said};

pub async fn wrong_settings_are_refused_by_their_name(app: &App) {
    let home = Home::new(app.database.engine).await;
    let nothing = home.dir.join("nothing");
    let nothing = nothing.to_str().unwrap();
    for (flag, value, expected) in [
        ("--listen", "somewhere", "--listen"),
        ("--listen", "192.0.2.1:1", "192.0.2.1:1"),
        ("--database-url", "mysql://x", "sqlite:PATH"),
        ("--redis-url", "http://x", "redis://"),
        ("--rate-limits", "some", "on, off"),
        ("--staff-idle", "0", "1..=720"),
        ("--trusted-proxies", "nginx", "10.0.0.0/8"),
        ("--log", "a=b=c", "expected error, warn"),
        ("--config", nothing, nothing),
        ("--rules-dir", nothing, nothing),
        ("--policy", nothing, nothing),
        ("--key-file", "/nowhere/hearth.key", "/nowhere/hearth.key"),
        ("--alarm-webhook", "ftp://x", "the webhook for alarms"),
        ("--alarm-webhook", "https://example.org", "whsec_"),
        ("--surprise", "x", "--surprise"),
    ] {
        let output = home.runs(&[flag, value]).await;
        let said = said(&output);
        assert!(
            !output.status.success() && said.contains(expected),
            "{flag} {value}: {said}"
        );
        assert!(!said.contains("panicked"), "{said}");
    }
    let mut command = home.command(&[]);
    command.env("HEARTH_LISTEN", "somewhere");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert!(
        !output.status.success() && said(&output).contains("somewhere"),
        "{}",
        said(&output)
    );
    home.drop().await;
}

pub async fn help_lists_every_setting(app: &App) {
    let home = Home::new(app.database.engine).await;
    let help = said(&home.runs(&["--help"]).await);
    for name in [
        "HEARTH_CONFIG",
        "HEARTH_LISTEN",
        "HEARTH_DATA_DIR",
        "DATABASE_URL",
        "HEARTH_KEY_FILE",
        "REDIS_URL",
        "HEARTH_RULES_DIR",
        "HEARTH_POLICY",
        "HEARTH_RATE_LIMITS",
        "HEARTH_STAFF_IDLE",
        "HEARTH_TRUSTED_PROXIES",
        "HEARTH_ALARM_WEBHOOK",
        "HEARTH_ALARM_WEBHOOK_SECRET",
        "HEARTH_LOG",
    ] {
        assert!(help.contains(name), "{name} is not in\n{help}");
    }
    let command = Settings::augment_args(clap::Command::new("hearth"));
    for argument in command.get_arguments() {
        let flag = format!("--{}", argument.get_long().unwrap());
        assert!(help.contains(&flag), "{flag} is not in\n{help}");
    }
    home.drop().await;
}

pub async fn a_key_file_that_others_can_read_is_refused(app: &App) {
    let home = Home::new(app.database.engine).await;
    assert!(home.runs(&["migrate"]).await.status.success());
    let key = home.dir.join("hearth.key");
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&key), 0o600);
    for wrong in [0o644, 0o640, 0o604] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(wrong)).unwrap();
        let output = home.runs(&["serve"]).await;
        let said = said(&output);
        assert!(
            !output.status.success() && said.contains("hearth.key"),
            "{said}"
        );
        assert!(said.contains("600"), "it says what would be right: {said}");
    }
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&key, "not a key").unwrap();
    assert!(said(&home.runs(&["migrate"]).await).contains("64 hexadecimal digits"));
    home.drop().await;
}

pub async fn another_key_than_that_of_the_database_is_refused(app: &App) {
    let home = Home::new(app.database.engine).await;
    assert!(home.runs(&["migrate"]).await.status.success());
    let key = home.dir.join("hearth.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let output = home.runs(&["serve", "--listen=127.0.0.1:0"]).await;
    let said = said(&output);
    assert!(
        !output.status.success() && said.contains("hearth.key"),
        "{said}"
    );
    std::fs::write(&key, right).unwrap();
    home.starts().await.get("/readyz").await.ok(200);
    home.drop().await;
}
