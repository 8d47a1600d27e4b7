//! All clips of a machine's share, on some threads.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use burn::tensor::Device;
use datasets::Clip;
use face_store::{Progress, Share, Writer};

use crate::clip::prepare_clip;
use crate::track::finder;
use crate::{PrepConfig, PrepError, first_look};

/// What to do, and with what.
#[derive(Debug)]
pub struct PrepOptions<'a> {
    /// The data set's folder, which the clips' paths are relative to.
    pub root: &'a Path,
    /// The store's folder.
    pub out: &'a Path,
    /// What the crops look like.
    pub config: &'a PrepConfig,
    /// This machine's part.
    pub share: Share,
    /// Threads, each with a clip and networks of its own.
    pub workers: usize,
    /// Where the networks run.
    pub device: &'a Device,
    /// Stops the work after the clips at hand once it is set; nothing done is lost.
    pub stop: &'a AtomicBool,
}

/// A clip that is in the store now.
#[derive(Clone, Copy, Debug)]
pub struct ClipDone<'a> {
    /// Its [`place`](Clip::place).
    pub path: &'a str,
    /// Crops made of it.
    pub faces: usize,
    /// What was wrong with it.
    pub error: Option<&'a str>,
    /// Clips done of this share, with those of earlier calls.
    pub done: usize,
    /// Clips of this share.
    pub total: usize,
}

/// What a call has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Clips put into the store.
    pub clips: usize,
    /// Crops of them.
    pub faces: usize,
    /// Clips with something wrong; they are named in the store's `errors.csv`.
    pub wrong: usize,
    /// How far the store is.
    pub progress: Progress,
}

/// Writes the store of some clips, or goes on with it. `tell` hears of each clip when it is done, in
/// any order.
///
/// # Errors
///
/// [`PrepError`]: a configuration out of range, no clips, videos that need FFmpeg where it is not
/// installed, a store that cannot be written or is of
/// other clips, networks that cannot be run. A bad clip is no error.
pub fn prepare(
    clips: &[Clip],
    options: &PrepOptions<'_>,
    tell: &(dyn Fn(ClipDone<'_>) + Sync),
) -> Result<Prepared, PrepError> {
    let PrepOptions {
        root,
        config,
        device,
        ..
    } = *options;
    config.check()?;
    let by_place: BTreeMap<String, &Clip> = clips.iter().map(|clip| (clip.place(), clip)).collect();
    if by_place.is_empty() {
        return Err(PrepError::NoClips(root.into()));
    }
    first_look(root, by_place.values().copied())?;
    let plan = by_place.keys().cloned().collect();
    let writer = Writer::open(options.out, plan, &config.settings(), options.share)?;
    let pending = writer.pending();
    let total = (0..by_place.len())
        .filter(|clip| {
            let shard = *clip as u32 / config.clips_per_shard.max(1);
            options.share.holds(shard)
        })
        .count();
    let earlier = total - pending.len();
    let next = AtomicUsize::new(0);
    let sums = Mutex::new((0, 0, 0));
    let work = || -> Result<(), PrepError> {
        let finder = finder(config, device)?;
        while !options.stop.load(Ordering::Relaxed) {
            let Some(&number) = pending.get(next.fetch_add(1, Ordering::Relaxed)) else {
                break;
            };
            let Some((place, clip)) = writer
                .clip(number)
                .and_then(|place| by_place.get_key_value(place))
            else {
                continue;
            };
            let finished = prepare_clip(root, clip, &finder, config);
            writer.put(number, &finished)?;
            let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
            sums.0 += 1;
            sums.1 += finished.faces.len();
            sums.2 += usize::from(finished.error.is_some());
            tell(ClipDone {
                path: place,
                faces: finished.faces.len(),
                error: finished.error.as_deref(),
                done: earlier + sums.0,
                total,
            });
        }
        Ok(())
    };
    // The networks of a worker compute on threads of its own: handing each of their many small steps
    // to threads that all workers share costs a tenth of the time.
    let count = options.workers.clamp(1, pending.len().max(1));
    let threads = (rayon::current_num_threads() / count).max(1);
    let own = || rayon::ThreadPoolBuilder::new().num_threads(threads);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..count)
            .map(|_| {
                scope.spawn(|| {
                    let result = match own().build() {
                        Ok(pool) => pool.install(work),
                        // No thread can be had: this one works alone as well.
                        Err(_) => work(),
                    };
                    if result.is_err() {
                        // The others stop, too: what failed fails for them.
                        next.store(usize::MAX / 2, Ordering::Relaxed);
                    }
                    result
                })
            })
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })?;
    let (clips, faces, wrong) = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Prepared {
        clips,
        faces,
        wrong,
        progress: writer.finish()?,
    })
}
