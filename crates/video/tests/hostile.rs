//! Files that are broken, cut off or made to do harm.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use video::{Frame, Limits, Video, VideoError};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn bytes_of(name: &str) -> Vec<u8> {
    std::fs::read(golden(name)).unwrap()
}

/// Opens a file with these bytes, and what becomes of it: whole frames, and the error.
fn read(bytes: &[u8], limits: &Limits) -> (Vec<Frame>, Option<VideoError>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let video = match Video::open(file.path(), limits) {
        Ok(video) => video,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let (mut frames, mut error) = (Vec::new(), None);
    for next in video.frames().unwrap() {
        assert!(error.is_none(), "something comes after the error");
        match next {
            Ok(frame) => {
                let size = (video.info().width, video.info().height);
                assert_eq!(frame.picture.dimensions(), size);
                frames.push(frame);
            }
            Err(VideoError::Partial {
                read,
                wanted,
                reason,
            }) => {
                assert_eq!((read, wanted), (frames.len(), video.info().frame_count));
                error = Some(*reason);
            }
            Err(other) => panic!("not said how much could be read: {other:?}"),
        }
    }
    assert!(frames.windows(2).all(|pair| pair[0].index < pair[1].index));
    let whole = frames.len() == video.info().frame_count;
    assert!(
        whole || error.is_some(),
        "frames are missing without a word"
    );
    (frames, error)
}

fn error_of(bytes: &[u8]) -> VideoError {
    read(bytes, &Limits::default()).1.expect("an error")
}

/// `bytes` with others at `offset` behind the code of the first box `kind`.
fn patched(mut bytes: Vec<u8>, kind: &[u8; 4], offset: usize, with: &[u8]) -> Vec<u8> {
    let place = bytes.windows(4).position(|four| four == kind).unwrap() + 4 + offset;
    bytes[place..place + with.len()].copy_from_slice(with);
    bytes
}

#[test]
fn lies_about_sizes_are_found_out() {
    let clip = || bytes_of("bframes.mp4");
    let most = [0xff; 4];
    // The index claims two gigabytes, or nothing.
    assert!(matches!(
        error_of(&clip().with_size(b"moov", 0x7fff_ffff)),
        VideoError::Truncated { .. }
    ));
    assert!(matches!(
        error_of(&clip().with_size(b"moov", 4)),
        VideoError::Damaged(_)
    ));
    assert!(matches!(
        error_of(&clip().with_size(b"stbl", 0x7fff_ffff)),
        VideoError::Damaged(_)
    ));
    // More sizes than the table holds, and four billion frames of one byte.
    assert!(matches!(
        error_of(&patched(clip(), b"stsz", 8, &most)),
        VideoError::Damaged(_)
    ));
    let same_size = patched(clip(), b"stsz", 4, &[[0, 0, 0, 1], most].concat());
    assert!(matches!(
        error_of(&same_size),
        VideoError::TooLarge {
            limit: 2_000_000,
            ..
        }
    ));
    // The same in a fragment without fields of its own.
    let bare = patched(
        bytes_of("fragmented.mp4"),
        b"trun",
        0,
        &[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff],
    );
    assert!(matches!(error_of(&bare), VideoError::TooLarge { .. }));
    // A frame of two gigabytes, and frames that lie behind the end.
    let large = patched(clip(), b"stsz", 12, &[0x7f, 0xff, 0xff, 0xff]);
    assert!(matches!(error_of(&large), VideoError::TooLarge { .. }));
    let (frames, error) = read(&patched(clip(), b"stco", 8, &most), &Limits::default());
    assert!(frames.is_empty() && matches!(error, Some(VideoError::Truncated { .. })));
    // Times that overflow: the edit list shows what little lies within it.
    let (frames, _) = read(
        &patched(clip(), b"stts", 8, &most.repeat(2)),
        &Limits::default(),
    );
    assert!(frames.len() < 30);
    assert!(matches!(
        error_of(&patched(clip(), b"mdhd", 12, &[0; 4])),
        VideoError::Damaged(_)
    ));
    // Less is allowed than the file wants.
    for limits in [
        Limits {
            max_pixels: 160 * 112 - 1,
            ..Limits::default()
        },
        Limits {
            max_frames: 29,
            ..Limits::default()
        },
        Limits {
            max_index_bytes: 500,
            ..Limits::default()
        },
        Limits {
            max_sample_bytes: 100,
            ..Limits::default()
        },
    ] {
        let (_, error) = read(&clip(), &limits);
        assert!(
            matches!(error, Some(VideoError::TooLarge { .. })),
            "{limits:?}: {error:?}"
        );
    }
}

trait WithSize {
    /// These bytes, but that the first box `kind` claims `size`.
    fn with_size(&self, kind: &[u8; 4], size: u32) -> Vec<u8>;
}

impl WithSize for [u8] {
    fn with_size(&self, kind: &[u8; 4], size: u32) -> Vec<u8> {
        let mut bytes = self.to_vec();
        let place = bytes.windows(4).position(|four| four == kind).unwrap() - 4;
        bytes[place..place + 4].copy_from_slice(&size.to_be_bytes());
        bytes
    }
}

/// Cut anywhere behind its index, a file gives the frames that are whole, unchanged, and one error.
#[test]
fn a_file_that_is_cut_off_gives_what_is_whole() {
    for name in ["bframes.mp4", "fragmented.mp4"] {
        let clip = bytes_of(name);
        let (all, none) = read(&clip, &Limits::default());
        assert!(none.is_none() && all.len() == 30);
        let index = clip.windows(4).position(|four| four == b"mdat").unwrap() + 4;
        let mut counts = Vec::new();
        for end in (index + 1..clip.len()).step_by(271) {
            let (frames, error) = read(&clip[..end], &Limits::default());
            // Only what lies behind the last frame can be missing without harm.
            assert!(error.is_some() || frames.len() == 30, "{name} at {end}");
            assert!(frames.iter().all(|frame| frame == &all[frame.index]));
            counts.push(frames.len());
        }
        assert!(counts.is_sorted() && counts[0] == 0 && *counts.last().unwrap() >= 28);
        let (_, error) = read(&clip[..index - 20], &Limits::default());
        assert!(error.is_some(), "{name}");
    }
}

/// Damage costs the frames up to the next place where decoding can begin, and no more.
#[test]
fn damage_in_the_middle_is_survived() {
    let mut clip = bytes_of("bframes.mp4");
    let (all, _) = read(&clip, &Limits::default());
    let data = clip.windows(4).position(|four| four == b"mdat").unwrap();
    // Length of the second unit of the first group: nothing of it can be read.
    let offset = data + (clip.len() - data) / 4;
    clip[offset..offset + 400].fill(0xff);
    let (frames, error) = read(&clip, &Limits::default());
    assert!(error.is_some());
    assert!(frames.len() >= 12 && frames.len() < 30, "{}", frames.len());
    assert!(
        frames[frames.len() - 6..]
            .iter()
            .all(|frame| frame == &all[frame.index])
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever bytes are changed: no panic, no more than one error, and that at the end.
    #[test]
    fn changed_bytes_do_no_harm(
        name in prop::sample::select(vec![
            "bframes.mp4", "fragmented.mp4", "cavlc_slices.mp4", "open_group.mp4", "edited.mp4",
        ]),
        in_index in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut clip = bytes_of(name);
        let index = clip.windows(4).position(|four| four == b"moov").unwrap();
        let range = if in_index { index..clip.len().min(index + 1500) } else { 0..clip.len() };
        for (place, value) in changes {
            clip[range.start + place.index(range.len())] = value;
        }
        read(&clip, &Limits::default());
    }
}

/// Zeros behind the last box, as recorders and copying tools leave them, do no harm.
#[test]
fn zeros_at_the_end_do_no_harm() {
    for name in ["bframes.mp4", "fragmented.mp4", "quicktime.mov"] {
        let clip = bytes_of(name);
        let (all, _) = read(&clip, &Limits::default());
        for zeros in [4, 7, 8, 12, 100, 5000] {
            let longer = [clip.as_slice(), &vec![0; zeros]].concat();
            let (frames, error) = read(&longer, &Limits::default());
            assert!(error.is_none(), "{name} and {zeros} zeros: {error:?}");
            assert!(frames == all, "{name} and {zeros} zeros");
        }
    }
}

/// Of half a file of zeros, the frames before them come, and it is said how many.
#[test]
fn half_a_file_of_zeros_is_partial() {
    let mut clip = bytes_of("bframes.mp4");
    let (all, _) = read(&clip, &Limits::default());
    let data = clip.windows(4).position(|four| four == b"mdat").unwrap();
    let half = data + (clip.len() - data) / 2;
    clip[half..].fill(0);
    let (frames, error) = read(&clip, &Limits::default());
    assert!(error.is_some());
    assert!(frames.len() > 5 && frames.len() < 25, "{}", frames.len());
    assert!(frames.iter().all(|frame| frame == &all[frame.index]));
}

/// The film's matrix (`mvhd`) turns the picture as the track's does.
#[test]
fn a_turn_of_the_whole_film_is_followed() {
    let (upright, _) = read(&bytes_of("bframes.mp4"), &Limits::default());
    let one = 1_i32 << 16;
    let matrix = [0, one, 0, -one, 0, 0, 0, 0, 1 << 30];
    let bytes: Vec<u8> = matrix.iter().flat_map(|n: &i32| n.to_be_bytes()).collect();
    // Behind version, times, scale, duration, rate, volume and what is reserved (ISO/IEC 14496-12,
    // section 8.2.2).
    let turned = patched(bytes_of("bframes.mp4"), b"mvhd", 36, &bytes);
    let (turned, error) = read(&turned, &Limits::default());
    assert!(error.is_none());
    for (one, other) in upright.iter().zip(&turned) {
        assert!(image::imageops::rotate90(&one.picture) == other.picture);
    }
}

/// A file is what its bytes are, whatever it is called.
#[test]
fn any_name_will_do() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["clip", "clip.3gp", "clip.txt", "CLIP.MP4", "clip.jpg"] {
        let path = dir.path().join(name);
        std::fs::copy(golden("bframes.mp4"), &path).unwrap();
        let video = Video::open(&path, &Limits::default()).unwrap();
        assert_eq!(video.info().frame_count, 30, "{name}");
    }
}
