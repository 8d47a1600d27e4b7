//! A prediction in files: pictures of faces, and scores over time.

use std::path::Path;

use face_preproc::pictures::write_atomically;

use super::answer::{FaceAnswer, TrackAnswer};
use crate::{
    Error,
    files::{with_ending, write_picture},
    overlay::face_and_finding,
    prediction::{ImagePrediction, TrackPrediction, VideoPrediction},
};

/// Shows each face of an image; files begin with `overlay`.
///
/// # Errors
/// Where a picture cannot be written.
pub(super) fn image(seen: &ImagePrediction, overlay: &Path) -> Result<Vec<FaceAnswer>, Error> {
    let faces = seen.faces.iter().enumerate();
    faces
        .map(|(index, face)| {
            let path = match index {
                0 => with_ending(overlay, ".png"),
                index => with_ending(overlay, &format!(".face-{}.png", index + 1)),
            };
            write_picture(&path, &face_and_finding(face))?;
            Ok(FaceAnswer {
                score: face.score(),
                region: face.region(),
                boxes: face.boxes(),
                overlay: path,
            })
        })
        .collect()
}

/// Shows the highest scores of each face of a video, and all of them over time.
///
/// # Errors
/// Where a file cannot be written.
pub(super) fn video(seen: VideoPrediction, overlay: &Path) -> Result<Vec<TrackAnswer>, Error> {
    let tracks = seen.tracks.into_iter();
    let tracks = tracks.map(|track| {
        let TrackPrediction {
            track,
            score,
            whole,
            highest,
            frames,
            top,
        } = track;
        let top = top.into_iter().map(|(frame, face)| {
            let ending = format!(".track-{track}.frame-{}.png", frame.frame);
            let path = with_ending(overlay, &ending);
            write_picture(&path, &face_and_finding(&face))?;
            Ok((frame, path))
        });
        Ok(TrackAnswer {
            track,
            score,
            whole,
            highest,
            frames,
            top: top.collect::<Result<_, Error>>()?,
        })
    });
    let tracks = tracks.collect::<Result<Vec<_>, Error>>()?;
    let path = with_ending(overlay, ".csv");
    write_atomically(&path, &time_line(&tracks, &path)?).map_err(Error::io(path))?;
    Ok(tracks)
}

/// `track,frame,seconds,score,left,top,right,bottom`, a row for each face and frame.
fn time_line(tracks: &[TrackAnswer], path: &Path) -> Result<Vec<u8>, Error> {
    let damaged = |error: csv::Error| Error::Damaged {
        path: path.into(),
        reason: error.to_string(),
    };
    let mut table = csv::Writer::from_writer(Vec::new());
    let header = [
        "track", "frame", "seconds", "score", "left", "top", "right", "bottom",
    ];
    table.write_record(header).map_err(damaged)?;
    for track in tracks {
        for frame in &track.frames {
            let row = (
                track.track,
                frame.frame,
                frame.seconds,
                frame.score,
                frame.region,
            );
            table.serialize(row).map_err(damaged)?;
        }
    }
    table
        .into_inner()
        .map_err(|error| damaged(error.into_error().into()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::prediction::{Coverage, FramePrediction};

    /// A time line that is there is whole: the old one stays until the new one takes its place.
    #[test]
    fn a_time_line_is_never_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let overlay = folder.path().join("film");
        let write = |score| {
            let frame = FramePrediction {
                frame: 3,
                seconds: 0.12,
                score,
                region: [1.0, 2.0, 3.0, 4.5],
            };
            let seen = VideoPrediction {
                tracks: vec![TrackPrediction {
                    track: 0,
                    score,
                    whole: score,
                    highest: None,
                    frames: vec![frame],
                    top: Vec::new(),
                }],
                threshold: 0.5,
                coverage: Coverage {
                    looked_at: 2,
                    frames: 2,
                },
                partial: None,
            };
            video(seen, &overlay).unwrap();
        };
        write(0.25);
        let path = folder.path().join("film.csv");
        let table = fs::read_to_string(&path).unwrap();
        assert_eq!(table.lines().nth(1), Some("0,3,0.12,0.25,1.0,2.0,3.0,4.5"));
        let old = folder.path().join("old.csv");
        fs::hard_link(&path, &old).unwrap();
        write(0.75);
        assert_eq!(fs::read_to_string(old).unwrap(), table);
        assert!(fs::read_to_string(path).unwrap().contains("0.75"));
    }
}
