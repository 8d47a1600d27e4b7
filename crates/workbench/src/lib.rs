#![doc = include_str!("../README.md")]

mod app;
mod connections;
mod error;
mod export;
mod http;
mod import;
mod memory;
mod options;
mod pages;
pub mod protocol;
mod queue;
mod store;
mod time;
mod worker;

use std::{future::Future, io, sync::Arc, time::Duration};

use tokio::{net::TcpListener, runtime, select, spawn};

use app::App;
use protocol::About;
use store::Store;
use worker::Worker;

pub use app::Told;
pub use error::Error;
pub use options::{Limits, Options, Repeat};

/// How long what is just written is waited for at the end.
const END: Duration = Duration::from_secs(5);

/// Serves the workbench until `stop` ends, and tells what is to be known of it. The first worker opens its
/// detector before anyone can connect. What a worker is at when it ends waits again when it is next started.
///
/// # Errors
/// Where the folder, the address or the detector cannot be had.
pub fn serve(
    options: Options,
    tell: impl Fn(Told<'_>) + Send + Sync + 'static,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        select! {
            served = run(options, Box::new(tell)) => served,
            () = stop => Ok(()),
        }
    });
    // Workers go with their tasks.
    runtime.shutdown_timeout(END);
    served
}

/// What is answered, without connections and without workers: for a server of one's own. What is sent waits.
///
/// # Errors
/// Where the folder cannot be had.
pub fn router(
    options: Options,
    detector: About,
    tell: impl Fn(Told<'_>) + Send + Sync + 'static,
) -> Result<axum::Router, Error> {
    let store = Store::open(&options.data)?;
    let token = options.token.clone();
    let app = App::new(options, token, detector, store, Box::new(tell));
    Ok(http::router(app))
}

/// Ends with Ctrl-C, or when the system asks the program to end.
pub async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Where it cannot be listened to, the system ends the program itself.
    _ = tokio::signal::ctrl_c().await;
}

async fn run(options: Options, tell: Box<app::Tell>) -> Result<(), Error> {
    let store = Store::open(&options.data)?;
    let listen = |source| Error::Listen {
        address: options.address,
        source,
    };
    let listener = TcpListener::bind(options.address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let token = match (&options.token, address.ip().is_loopback()) {
        (Some(token), _) => Some(token.clone()),
        (None, true) => None,
        (None, false) => Some(drawn()?),
    };
    let first = Worker::start(&options).await.ok_or(Error::Worker)?;
    let about = first.about.clone();
    let (workers, most) = (options.workers.get(), options.limits.connections);
    let app = App::new(options, token, about, store, tell);
    spawn(queue::work(Arc::clone(&app), Some(first)));
    for _ in 1..workers {
        spawn(queue::work(Arc::clone(&app), None));
    }
    let url = match &app.token {
        Some(token) => format!("http://{address}/?token={token}"),
        None => format!("http://{address}/"),
    };
    (app.tell)(Told::Listening { url: &url });
    connections::serve(listener, http::router(app), most).await;
    Ok(())
}

/// A token that nobody guesses: 128 random bits.
fn drawn() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
