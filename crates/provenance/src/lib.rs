#![doc = include_str!("../README.md")]

#[cfg(feature = "credentials")]
mod credentials;
mod exif;
mod fact;
mod film;
mod jpeg;
mod marks;

use std::path::Path;

use video::Content;

pub use fact::Fact;

/// What a file says of itself; as much of it as can be read.
#[must_use]
pub fn facts(path: &Path) -> Vec<Fact> {
    let content = Content::of(path).unwrap_or(Content::Unknown);
    let kind = match content {
        Content::IsoMedia => "MP4, MOV or their kin",
        Content::Video(kind) | Content::Other(kind) => kind,
        Content::Unknown => "of no known kind",
    };
    let mut facts = vec![Fact::new("Kind", kind)];
    if content.is_picture() {
        facts.extend(jpeg::facts(path));
        facts.extend(exif::facts(path));
    } else {
        facts.extend(film::facts(path));
    }
    #[cfg(feature = "credentials")]
    facts.extend(credentials::facts(path));
    facts.extend(marks::facts(path).unwrap_or_default());
    facts
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A JPEG's beginning with an EXIF block that names a camera.
    fn jpeg_of_a_camera() -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x01".to_vec();
        tiff.extend([0x01, 0x10, 0, 2, 0, 0, 0, 8, 0, 0, 0, 26, 0, 0, 0, 0]);
        tiff.extend(b"Pho\nne 1");
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
        bytes.extend((2 + 6 + tiff.len() as u16).to_be_bytes());
        bytes.extend(b"Exif\0\0");
        bytes.extend(tiff);
        bytes.extend([0xff, 0xd9]);
        bytes
    }

    #[test]
    fn a_camera_is_named_in_one_line_and_its_absence_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, jpeg_of_a_camera()).unwrap();
        let told = facts(&path);
        assert!(told.contains(&Fact::new("Camera", "Pho ne 1")), "{told:?}");
        fs::write(&path, [&b"GIF89a"[..], b"... x264 - core 164"].concat()).unwrap();
        let told = facts(&path);
        assert!(
            told.iter().any(|fact| fact.told.starts_with("none;")),
            "{told:?}"
        );
        assert!(
            told.iter().any(|fact| fact.told.starts_with("x264")),
            "{told:?}"
        );
    }

    #[test]
    fn a_damaged_block_costs_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let whole = jpeg_of_a_camera();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(!facts(&path).is_empty());
        }
    }
}
