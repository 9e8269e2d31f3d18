//! Groups that write numbers into a table of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::*;
use crate::db::{on_db, on_tx};

/// Below nought there is no number in the table, and this one makes the writer panic.
const MONSTER: i64 = -13;
/// Refers to nothing, which shows when it is committed.
const DANGLING: i64 = 1_000_000;

#[derive(Clone)]
struct Numbers {
    /// A batch is written for each permit.
    gate: Arc<Semaphore>,
    begun: Arc<AtomicUsize>,
    commits: Arc<AtomicUsize>,
}

impl Writer for Numbers {
    const NAME: &'static str = "numbers";
    type Job = i64;
    type Answer = i64;

    async fn write(&self, tx: &mut Tx, jobs: &[i64]) -> sqlx::Result<Vec<Result<i64>>> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        for n in jobs {
            assert_ne!(*n, MONSTER);
            on_tx!(tx, |c| sqlx::query(
                "INSERT INTO numbers (n, of) VALUES ($1, $2)"
            )
            .bind(n)
            .bind((*n == DANGLING).then_some(n + 1))
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        let answer = |n: &i64| match n % 2 {
            0 => Ok(*n),
            _ => Err(Error::NotFound),
        };
        Ok(jobs.iter().map(answer).collect())
    }

    fn after_commit(&self) {
        self.commits.fetch_add(1, Ordering::SeqCst);
    }
}

struct World {
    numbers: Numbers,
    groups: Groups,
    group: Group<Numbers>,
    db: Db,
    _dir: TempDir,
}

impl World {
    /// As many batches are written as there are permits.
    async fn new(permits: usize) -> World {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open_file(&dir.path().join("numbers.db")).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let table = "CREATE TABLE numbers (n INTEGER PRIMARY KEY CHECK (n >= 0),
                     of INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)";
        on_tx!(&mut tx, |c| sqlx::query(table).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        let numbers = Numbers {
            gate: Arc::new(Semaphore::new(permits)),
            begun: Arc::default(),
            commits: Arc::default(),
        };
        let groups = Groups::default();
        World {
            group: groups.start(db.clone(), numbers.clone()),
            numbers,
            groups,
            db,
            _dir: dir,
        }
    }

    async fn stored(&self) -> i64 {
        on_db!(self.db, |c| sqlx::query_scalar(
            "SELECT count(*) FROM numbers"
        )
        .fetch_one(c)
        .await)
        .unwrap()
    }

    /// Jobs whose turn has not come: one has, which is at the gate.
    async fn queued(&self, jobs: impl IntoIterator<Item = i64>) -> Vec<Written> {
        let mut written = vec![self.begins(0)];
        while self.numbers.begun.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        for job in jobs {
            let before = self.group.queue.capacity();
            written.push(self.begins(job));
            while self.group.queue.capacity() == before {
                tokio::task::yield_now().await;
            }
        }
        written
    }

    fn begins(&self, job: i64) -> Written {
        let group = self.group.clone();
        tokio::spawn(async move { group.write(job).await })
    }
}

type Written = tokio::task::JoinHandle<Result<i64>>;

async fn outcomes(written: Vec<Written>) -> Vec<Option<i64>> {
    let all = join_all(written).await.into_iter();
    all.map(|outcome| outcome.unwrap().ok()).collect()
}

#[tokio::test]
async fn what_waits_is_written_in_one_transaction_and_each_has_its_answer() {
    let world = World::new(0).await;
    let written = world.queued([2, 3, 4]).await;
    world.numbers.gate.add_permits(2);
    assert_eq!(outcomes(written).await, [Some(0), Some(2), None, Some(4)]);
    assert_eq!(world.numbers.commits.load(Ordering::SeqCst), 2);
    assert_eq!(
        world.stored().await,
        4,
        "an answer that says no undoes nothing"
    );
}

#[tokio::test]
async fn what_cannot_be_written_fails_alone() {
    for bad in [-2, DANGLING] {
        let world = World::new(0).await;
        let jobs = (1..=20).map(|n| if n == 7 { bad } else { 2 * n });
        let written = world.queued(jobs).await;
        world.numbers.gate.add_permits(100);
        for (n, outcome) in outcomes(written).await.into_iter().enumerate() {
            assert_eq!(outcome.is_none(), n == 7, "{n}: {outcome:?}");
        }
        assert_eq!(world.stored().await, 20);
    }
}

#[tokio::test]
async fn nobody_hears_yes_before_the_commit() {
    let world = World::new(1).await;
    assert!(world.group.write(DANGLING).await.is_err());
    assert_eq!(world.stored().await, 0);
}

#[tokio::test]
async fn whoever_comes_when_too_many_wait_hears_so_at_once() {
    let world = World::new(0).await;
    let written = world.queued((1..=QUEUE as i64).map(|n| 2 * n)).await;
    let refused = world.group.write(5).await;
    assert!(matches!(refused, Err(Error::Unavailable)), "{refused:?}");
    world.numbers.gate.add_permits(100);
    assert!(outcomes(written).await.iter().all(Option::is_some));
    assert_eq!(world.stored().await, 1 + QUEUE as i64);
    assert!(world.group.write(-2).await.is_err());
    assert_eq!(world.group.write(9_000).await.unwrap(), 9_000);
}

#[tokio::test]
async fn who_gives_up_waiting_changes_nothing() {
    let world = World::new(0).await;
    let mut written = world.queued([2, 4]).await;
    written.remove(0).abort();
    written.remove(0).abort();
    world.numbers.gate.add_permits(2);
    assert_eq!(outcomes(written).await, [Some(4)]);
    assert_eq!(world.stored().await, 3);
}

#[tokio::test]
async fn a_panic_ends_its_batch_and_no_other() {
    let world = World::new(0).await;
    let written = world.queued([2, MONSTER]).await;
    world.numbers.gate.add_permits(3);
    assert_eq!(outcomes(written).await, [Some(0), None, None]);
    assert_eq!(world.group.write(4).await.unwrap(), 4);
    assert_eq!(world.stored().await, 2);
}

#[tokio::test]
async fn what_was_taken_is_written_before_the_end() {
    let world = World::new(0).await;
    let written = world.queued([2, 4]).await;
    let (groups, gate) = (world.groups.clone(), world.numbers.gate.clone());
    let end = tokio::spawn(async move { groups.end().await });
    while !world.group.queue.is_closed() {
        gate.add_permits(1);
        tokio::task::yield_now().await;
    }
    gate.add_permits(10);
    end.await.unwrap();
    assert_eq!(outcomes(written).await, [Some(0), Some(2), Some(4)]);
    let late = world.group.write(6).await;
    assert!(matches!(late, Err(Error::Unavailable)), "{late:?}");
    assert_eq!(world.stored().await, 3);
}

#[tokio::test]
async fn a_group_that_nobody_holds_ends() {
    let World { group, groups, .. } = World::new(0).await;
    drop(group);
    groups.tasks.close();
    groups.tasks.wait().await;
}
