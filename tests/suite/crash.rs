//! Acknowledged means durable: killed or frozen in the middle of it all, nothing that was
//! answered with a success is lost, and nothing is there twice.

use futures_util::future::join_all;

use crate::harness::{App, Engine, Follower, Home, Load, Program};

/// Acts that are acknowledged between one fault and the next.
const ENOUGH: usize = 60;

/// As many programs as share a database: one on SQLite, two on PostgreSQL.
async fn programs(home: &Home, engine: Engine) -> Vec<Program> {
    let programs = match engine {
        Engine::Embedded => 1,
        Engine::Production => 2,
    };
    join_all((0..programs).map(|_| home.starts())).await
}

pub async fn a_kill_loses_nothing_that_was_acknowledged(app: &App) {
    let home = Home::new(app.database.engine).await;
    let mut program = home.starts().await;
    // What they hold on to is where the program lived, and will live again.
    let there = App::elsewhere(program.url(""), home.database().await);
    let listen = format!("--listen={}", program.address());
    let load = Load::new(&there, &home, "Sam").await;
    let mut follower = Follower::start(&[&there], load.token());

    let (outcome, program) = tokio::join!(load.run(), async {
        for _ in 0..3 {
            load.goes_on(ENOUGH).await;
            program.dies().await;
            program = home.starts_with(&[&listen]).await;
        }
        load.goes_on(ENOUGH).await;
        load.stop();
        program
    });

    load.finds_everything(&home, &outcome).await;
    follower.hears_of_all(load.feed().await).await;
    let verified = home.runs(&["audit", "verify"]).await;
    assert!(verified.status.success());
    drop(program);
    home.drop().await;
}

pub async fn a_frozen_process_costs_its_own_clients_time_alone(app: &App) {
    let home = Home::new(app.database.engine).await;
    let programs = programs(&home, app.database.engine).await;
    let (frozen, other) = (&programs[0], programs.last().unwrap());
    let load = Load::new(frozen, &home, "Sam").await;
    let elsewhere = Load::new(other, &home, "Ada").await;
    let mut follower = Follower::start(&[&**frozen, &**other], load.token());

    let (outcome, outcome_elsewhere, ()) = tokio::join!(load.run(), elsewhere.run(), async {
        for _ in 0..2 {
            load.goes_on(ENOUGH).await;
            frozen.freezes();
            if app.database.engine == Engine::Production {
                elsewhere.goes_on(ENOUGH).await;
            }
            frozen.thaws();
        }
        load.goes_on(ENOUGH).await;
        elsewhere.goes_on(1).await;
        load.stop();
        elsewhere.stop();
    });

    load.finds_everything(&home, &outcome).await;
    elsewhere.finds_everything(&home, &outcome_elsewhere).await;
    follower.hears_of_all(load.feed().await).await;
    drop((load, elsewhere));
    drop(programs);
    home.drop().await;
}
