//! What all requests and all workers share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, Semaphore, broadcast, watch},
    task::spawn_blocking,
};

use crate::{
    options::Options,
    protocol::About,
    store::{Store, StoreError},
};

/// Changes that a slow reader may miss before it is told of the next.
const CHANGES: usize = 256;

/// What is told to whoever started the workbench.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// It listens; a browser opens this address.
    Listening {
        /// With the token, where one is demanded.
        url: &'a str,
    },
    /// Something went wrong, and it goes on.
    Trouble(&'a str),
}

/// Takes what is told.
pub(crate) type Tell = dyn Fn(Told<'_>) + Send + Sync;

/// What all requests and all workers share.
pub(crate) struct App {
    pub options: Options,
    /// What whoever calls has to know.
    pub token: Option<String>,
    /// The detector, as the first worker told it.
    pub about: About,
    pub tell: Box<Tell>,
    /// The numbers of cases of which there is news.
    pub changes: broadcast::Sender<i64>,
    /// Something waits.
    pub wake: Notify,
    /// Room for files that arrive.
    pub uploads: Semaphore,
    store: Mutex<Store>,
    running: Mutex<HashMap<i64, Arc<Run>>>,
}

/// A case that a worker looks at.
pub(crate) struct Run {
    /// Asks the worker to stop.
    pub cancel: Notify,
    progress: Mutex<Progress>,
    ended: watch::Sender<bool>,
}

/// How far a case is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    pub done: u64,
    pub total: u64,
    /// When its first frame was done.
    since: Instant,
}

impl Progress {
    /// Frames a second, and how long the rest takes at that pace; nothing before the second frame.
    pub(crate) fn pace(&self) -> Option<(f64, Duration)> {
        let after = self.done.checked_sub(1).filter(|after| *after > 0)?;
        let rate = after as f64 / self.since.elapsed().as_secs_f64().max(1e-3);
        let rest = self.total.saturating_sub(self.done) as f64;
        Some((rate, Duration::try_from_secs_f64(rest / rate).ok()?))
    }
}

impl App {
    pub(crate) fn new(
        options: Options,
        token: Option<String>,
        about: About,
        store: Store,
        tell: Box<Tell>,
    ) -> Arc<Self> {
        Arc::new(Self {
            uploads: Semaphore::new(options.limits.uploads),
            options,
            token,
            about,
            tell,
            changes: broadcast::channel(CHANGES).0,
            wake: Notify::new(),
            store: Mutex::new(store),
            running: Mutex::default(),
        })
    }

    /// Does something with the store, without blocking anyone.
    pub(crate) async fn store<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let app = Arc::clone(self);
        let done = spawn_blocking(move || work(&mut locked(&app.store))).await;
        done.unwrap_or_else(|error| Err(StoreError::Files(std::io::Error::other(error))))
    }

    /// Tells all who listen that there is news of a case.
    pub(crate) fn changed(&self, id: i64) {
        // Nobody may listen.
        _ = self.changes.send(id);
    }

    /// A worker begins with a case.
    pub(crate) fn begin(&self, id: i64) -> Arc<Run> {
        let run = Arc::new(Run {
            cancel: Notify::new(),
            progress: Mutex::new(Progress {
                done: 0,
                total: 0,
                since: Instant::now(),
            }),
            ended: watch::channel(false).0,
        });
        locked(&self.running).insert(id, Arc::clone(&run));
        run
    }

    /// A worker is done with a case.
    pub(crate) fn ended(&self, id: i64) {
        if let Some(run) = locked(&self.running).remove(&id) {
            run.ended.send_replace(true);
        }
    }

    /// How far a case is that is looked at.
    pub(crate) fn progress(&self, id: i64) -> Option<Progress> {
        let running = locked(&self.running);
        let progress = *locked(&running.get(&id)?.progress);
        (progress.total > 0).then_some(progress)
    }

    /// Stops the worker that looks at a case, and waits until it does no more; whether there was one.
    pub(crate) async fn stop(&self, id: i64) -> bool {
        let run = locked(&self.running).get(&id).map(Arc::clone);
        let Some(run) = run else {
            return false;
        };
        let mut ended = run.ended.subscribe();
        run.cancel.notify_one();
        // It has ended too where its sender is gone.
        _ = ended.wait_for(|ended| *ended).await;
        true
    }
}

impl Run {
    /// So many frames are done.
    pub(crate) fn advance(&self, done: u64, total: u64) {
        let mut progress = locked(&self.progress);
        if done <= 1 {
            progress.since = Instant::now();
        }
        (progress.done, progress.total) = (done, total);
    }
}

/// What a panic left behind is whole: nothing here is changed in two steps.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
