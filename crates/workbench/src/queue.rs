//! The queue: each worker takes the case that waits the longest, one after the other.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    select,
    time::{sleep, timeout},
};

use crate::{
    app::{App, Run, Told},
    protocol::{Said, Task},
    store::{Case, Outcome, Store, StoreError},
    worker::{Worker, whole},
};

/// Progress is told no more often than this.
const PAUSE: Duration = Duration::from_millis(150);

/// How long to wait after something that is not the file's fault.
const TROUBLE: Duration = Duration::from_secs(2);

/// Works on cases, for ever. A worker that dies is replaced when the next case comes.
pub(crate) async fn work(app: Arc<App>, mut worker: Option<Worker>) {
    loop {
        let woken = app.wake.notified();
        match app.store(Store::claim).await {
            Ok(Some(case)) => one(&app, &mut worker, &case).await,
            Ok(None) => woken.await,
            Err(error) => trouble(&app, &error).await,
        }
    }
}

/// Works on a case, whatever happens.
async fn one(app: &Arc<App>, worker: &mut Option<Worker>, case: &Case) {
    let id = case.row.id;
    let run = app.begin(id);
    app.changed(id);
    let most = app.options.limits.job_time;
    let outcome = select! {
        biased;
        () = run.cancel.notified() => Err(Outcome::Cancelled),
        outcome = timeout(most, look(app, worker, case, &run)) => outcome.unwrap_or_else(|_| {
            Err(Outcome::Failed(format!("it took longer than {} s", most.as_secs())))
        }),
    };
    let outcome = match outcome {
        Ok(outcome) => outcome,
        // What the worker is at, nobody wants any more.
        Err(outcome) => {
            if let Some(worker) = worker.take() {
                worker.kill().await;
            }
            outcome
        }
    };
    let outcome = Arc::new(outcome);
    // What has been found out is not given up because the disk is full for a while.
    loop {
        let kept = Arc::clone(&outcome);
        match app.store(move |store| store.end(id, &kept)).await {
            Ok(()) => break,
            Err(error) => trouble(app, &error).await,
        }
    }
    app.ended(id);
    app.changed(id);
}

/// Has a worker look at a case; an error where the worker cannot go on.
async fn look(
    app: &Arc<App>,
    worker: &mut Option<Worker>,
    case: &Case,
    run: &Run,
) -> Result<Outcome, Outcome> {
    let failed = |why: &str| Outcome::Failed(why.to_owned());
    let (id, sha256) = (case.row.id, case.row.sha256.clone());
    let folders = app.store(move |store| {
        let out = store.places.fresh_answers(id)?;
        Ok((whole(&store.places.file(&sha256))?, whole(&out)?))
    });
    let folders = folders.await.map_err(|error| failed(&error.to_string()));
    let (file, out) = match folders {
        Ok(folders) => folders,
        Err(outcome) => return Ok(outcome),
    };
    if !worker.as_mut().is_some_and(Worker::is_alive) {
        *worker = Worker::start(&app.options).await;
    }
    let Some(worker) = worker else {
        (app.tell)(Told::Trouble("a worker did not start"));
        sleep(TROUBLE).await;
        return Err(failed("the worker did not start; try again"));
    };
    let task = Task {
        file,
        out,
        settings: case.settings,
    };
    let most_memory = app.options.limits.worker_memory;
    if worker.ask(&task).await.is_err() {
        return Err(failed(&worker.why_ended(most_memory).await));
    }
    let mut told = Instant::now();
    loop {
        match worker.said().await {
            Some(Said::Progress { done, total }) => {
                run.advance(done, total);
                if told.elapsed() >= PAUSE || done <= 1 {
                    told = Instant::now();
                    app.changed(id);
                }
            }
            Some(Said::Answered { mut answer, facts }) => {
                answer.file = std::path::Path::new(&case.row.name).into();
                return Ok(Outcome::Answered {
                    answer,
                    facts,
                    detector: Box::new(worker.about.clone()),
                });
            }
            Some(Said::Failed { why }) => return Ok(Outcome::Failed(why)),
            Some(Said::Ready { .. }) => {}
            None => return Err(failed(&worker.why_ended(most_memory).await)),
        }
    }
}

/// Tells of trouble, and waits for it to pass.
async fn trouble(app: &App, error: &StoreError) {
    (app.tell)(Told::Trouble(&format!("the store of cases: {error}")));
    sleep(TROUBLE).await;
}
