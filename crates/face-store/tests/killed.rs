//! A writer that is killed again and again, for real: this test starts its own program anew as the
//! writer, and kills it. So it has a `main` of its own.

mod common;

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use common::{Made, contents, finished, plan, settings};
use face_store::{Share, Store, Writer};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CLIPS: usize = 60;
const CLIPS_PER_SHARD: u32 = 4;
/// Where the writer finds its folder; where it is unset, there is nothing to write.
const FOLDER: &str = "FACE_STORE_KILLED_TEST_FOLDER";

fn main() {
    match env::var_os(FOLDER) {
        Some(folder) => write(Path::new(&folder)),
        None => killed_and_resumed_it_is_the_same_store(),
    }
}

/// The program that is killed.
fn write(folder: &Path) {
    let settings = settings(CLIPS_PER_SHARD);
    let writer = Writer::open(folder, plan(CLIPS), &settings, Share::ALL).unwrap();
    for clip in writer.pending() {
        // Slow enough to be killed somewhere in between.
        std::thread::sleep(Duration::from_millis(1));
        writer.put(clip, &finished(clip)).unwrap();
    }
    writer.finish().unwrap();
}

fn killed_and_resumed_it_is_the_same_store() {
    let undisturbed = contents(Made::whole(CLIPS, CLIPS_PER_SHARD).path());
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let disturbed = Made::new();
    let start = || {
        Command::new(env::current_exe().unwrap())
            .env(FOLDER, disturbed.path())
            .spawn()
            .unwrap()
    };
    let mut killed = 0;
    for _ in 0..10 {
        let mut writer = start();
        std::thread::sleep(Duration::from_millis(rng.random_range(3..60)));
        writer.kill().unwrap();
        killed += u32::from(!writer.wait().unwrap().success());
        // Whatever is there can be read.
        if Store::is_store(disturbed.path()) {
            let store = Store::open(disturbed.path()).unwrap();
            for crop in 0..store.rows().len() {
                store.read(crop).unwrap();
            }
        }
    }
    assert!(killed > 0, "no writer was killed in time");
    assert!(start().wait().unwrap().success());
    assert_eq!(contents(disturbed.path()), undisturbed);
}
