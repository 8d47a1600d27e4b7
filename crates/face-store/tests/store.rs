//! Stores written, read, stopped, divided and damaged.

mod common;

use std::fs;

use common::{Made, contents, finished, plan, settings};
use face_preproc::manifest::{Manifest, Split};
use face_preproc::pictures::Limits;
use face_store::{Finished, Share, Store, StoreError, Writer};
use serde_json::json;

#[test]
fn what_was_put_is_read() {
    let made = Made::whole(11, 4);
    let store = Store::open(made.path()).unwrap();
    assert!(Store::is_store(made.path()));
    assert!(store.missing().clips.is_empty());
    let expected: Vec<_> = (0..11).flat_map(|clip| finished(clip).faces).collect();
    assert_eq!(store.rows().len(), expected.len());
    for (crop, row) in store.rows().iter().enumerate() {
        let pixels = store.picture(crop, &Limits::default()).unwrap();
        // The clip's number and the crop's are the colour of its first pixel.
        let (clip, face) = common::numbers_of(row);
        assert_eq!(pixels.get_pixel(0, 0).0[..2], [clip as u8, face as u8]);
        assert_eq!(row.extra["size"], json!([20, 16]));
        assert_eq!(row.extra["track"], json!(face));
        assert!(row.landmarks68.is_some());
        let mask = store.mask(crop, &Limits::default()).unwrap();
        assert_eq!(mask.is_some(), row.label.is_forged());
        if let Some(mask) = mask {
            assert_eq!(mask.dimensions(), (20, 16));
            assert_eq!(mask.get_pixel(3, 3)[0], 1.0);
        }
    }
    let errors = store.errors();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0].clip, plan(11)[3]);
    assert_eq!(errors[0].message, "clip 3 is \"broken\",\nsomewhat");
    let beyond = expected.len();
    assert!(matches!(
        store.read(beyond),
        Err(StoreError::NoSuchCrop { index, .. }) if index == beyond
    ));
    // Its crops are there whoever keeps the rows.
    let mut without = Store::open(made.path()).unwrap();
    assert_eq!(without.take_rows(), store.rows());
    assert!(without.rows().is_empty());
    let limits = Limits::default();
    for crop in 0..beyond {
        let [ours, theirs] = [&without, &store].map(|store| store.picture(crop, &limits).unwrap());
        assert_eq!(ours, theirs);
    }
    assert!(without.picture(beyond, &limits).is_err());
}

#[test]
fn of_one_part_the_crops_are_its_own() {
    let made = Made::whole(11, 4);
    let whole = Store::open(made.path()).unwrap();
    let test = Store::open_part(made.path(), Some(Split::Test)).unwrap();
    let of_test = |crop: &usize| whole.rows()[*crop].split == Some(Split::Test);
    let crops: Vec<usize> = (0..whole.rows().len()).filter(of_test).collect();
    assert!(!crops.is_empty() && crops.len() < whole.rows().len());
    assert_eq!(test.rows().len(), crops.len());
    for (crop, &of_whole) in crops.iter().enumerate() {
        assert_eq!(test.rows()[crop], whole.rows()[of_whole]);
        assert_eq!(test.read(crop).unwrap(), whole.read(of_whole).unwrap());
    }
    assert_eq!(test.listed(), whole.rows().len());
    assert_eq!(test.numbers(), crops);
    // Nothing is of this part: all of them.
    let val = Store::open_part(made.path(), Some(Split::Val)).unwrap();
    assert_eq!(val.rows(), whole.rows());
}

#[test]
fn unpacked_it_is_a_folder_with_a_manifest() {
    let made = Made::whole(6, 4);
    for shard in 0..2 {
        let tar = fs::File::open(made.path().join(format!("shard-{shard:06}.tar"))).unwrap();
        let folder = made.path().join(format!("shard-{shard:06}"));
        tar::Archive::new(tar).unpack(folder).unwrap();
    }
    let store = Store::open(made.path()).unwrap();
    let manifest = Manifest::read(made.path().join("faces.json")).unwrap();
    assert_eq!(manifest.rows, store.rows());
    for (crop, row) in manifest.rows.iter().enumerate() {
        let file = fs::read(manifest.picture_path(row)).unwrap();
        assert_eq!(file, store.read(crop).unwrap());
        let mask = manifest.mask_path(row).unwrap();
        assert_eq!(
            mask.map(|path| fs::read(path).unwrap()),
            store.read_mask(crop).unwrap()
        );
    }
}

#[test]
fn neither_order_nor_shares_nor_threads_change_a_byte() {
    let undisturbed = contents(Made::whole(13, 3).path());
    assert!(undisturbed.contains_key("shard-000004.tar"));

    let backwards = Made::new();
    let writer = backwards.writer(13, 3, Share::ALL);
    for clip in writer.pending().into_iter().rev() {
        writer.put(clip, &finished(clip)).unwrap();
    }
    assert!(writer.finish().unwrap().is_complete());
    assert_eq!(contents(backwards.path()), undisturbed);

    let shared = Made::new();
    std::thread::scope(|scope| {
        for index in 0..3 {
            let shared = &shared;
            scope.spawn(move || {
                let writer = shared.writer(13, 3, Share::new(index, 3).unwrap());
                for clip in writer.pending() {
                    writer.put(clip, &finished(clip)).unwrap();
                }
                writer.finish().unwrap();
            });
        }
    });
    assert_eq!(contents(shared.path()), undisturbed);

    let threaded = Made::new();
    let writer = threaded.writer(13, 3, Share::ALL);
    std::thread::scope(|scope| {
        for part in 0..4 {
            let writer = &writer;
            scope.spawn(move || {
                for clip in (0..13).filter(|clip| clip % 4 == part) {
                    writer.put(clip, &finished(clip)).unwrap();
                }
            });
        }
    });
    writer.finish().unwrap();
    assert_eq!(contents(threaded.path()), undisturbed);
}

#[test]
fn the_same_share_twice_at_once_is_the_same_store() {
    let undisturbed = contents(Made::whole(12, 2).path());
    let twice = Made::new();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let writer = twice.writer(12, 2, Share::ALL);
                for clip in writer.pending() {
                    writer.put(clip, &finished(clip)).unwrap();
                }
                writer.finish().unwrap();
            });
        }
    });
    // Whoever was last may have left an empty `.parts`; going on with the store tidies up.
    twice.writer(12, 2, Share::ALL).finish().unwrap();
    assert_eq!(contents(twice.path()), undisturbed);
}

#[test]
fn a_partial_store_opens_and_says_what_is_missing() {
    let made = Made::new();
    let writer = made.writer(10, 4, Share::new(1, 2).unwrap());
    assert_eq!(writer.pending(), [4, 5, 6, 7]);
    for clip in writer.pending() {
        writer.put(clip, &finished(clip)).unwrap();
    }
    let progress = writer.finish().unwrap();
    assert_eq!((progress.shards, progress.of), (1, 3));
    assert!(!progress.is_complete());

    let store = Store::open(made.path()).unwrap();
    assert_eq!(store.missing().shards, [0, 2]);
    let names = plan(10);
    assert_eq!(store.missing().clips, [&names[..4], &names[8..]].concat());
    let faces: usize = (4..8).map(|clip| finished(clip).faces.len()).sum();
    assert_eq!(store.rows().len(), faces);
    for crop in 0..faces {
        store.picture(crop, &Limits::default()).unwrap();
    }
    assert!(store.errors().is_empty(), "the broken clips are 3 and 9");

    made.fill(10, 4);
    assert_eq!(contents(made.path()), contents(Made::whole(10, 4).path()));
}

#[test]
fn shards_hold_every_crop_in_order() {
    let made = Made::whole(12, 2);
    let store = Store::open(made.path()).unwrap();
    let covered: Vec<usize> = store.by_shard().into_iter().flatten().collect();
    assert_eq!(covered, (0..store.rows().len()).collect::<Vec<_>>());
    let shard = |crop: usize| store.rows()[crop].extra["shard"].as_u64().unwrap();
    let shards: Vec<u64> = covered.into_iter().map(shard).collect();
    let runs = shards.chunk_by(|a, b| a == b).count();
    assert_eq!(runs, store.by_shard().len());
}

#[test]
fn a_store_without_a_face_is_complete_and_empty() {
    let made = Made::new();
    let writer = made.writer(3, 2, Share::ALL);
    for clip in 0..3 {
        writer.put(clip, &Finished::default()).unwrap();
    }
    assert!(writer.finish().unwrap().is_complete());
    let store = Store::open(made.path()).unwrap();
    assert!(store.rows().is_empty() && store.missing().shards.is_empty());
    assert!(store.by_shard().is_empty());

    let nothing = Made::whole(0, 2);
    assert!(Store::open(nothing.path()).unwrap().rows().is_empty());
}

#[test]
fn mistakes_of_callers_are_errors() {
    let made = Made::new();
    let writer = made.writer(4, 2, Share::new(0, 2).unwrap());
    writer.put(0, &finished(0)).unwrap();
    for clip in [0, 2, 99] {
        let found = writer.put(clip, &finished(0));
        assert!(matches!(found, Err(StoreError::NotPending { .. })));
    }
    let open = |names: &[&str], clips_per_shard| {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        Writer::open(made.path(), names, &settings(clips_per_shard), Share::ALL)
    };
    for names in [["b", "a"], ["a", "a"], ["", "a"], ["a", "b\nc"]] {
        assert!(matches!(open(&names, 2), Err(StoreError::Plan { .. })));
    }
    assert!(matches!(open(&["a"], 0), Err(StoreError::EmptyShards)));
    assert!(matches!(
        open(&["a"], 2),
        Err(StoreError::OtherStore { .. })
    ));
    let mut other = settings(2);
    other.made_with = json!({"size": 224});
    assert!(matches!(
        Writer::open(made.path(), plan(4), &other, Share::ALL),
        Err(StoreError::OtherStore { .. })
    ));
}

#[test]
fn damage_is_told() {
    let open = |spoil: &dyn Fn(&std::path::Path)| {
        let made = Made::whole(6, 3);
        spoil(made.path());
        Store::open(made.path())
            .and_then(|store| store.picture(0, &Limits::default()).map(drop))
            .unwrap_err()
    };
    let replace = |name: &'static str, from: &'static str, to: &'static str| {
        move |dir: &std::path::Path| {
            let text = fs::read_to_string(dir.join(name)).unwrap();
            assert!(text.contains(from));
            fs::write(dir.join(name), text.replacen(from, to, 1)).unwrap();
        }
    };
    let error = open(&|dir| fs::remove_file(dir.join("store.json")).unwrap());
    assert!(matches!(error, StoreError::NoStore { .. }), "{error}");
    let error = open(&replace("store.json", "\"format\": 1", "\"format\": 2"));
    assert!(
        matches!(error, StoreError::Format { found: 2, .. }),
        "{error}"
    );
    let error = open(&replace("store.json", "\"clips\": 6", "\"clips\": 7"));
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let error = open(&replace(
        "store.json",
        "\"clips\": 6",
        "\"clips\": 99999999999",
    ));
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let error = open(&replace("faces.json", "\"shard\":0", "\"shard\":9"));
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let error = open(&replace(
        "faces.json",
        "\"picture_bytes\":",
        "\"picture_bytes\":1000000000000000000, \"was\":",
    ));
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let error = open(&|dir| fs::write(dir.join("shard-000000.tar"), b"short").unwrap());
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    // Without an index the shards are read, and must be whole.
    let error = open(&|dir| {
        fs::remove_file(dir.join("faces.json")).unwrap();
        let shard = dir.join("shard-000001.tar");
        let bytes = fs::read(&shard).unwrap();
        fs::write(shard, &bytes[..700]).unwrap();
    });
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}
