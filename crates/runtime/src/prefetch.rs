//! Samples made on CPU threads ahead of the device, in order.

use std::{
    collections::BTreeMap,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use crate::cores;

/// Items before this index may be made.
struct Gate {
    open: Mutex<usize>,
    raised: Condvar,
}

impl Gate {
    fn raise(&self, to: usize) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open = to.max(*open);
        self.raised.notify_all();
    }

    fn wait_for(&self, index: usize) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.raised.wait_while(open, |open| index >= *open));
    }
}

/// Made items, in the order of their indices.
pub struct InOrder<'a, T> {
    made: Receiver<(usize, thread::Result<T>)>,
    /// Items that were made before their turn.
    early: BTreeMap<usize, T>,
    rest: Range<usize>,
    ahead: usize,
    gate: &'a Gate,
    waited: Duration,
}

impl<T> InOrder<'_, T> {
    /// Time spent waiting for items so far.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }
}

impl<T> Iterator for InOrder<'_, T> {
    type Item = (usize, T);

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.rest.next()?;
        self.gate.raise(index + self.ahead);
        let asked = Instant::now();
        let item = loop {
            if let Some(item) = self.early.remove(&index) {
                break item;
            }
            match self.made.recv().ok()? {
                (made, Ok(item)) => drop(self.early.insert(made, item)),
                (_, Err(panic)) => resume_unwind(panic),
            }
        };
        self.waited += asked.elapsed();
        Some((index, item))
    }
}

impl<T> Drop for InOrder<'_, T> {
    /// Lets the workers run to their end.
    fn drop(&mut self) {
        self.gate.raise(usize::MAX);
    }
}

/// Makes one item for each index of `range` on `workers` threads, at most `ahead` items before
/// `consume` asks for them. Items depend on their index alone, so the result is the same for any
/// number of workers, which divide the cores among them. What `consume` leaves is not made.
pub fn in_order<T: Send, R>(
    range: Range<usize>,
    workers: usize,
    ahead: usize,
    make: impl Fn(usize) -> T + Sync,
    consume: impl FnOnce(&mut InOrder<'_, T>) -> R,
) -> R {
    let ahead = ahead.max(1);
    let next = AtomicUsize::new(range.start);
    let gate = Gate {
        open: Mutex::new(range.start + ahead),
        raised: Condvar::new(),
    };
    let (sender, made) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            let (sender, next, gate, make, end) = (sender.clone(), &next, &gate, &make, range.end);
            scope.spawn(move || {
                let _cores = cores::share(workers);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= end {
                        return;
                    }
                    gate.wait_for(index);
                    // A panic travels to the consumer: a worker that ends silently would leave
                    // it waiting. Nobody receives once the consumer has gone.
                    let item = catch_unwind(AssertUnwindSafe(|| make(index)));
                    if sender.send((index, item)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut items = InOrder {
            made,
            early: BTreeMap::new(),
            rest: range.clone(),
            ahead,
            gate: &gate,
            waited: Duration::ZERO,
        };
        let result = consume(&mut items);
        next.store(range.end, Ordering::Relaxed);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_order_whatever_the_number_of_workers() {
        let make = |index: usize| {
            if index.is_multiple_of(7) {
                thread::sleep(Duration::from_millis(1));
            }
            index * index
        };
        for workers in [1, 2, 8] {
            let got: Vec<_> = in_order(3..200, workers, 4, make, |items| items.collect());
            assert_eq!(got, (3..200).map(|i| (i, i * i)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn workers_stay_at_most_the_stated_number_ahead_and_stop_when_told() {
        let made = AtomicUsize::new(0);
        let make = |_| made.fetch_add(1, Ordering::SeqCst);
        let most = in_order(0..1000, 4, 8, make, |items| {
            let mut most = 0;
            for (index, _) in items.take(50) {
                thread::sleep(Duration::from_micros(200));
                most = most.max(made.load(Ordering::SeqCst) - index);
            }
            most
        });
        assert!(most <= 8, "{most} ahead");
        assert!(made.load(Ordering::SeqCst) < 100);
    }

    #[test]
    #[should_panic(expected = "item 17")]
    fn a_panic_in_a_worker_reaches_the_consumer() {
        let make = |index| assert!(index != 17, "item 17");
        in_order(0..100, 4, 4, make, |items| items.for_each(drop));
    }

    #[test]
    fn an_empty_range_gives_nothing() {
        assert_eq!(
            in_order(5..5, 2, 2, |index| index, |items| items.next()),
            None
        );
    }
}
