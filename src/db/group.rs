//! Group commit: whatever waits is written in one transaction, and answered after its commit.
//!
//! A commit waits for the disk, which takes as long for one row as for hundreds. So each kind
//! of write has one task, which takes all that has come while it was busy with what came before.
//! Nobody is answered before the commit. A batch that fails is rolled back and tried again in
//! two halves, and so on: what cannot be written fails alone, and nobody else notices. Who gives
//! up waiting changes nothing.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Db, Tx};
use crate::error::{Error, Hindrance, Result};

/// Jobs in one transaction at the most.
const BATCH: usize = 256;
/// Jobs that wait at the most: some tenths of a second of work. Who comes then is told to come
/// back, before everybody waits for long.
const QUEUE: usize = 1_024;

/// One kind of write, which is done for many at once.
pub trait Writer: Send + Sync + 'static {
    /// What the figures call it.
    const NAME: &'static str;
    /// What is to be written for one caller.
    type Job: Send + Sync + 'static;
    /// What the caller hears.
    type Answer: Send + 'static;

    /// Writes all jobs; answers each, in their order. An error outside of the answers undoes
    /// the whole batch, which is tried again in parts.
    ///
    /// Nothing outside of `tx` may be changed here: it may be undone, and done again.
    fn write(
        &self,
        tx: &mut Tx,
        jobs: &[Self::Job],
    ) -> impl Future<Output = sqlx::Result<Vec<Result<Self::Answer>>>> + Send;

    /// What is done after each commit, before anybody is answered; also where it failed, since it
    /// may be done and only its answer lost.
    fn after_commit(&self) {}
}

/// Hands jobs to the task that writes them. Cheap to clone.
pub struct Group<W: Writer> {
    queue: mpsc::Sender<(W::Job, Caller<W>)>,
}

type Caller<W> = oneshot::Sender<Result<<W as Writer>::Answer>>;

impl<W: Writer> Clone for Group<W> {
    fn clone(&self) -> Group<W> {
        Group {
            queue: self.queue.clone(),
        }
    }
}

impl<W: Writer> Group<W> {
    /// Writes one job, together with those of others. It is durable when this returns.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where too many wait already, or the program is ending; else
    /// whatever [`Writer::write`] answers.
    pub async fn write(&self, job: W::Job) -> Result<W::Answer> {
        let (caller, answer) = oneshot::channel();
        if self.queue.try_send((job, caller)).is_err() {
            metrics::counter!("hearth_writes_refused_total", "of" => W::NAME).increment(1);
            return Err(Error::Unavailable);
        }
        answer
            .await
            .unwrap_or_else(|_| Err(Error::internal("a batch of writes broke off")))
    }
}

impl<W: Writer> Group<W> {
    /// Jobs whose turn has not come.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Jobs that can wait at the most.
    pub fn room(&self) -> usize {
        self.queue.max_capacity()
    }
}

/// The groups of a program, which end together.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    tasks: TaskTracker,
    ending: CancellationToken,
}

impl Groups {
    /// Starts the task of a group. It ends when the last handle to the group is dropped, or
    /// with [`Groups::end`].
    pub fn start<W: Writer>(&self, db: Db, writer: W) -> Group<W> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = Task { db, writer };
        self.tasks.spawn(task.run(waiting, self.ending.clone()));
        Group { queue }
    }

    /// Takes nothing more, and waits until all that was taken is written and answered.
    pub async fn end(&self) {
        self.ending.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

struct Task<W> {
    db: Db,
    writer: W,
}

/// Jobs that are written together, and who waits for each.
struct Batch<W: Writer> {
    jobs: Vec<W::Job>,
    callers: Vec<Caller<W>>,
}

impl<W: Writer> Task<W> {
    async fn run(self, mut queue: mpsc::Receiver<(W::Job, Caller<W>)>, ending: CancellationToken) {
        let mut taken = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                count = queue.recv_many(&mut taken, BATCH) => if count == 0 {
                    return;
                },
                () = ending.cancelled(), if !queue.is_closed() => {
                    // What is queued still comes out of it.
                    queue.close();
                    continue;
                }
            }
            metrics::histogram!("hearth_write_batch_jobs", "of" => W::NAME)
                .record(taken.len() as f64);
            metrics::gauge!("hearth_writes_waiting", "of" => W::NAME).set(queue.len() as f64);
            let (jobs, callers) = taken.drain(..).unzip();
            // Whoever is in a batch that panics hears that it broke off; the next one is written.
            let written = AssertUnwindSafe(self.answer(Batch { jobs, callers }));
            if written.catch_unwind().await.is_err() {
                tracing::error!(of = W::NAME, "a batch of writes panicked");
            }
        }
    }

    /// Writes a batch, in parts where it cannot be written as a whole, and answers everybody.
    async fn answer(&self, batch: Batch<W>) {
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            let answers = match self.commit(&part.jobs).await {
                Ok(answers) => answers,
                Err(error) if part.jobs.len() > 1 && is_worth_another_try(&error) => {
                    tracing::debug!(of = W::NAME, %error, "a batch is tried again in two halves");
                    metrics::counter!("hearth_write_batches_split_total", "of" => W::NAME)
                        .increment(1);
                    let half = part.jobs.len() / 2;
                    let later = Batch {
                        jobs: part.jobs.split_off(half),
                        callers: part.callers.split_off(half),
                    };
                    parts.extend([later, part]);
                    continue;
                }
                Err(error) => {
                    if !is_worth_another_try(&error) {
                        // Whoever is told soon can come back soon.
                        part.callers
                            .extend(parts.drain(..).flat_map(|part| part.callers));
                    }
                    let mut error = Some(Error::from(error));
                    let answers = part.callers.iter();
                    answers
                        .map(|_| Err(error.take().unwrap_or(Error::Unavailable)))
                        .collect()
                }
            };
            for (caller, answer) in part.callers.into_iter().zip(answers) {
                // Somebody who does not wait any more need not hear it.
                let _ = caller.send(answer);
            }
        }
    }

    async fn commit(&self, jobs: &[W::Job]) -> sqlx::Result<Vec<Result<W::Answer>>> {
        let mut tx = self.db.begin().await?;
        let answers = self.writer.write(&mut tx, jobs).await?;
        let committed = tx.commit().await;
        self.writer.after_commit();
        committed.map(|()| answers)
    }
}

/// Whether parts of the batch may fare better: one that gave way can be tried again. A database
/// that does not answer, or lets nobody write, would not answer the next one either.
fn is_worth_another_try(error: &sqlx::Error) -> bool {
    matches!(Hindrance::of(error), None | Some(Hindrance::GaveWay))
}

#[cfg(test)]
mod tests;
