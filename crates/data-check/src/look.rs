//! What one clip is, opened by itself.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use datasets::Kind;
use face_preproc::pictures::{self, PictureError, read_rgb};
use face_store::Store;
use image::RgbImage;
use inputs::InputError;
use sha2::{Digest, Sha256};
use video::{Video, VideoError, sample_uniform};

use crate::config::CheckConfig;
use crate::fault::{Fault, FaultKind};
use crate::item::{Item, Pictures};
use crate::near::{Hash, Hasher};

/// What was seen of a clip.
#[derive(Default)]
pub(crate) struct Look {
    /// Frames, where they can be counted.
    pub(crate) frames: Option<usize>,
    /// Width and height of its pictures, where they are all alike.
    pub(crate) size: Option<(u32, u32)>,
    /// Mean quantisation parameter of H.264, 0 to 51.
    pub(crate) quantizer: Option<f64>,
    /// Of the frames that were decoded; `None` for one without anything to see.
    pub(crate) hashes: Vec<Option<Hash>>,
    /// SHA-256 of its bytes, where other clips are as long.
    pub(crate) digest: Option<[u8; 32]>,
    pub(crate) faults: Vec<Fault>,
    /// Why it was not looked at.
    pub(crate) unchecked: Option<String>,
}

/// What all looks have in common.
pub(crate) struct Looker<'a> {
    pub(crate) config: &'a CheckConfig,
    pub(crate) store: Option<&'a Store>,
    pub(crate) hasher: Hasher,
}

impl Looker<'_> {
    /// Opens a clip; its bytes are read whole only where `digest` is wanted.
    pub(crate) fn look(&self, item: &Item, digest: bool) -> Look {
        let mut look = Look::default();
        match &item.pictures {
            Pictures::File(path) => {
                self.file(item, path, &mut look);
                if digest {
                    look.digest = digest_of(std::slice::from_ref(path)).ok();
                }
            }
            Pictures::Files(paths) => {
                self.files(item, paths, &mut look);
                if digest {
                    look.digest = digest_of(paths).ok();
                }
            }
            Pictures::Archive => {
                if let Kind::Archived { frames, .. } = &item.clip.kind {
                    look.frames = Some(frames.len());
                }
                look.unchecked = Some("in an archive; unpack it to have it looked at".into());
            }
            Pictures::Crops(crops) => self.crops(item, crops, &mut look),
        }
        if item.clip.kind != Kind::Picture
            && let Some(frames) = look
                .frames
                .filter(|&frames| frames < self.config.least_frames)
        {
            let what = format!("{frames} frames; fewer than {}", self.config.least_frames);
            look.fault(item, FaultKind::FewFrames, what);
        }
        if let Some((width, height)) = look.size
            && width.min(height) < self.config.least_side
            && self.store.is_none()
        {
            let least = self.config.least_side;
            let what = format!("{width} x {height} pixels; a side is below {least}");
            look.fault(item, FaultKind::Size, what);
        }
        look.compression(item);
        look
    }

    fn file(&self, item: &Item, path: &Path, look: &mut Look) {
        if let Some((kind, what)) = empty(path) {
            return look.fault(item, kind, what);
        }
        match (inputs::Kind::of(path), &item.clip.kind) {
            (Err(error), _) => look.refused(item, &error),
            (Ok(inputs::Kind::Video), Kind::Picture) => {
                look.fault(item, FaultKind::NotAClip, "a video, called a picture");
            }
            (Ok(inputs::Kind::Picture), Kind::Video) => {
                look.fault(item, FaultKind::NotAClip, "a picture, called a video");
            }
            (Ok(inputs::Kind::Picture), _) => self.picture(item, path, look),
            (Ok(inputs::Kind::Video), _) => {
                if let Err(error) = self.video(path, look) {
                    look.broken(item, &error);
                }
            }
        }
    }

    fn picture(&self, item: &Item, path: &Path, look: &mut Look) {
        match inputs::read_picture(path, &pictures::Limits::default()) {
            Ok(picture) => {
                look.frames = Some(1);
                look.size = Some(picture.dimensions());
                look.hashes.push(self.hasher.hash(&picture));
            }
            Err(error) => look.refused(item, &error),
        }
    }

    fn video(&self, path: &Path, look: &mut Look) -> Result<(), VideoError> {
        let video = Video::open(path, &video::Limits::default())?;
        let info = video.info();
        look.frames = Some(info.frame_count);
        look.size = Some((info.width, info.height));
        let wanted = sample_uniform(info.frame_count, self.config.frames.max(1));
        look.quantizer = video.mean_quantizer(&sample_uniform(info.frame_count, QUANTIZED));
        for frame in video.frames_at(&wanted)? {
            look.hashes.push(self.hasher.hash(&frame?.picture));
        }
        Ok(())
    }

    fn files(&self, item: &Item, paths: &[PathBuf], look: &mut Look) {
        look.frames = Some(paths.len());
        for (path, (kind, what)) in paths.iter().filter_map(|p| Some((p, empty(p)?))) {
            look.fault(item, kind, format!("{}: {what}", name(path)));
        }
        let mut sizes = Vec::new();
        for index in sample_uniform(paths.len(), self.config.frames.max(1)) {
            let path = &paths[index];
            if empty(path).is_some() {
                continue;
            }
            match read_rgb(path, &pictures::Limits::default()) {
                Ok(picture) => self.seen(&picture, &mut sizes, look),
                Err(error) => look.fault(item, kind_of(&error), error.to_string()),
            }
        }
        sizes.dedup();
        match sizes[..] {
            [size] => look.size = Some(size),
            [(width, height), (also, high), ..] => {
                let what = format!("pictures of {width} x {height} and of {also} x {high} pixels");
                look.fault(item, FaultKind::Size, what);
            }
            [] => {}
        }
    }

    fn crops(&self, item: &Item, crops: &[usize], look: &mut Look) {
        let Some(store) = self.store else { return };
        let mut digest = Sha256::new_with_prefix(crops.len().to_le_bytes());
        look.frames = Some(crops.len());
        let mut sizes = Vec::new();
        for index in sample_uniform(crops.len(), self.config.frames.max(1)) {
            let crop = crops[index];
            match store.picture(crop, &pictures::Limits::default()) {
                Ok(picture) => {
                    digest.update(picture.as_raw());
                    self.seen(&picture, &mut sizes, look);
                }
                Err(error) => look.fault(item, FaultKind::Unreadable, error.to_string()),
            }
        }
        look.digest = (!sizes.is_empty()).then(|| digest.finalize().into());
    }

    fn seen(&self, picture: &RgbImage, sizes: &mut Vec<(u32, u32)>, look: &mut Look) {
        sizes.push(picture.dimensions());
        look.hashes.push(self.hasher.hash(picture));
    }
}

/// Frames whose quantisation is asked for; nothing is decoded for it.
const QUANTIZED: usize = 32;

impl Look {
    fn fault(&mut self, item: &Item, kind: FaultKind, what: impl Into<String>) {
        self.faults.push(Fault::new(kind, item.clip.place(), what));
    }

    fn broken(&mut self, item: &Item, error: &VideoError) {
        match kind_of_video(error) {
            Some(kind) => self.fault(item, kind, error.to_string()),
            None => self.unchecked = Some(error.to_string()),
        }
    }

    fn refused(&mut self, item: &Item, error: &InputError) {
        let kind = match error {
            InputError::NeedsFfmpeg(_) => {
                self.unchecked = Some(error.to_string());
                return;
            }
            InputError::Neither { .. } => FaultKind::NotAClip,
            InputError::Picture(error) => kind_of(error),
            _ => FaultKind::Unreadable,
        };
        self.fault(item, kind, error.to_string());
    }

    /// Whether the frames are quantised as the compression is called.
    fn compression(&mut self, item: &Item) {
        let (Some(named), Some(quantizer)) = (item.clip.compression.as_deref(), self.quantizer)
        else {
            return;
        };
        let found = called(quantizer);
        if ["raw", "c23", "c40"].contains(&named) && named != found {
            let what = format!(
                "it is called {named}, and its mean quantiser of {quantizer:.1} is that of {found}"
            );
            self.fault(item, FaultKind::Compression, what);
        }
    }
}

/// Mean quantiser above which a clip is no longer `raw`, a choice between 0, of lossless coding, and
/// what x264 gives at a constant rate factor of 23.
const FINEST_OF_C23: f64 = 14.0;
/// Mean quantiser above which a clip is `c40`, a choice between what x264 gives at a constant rate
/// factor of 23 and at 40, which is 37.
const FINEST_OF_C40: f64 = 32.0;

/// The name of FaceForensics++'s compression that a mean quantiser is of.
fn called(quantizer: f64) -> &'static str {
    match quantizer {
        q if q < FINEST_OF_C23 => "raw",
        q if q < FINEST_OF_C40 => "c23",
        _ => "c40",
    }
}

/// That there is nothing in a file, or that it cannot be asked.
fn empty(path: &Path) -> Option<(FaultKind, String)> {
    match fs::metadata(path) {
        Ok(file) if file.len() == 0 => Some((FaultKind::EmptyFile, "no byte in it".into())),
        Ok(_) => None,
        Err(error) => Some((FaultKind::Unreadable, error.to_string())),
    }
}

/// `None` where the file may be sound, and only FFmpeg is not there to tell.
fn kind_of_video(error: &VideoError) -> Option<FaultKind> {
    match error {
        VideoError::Truncated { .. } => Some(FaultKind::Truncated),
        VideoError::NotVideo(_) => Some(FaultKind::NotAClip),
        VideoError::Neither { built_in, .. } => kind_of_video(built_in),
        VideoError::Partial { reason, .. } => kind_of_video(reason),
        error if error.needs_ffmpeg() => None,
        _ => Some(FaultKind::Unreadable),
    }
}

fn kind_of(error: &PictureError) -> FaultKind {
    match error {
        PictureError::Truncated { .. } => FaultKind::Truncated,
        PictureError::NotAPicture { .. } => FaultKind::NotAClip,
        _ => FaultKind::Unreadable,
    }
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// SHA-256 of some files' bytes, one behind the other.
fn digest_of(paths: &[PathBuf]) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    for path in paths {
        let mut file = File::open(path)?;
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => digest.update(&buffer[..read]),
            }
        }
    }
    Ok(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantisers_have_the_names_of_their_compressions() {
        let names = [0.0, 4.0, 19.0, 23.0, 29.0, 37.0, 40.0].map(called);
        assert_eq!(names, ["raw", "raw", "c23", "c23", "c23", "c40", "c40"]);
    }

    #[test]
    fn a_file_that_only_ffmpeg_reads_is_no_fault() {
        let other = || Box::new(VideoError::UnsupportedCodec("hev1".into()));
        assert_eq!(kind_of_video(&VideoError::NeedsFfmpeg(other())), None);
        let cut = VideoError::Truncated {
            missing: "frame 3".into(),
        };
        let partial = VideoError::Partial {
            read: 3,
            wanted: 5,
            reason: Box::new(cut),
        };
        assert_eq!(kind_of_video(&partial), Some(FaultKind::Truncated));
    }
}
