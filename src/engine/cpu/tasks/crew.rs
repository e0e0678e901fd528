//! The threads of the page: tasks are shared out between the caller and the workers that lend themselves.
//!
//! A step of three layers is 44 regions of parallel work with little between them. Rayon's threads sleep in between, and waking
//! them cost two threads a third of their speed in Chromium (docs/cpu.md). These watch for the next region for a while before
//! they sleep. Natively rayon does all of this.
//!
//! Each thread begins with a share of its own, the same part of every job, so that what it worked on last is still in its core's
//! cache; whoever has none left takes from the others'.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How often a thread looks for news before it sleeps.
const PATIENCE: usize = 100_000;

/// Into how many shares a job is cut at most; threads beyond begin with somebody else's.
const SHARES: usize = 64;

/// What is to be done for each task, wherever it lies.
struct Job {
    run: unsafe fn(*const (), usize),
    each: *const (),
    count: usize,
    shares: usize,
}

impl Job {
    /// The task before which share `i` begins.
    const fn begin(&self, i: usize) -> usize {
        i * self.count / self.shares
    }
}

/// The number of the job in the upper half, and how many of the share's tasks nobody has taken yet in the lower; on a cache line
/// of its own.
#[repr(align(64))]
struct Share(AtomicU64);

/// Some threads that work for one caller at a time.
pub struct Crew {
    /// The number of the job.
    newest: AtomicU32,
    shares: [Share; SHARES],
    job: AtomicPtr<Job>,
    /// Tasks of the job that are not done.
    left: AtomicUsize,
    /// Somebody's job is under way.
    busy: AtomicBool,
    /// Threads there are to be, the caller's own among them.
    size: AtomicUsize,
    /// Helpers there have been so far.
    helpers: AtomicUsize,
    /// Helpers that sleep, and whether the caller does.
    sleeping: AtomicUsize,
    waiting: AtomicBool,
    bed: Mutex<()>,
    news: Condvar,
    done: Condvar,
}

const fn number(state: u64) -> u32 {
    (state >> 32) as u32
}

impl Crew {
    /// Nobody but the caller.
    pub const fn new() -> Self {
        Self {
            newest: AtomicU32::new(0),
            shares: [const { Share(AtomicU64::new(0)) }; SHARES],
            helpers: AtomicUsize::new(0),
            job: AtomicPtr::new(std::ptr::null_mut()),
            left: AtomicUsize::new(0),
            busy: AtomicBool::new(false),
            size: AtomicUsize::new(1),
            sleeping: AtomicUsize::new(0),
            waiting: AtomicBool::new(false),
            bed: Mutex::new(()),
            news: Condvar::new(),
            done: Condvar::new(),
        }
    }

    /// How many threads there are to be, the caller's own among them.
    pub fn size(&self) -> usize {
        self.size.load(Relaxed)
    }

    /// Into how many shares a job is cut.
    fn shares(&self) -> usize {
        self.size().min(SHARES)
    }

    /// From now on there are `size` threads, as far as they have lent themselves.
    pub fn resize(&self, size: usize) {
        self.size.store(size.max(1), Relaxed);
    }

    /// Calls `each` for `0..count`, in any order, on all threads; within a task, on this thread alone.
    ///
    /// A task that panics takes its thread with it, and the caller waits for ever: builds with threads abort instead.
    pub fn for_each<F: Fn(usize) + Sync>(&self, count: usize, each: F) {
        if count < 2 || self.size() < 2 || self.busy.swap(true, Acquire) {
            (0..count).for_each(each);
            return;
        }
        let shares = self.shares();
        let mut job = Job { run: call::<F>, each: (&raw const each).cast(), count, shares };
        let next = self.newest.load(Relaxed).wrapping_add(1);
        self.job.store(&raw mut job, Relaxed);
        self.left.store(count, Relaxed);
        for (i, Share(share)) in self.shares[..shares].iter().enumerate() {
            let tasks = u32::try_from(job.begin(i + 1) - job.begin(i)).expect("fewer tasks than rows");
            share.store(u64::from(next) << 32 | u64::from(tasks), Release);
        }
        self.newest.store(next, SeqCst);
        if self.sleeping.load(SeqCst) > 0 {
            drop(self.lock());
            self.news.notify_all();
        }
        self.work(next, 0, shares);
        self.wait();
        self.busy.store(false, SeqCst);
    }

    /// Works for whoever calls, for ever.
    pub fn lend(&self) -> ! {
        let own = self.helpers.fetch_add(1, Relaxed) + 1;
        let mut seen = 0;
        loop {
            if !(0..PATIENCE).any(|_| self.watch(seen)) {
                let mut held = self.lock();
                self.sleeping.fetch_add(1, SeqCst);
                while self.newest.load(SeqCst) == seen {
                    held = self.news.wait(held).unwrap_or_else(PoisonError::into_inner);
                }
                self.sleeping.fetch_sub(1, SeqCst);
            }
            seen = self.newest.load(Acquire);
            self.work(seen, own, self.shares());
        }
    }

    fn watch(&self, seen: u32) -> bool {
        std::hint::spin_loop();
        self.newest.load(Acquire) != seen
    }

    /// Takes tasks of job `which` while there are some, those of share `own` first.
    fn work(&self, which: u32, own: usize, shares: usize) {
        for i in (0..shares).map(|i| (own + i) % shares) {
            let Share(share) = &self.shares[i];
            let mut state = share.load(Acquire);
            while number(state) == which && state as u32 > 0 {
                if let Err(newer) = share.compare_exchange_weak(state, state - 1, AcqRel, Acquire) {
                    state = newer;
                    continue;
                }
                // SAFETY: the task that was just taken keeps its job, and what it was made of, where they are until it is counted
                // as done; no other thread takes the same.
                unsafe {
                    let job = &*self.job.load(Relaxed);
                    (job.run)(job.each, job.begin(i + 1) - state as u32 as usize);
                }
                if self.left.fetch_sub(1, SeqCst) == 1 && self.waiting.load(SeqCst) {
                    drop(self.lock());
                    self.done.notify_one();
                }
                state = share.load(Acquire);
            }
        }
    }

    /// Until every task is done.
    fn wait(&self) {
        for _ in 0..PATIENCE {
            if self.left.load(Acquire) == 0 {
                return;
            }
            std::hint::spin_loop();
        }
        let mut held = self.lock();
        self.waiting.store(true, SeqCst);
        while self.left.load(SeqCst) > 0 {
            held = self.done.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        self.waiting.store(false, SeqCst);
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.bed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// # Safety
/// `each` is an `F` that lives.
unsafe fn call<F: Fn(usize)>(each: *const (), task: usize) {
    // SAFETY: the caller's promise.
    unsafe { (*each.cast::<F>())(task) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A crew of `size`, whose helpers live as long as the tests.
    fn crew(size: usize) -> &'static Crew {
        let crew: &Crew = Box::leak(Box::new(Crew::new()));
        crew.resize(size);
        for _ in 1..size {
            std::thread::spawn(|| crew.lend());
        }
        crew
    }

    #[test]
    fn every_task_is_done_once_before_the_call_returns() {
        for size in [1, 2, 5] {
            let crew = crew(size);
            for round in 0..2_000 {
                let counts: Vec<AtomicUsize> = (0..round % 19).map(|_| AtomicUsize::new(0)).collect();
                crew.for_each(counts.len(), |i| {
                    counts[i].fetch_add(1, Relaxed);
                });
                assert!(counts.iter().all(|count| count.load(Relaxed) == 1), "{size} threads, round {round}");
            }
        }
    }

    #[test]
    fn each_begins_with_its_own_share() {
        let crew = crew(2);
        let caller = std::thread::current().id();
        let strange = AtomicUsize::new(0);
        for _ in 0..50 {
            let both = std::sync::Barrier::new(2);
            crew.for_each(2, |i| {
                // Neither thread can do both.
                both.wait();
                strange.fetch_add(usize::from((i == 0) != (std::thread::current().id() == caller)), Relaxed);
            });
        }
        assert_eq!(strange.load(Relaxed), 0);
    }

    #[test]
    fn those_who_sleep_are_woken_and_several_threads_work() {
        let crew = crew(2);
        let caller = std::thread::current().id();
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(30));
            let both = std::sync::Barrier::new(2);
            let helped = AtomicBool::new(false);
            crew.for_each(2, |_| {
                // Neither thread can do both.
                both.wait();
                helped.fetch_or(std::thread::current().id() != caller, Relaxed);
            });
            assert!(helped.load(Relaxed));
        }
    }

    #[test]
    fn whoever_waits_long_sleeps_until_the_last_task_is_done() {
        let crew = crew(2);
        let caller = std::thread::current().id();
        let late = AtomicUsize::new(0);
        let both = std::sync::Barrier::new(2);
        crew.for_each(2, |_| {
            both.wait();
            // The helper's task is the last one by far: the caller has nothing left to do.
            if std::thread::current().id() != caller {
                std::thread::sleep(Duration::from_millis(50));
            }
            late.fetch_add(1, Relaxed);
        });
        assert_eq!(late.load(Relaxed), 2);
    }

    #[test]
    fn a_task_may_share_out_tasks_and_so_may_two_callers() {
        let crew = crew(3);
        let sum = AtomicUsize::new(0);
        let share_out = || {
            crew.for_each(10, |i| {
                crew.for_each(10, |j| {
                    sum.fetch_add(10 * i + j, Relaxed);
                });
            });
        };
        std::thread::scope(|scope| {
            scope.spawn(share_out);
            scope.spawn(share_out);
        });
        assert_eq!(sum.load(Relaxed), 2 * (0..100).sum::<usize>());
    }
}
