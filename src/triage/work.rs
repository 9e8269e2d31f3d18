//! How much was done to read a text, in steps of about equal cost, so that a test can say what is
//! linear without a clock. Only tests count: elsewhere this is nothing at all.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// Counts so many steps.
#[inline(always)]
pub(super) fn done(steps: usize) {
    #[cfg(test)]
    DONE.set(DONE.get() + steps as u64);
    #[cfg(not(test))]
    let _ = steps;
}

/// The steps that something takes, on this thread.
#[cfg(test)]
pub(super) fn of(run: impl FnOnce()) -> u64 {
    let before = DONE.get();
    run();
    DONE.get() - before
}
