//! The frames of a clip, whatever it is.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use datasets::{Clip, Kind, frame_numbers, in_order_of_time, wild_deepfake};
use face_preproc::pictures::{Limits, decode_rgb, read_rgb};
use image::RgbImage;
use video::Video;

/// An opened clip.
pub(crate) struct Frames {
    numbers: Vec<usize>,
    source: Source,
}

enum Source {
    Video(Box<Video>),
    Pictures(Vec<PathBuf>),
    /// Pictures in a gzipped tar.
    Archived {
        archive: PathBuf,
        files: Vec<String>,
    },
}

/// A frame's number and its picture.
pub(crate) type Frame = (usize, RgbImage);

impl Frames {
    /// Opens a clip of the data set at `root`.
    pub(crate) fn open(root: &Path, path: &str, kind: &Kind) -> Result<Self, String> {
        let whole = root.join(path);
        let (numbers, source) = match kind {
            Kind::Video => {
                let video = Video::open(&whole, &video::Limits::default())
                    .map_err(|error| error.to_string())?;
                let numbers = (0..video.info().frame_count).collect();
                (numbers, Source::Video(Box::new(video)))
            }
            Kind::Picture => (vec![0], Source::Pictures(vec![whole])),
            Kind::Frames(files) => {
                let pictures = files.iter().map(|file| root.join(file)).collect();
                (numbered(files), Source::Pictures(pictures))
            }
            Kind::Archived { frames, .. } => {
                let source = Source::Archived {
                    archive: whole,
                    files: frames.clone(),
                };
                (numbered(frames), source)
            }
        };
        Ok(Self { numbers, source })
    }

    /// Opens a clip that stands beside another and is of its kind: its mask, or its original.
    pub(crate) fn beside(root: &Path, path: &str, clip: &Clip) -> Result<Self, String> {
        let kind = match &clip.kind {
            Kind::Frames(_) => {
                let mut files: Vec<_> = std::fs::read_dir(root.join(path))
                    .map_err(|error| error.to_string())?
                    .flatten()
                    .map(|entry| entry.file_name().to_string_lossy().into_owned())
                    .filter(|name| !name.starts_with('.'))
                    .map(|name| format!("{path}/{name}"))
                    .collect();
                in_order_of_time(&mut files);
                Kind::Frames(files)
            }
            other => other.clone(),
        };
        Self::open(root, path, &kind)
    }

    /// The frames' numbers, ascending. Pictures are numbered by their names where these tell it.
    pub(crate) fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// The place of a frame among those that there are.
    pub(crate) fn place(&self, number: usize) -> Option<usize> {
        self.numbers.binary_search(&number).ok()
    }

    /// The frames of some numbers, in ascending order; errors say what could not be read.
    pub(crate) fn at(
        &self,
        numbers: &[usize],
    ) -> Result<Box<dyn Iterator<Item = Result<Frame, String>> + '_>, String> {
        Ok(match &self.source {
            Source::Video(video) => {
                let frames = video
                    .frames_at(numbers)
                    .map_err(|error| error.to_string())?;
                Box::new(frames.map(|frame| {
                    frame
                        .map(|frame| (frame.index, frame.picture))
                        .map_err(|error| error.to_string())
                }))
            }
            Source::Pictures(files) => {
                let numbers = numbers.to_vec();
                Box::new(numbers.into_iter().map(|number| {
                    let file = self.place(number).map(|place| &files[place]);
                    let file = file.ok_or(FEWER)?;
                    let picture = read_rgb(file, &Limits::default())
                        .map_err(|error| reason(&error.to_string(), file, files.len()))?;
                    Ok((number, picture))
                }))
            }
            Source::Archived { archive, files } => {
                let wanted: Option<Vec<&str>> = numbers
                    .iter()
                    .map(|&number| Some(files[self.place(number)?].as_str()))
                    .collect();
                let wanted = wanted.ok_or(FEWER)?;
                let limits = Limits::default();
                let file = File::open(archive).map_err(|error| error.to_string())?;
                let file = BufReader::new(file);
                let found = wild_deepfake::pictures(file, &wanted, limits.max_bytes)
                    .map_err(|error| error.to_string())?;
                let found: Vec<_> = numbers.iter().copied().zip(wanted).zip(found).collect();
                Box::new(found.into_iter().map(move |((number, name), bytes)| {
                    let bytes = bytes.ok_or_else(|| format!("{name} is not in the archive"))?;
                    let picture = decode_rgb(&bytes, Path::new(name), &limits)
                        .map_err(|error| error.to_string())?;
                    Ok((number, picture))
                }))
            }
        })
    }
}

const FEWER: &str = "fewer pictures than frames";

fn numbered(files: &[String]) -> Vec<usize> {
    let numbers = frame_numbers(files).into_iter();
    numbers.map(|number| number as usize).collect()
}

/// A message with the file's name in place of its path, which differs between machines; without any
/// where the clip is that one file, for the clip is named already.
fn reason(message: &str, file: &Path, of: usize) -> String {
    let path = file.to_string_lossy();
    match of {
        1 => message.replace(&format!("{path}: "), ""),
        _ => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            message.replace(&*path, &name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_name_a_file_once_and_no_machine() {
        let message = "/data/a/b.png: truncated: 3 bytes";
        let told = |of| reason(message, Path::new("/data/a/b.png"), of);
        assert_eq!(told(2), "b.png: truncated: 3 bytes");
        assert_eq!(told(1), "truncated: 3 bytes");
    }
}
