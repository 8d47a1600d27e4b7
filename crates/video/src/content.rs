//! What a file is, by its first bytes: names lie.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

/// Bytes that are looked at; three packets of a transport stream, and a tar's mark, lie within.
const LOOKED_AT: u64 = 1024;

/// What a file is, as far as its first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// MP4, MOV, 3GP and their kin (ISO/IEC 14496-12), which the built-in reader knows.
    IsoMedia,
    /// Another container of videos, or a bare stream; by name.
    Video(&'static str),
    /// Something else, with its article: "a PNG picture".
    Other(&'static str),
    /// None of those that are known.
    Unknown,
}

/// Boxes that a file of MP4's family begins with.
const FIRST_BOXES: [&[u8; 4]; 11] = [
    b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid",
    b"sidx",
];

/// Marks of containers and bare streams: where they stand, what they are, and whose they are.
const VIDEOS: [(usize, &[u8], &str); 19] = [
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (8, b"AVI ", "AVI"),
    (8, b"AVIX", "AVI"),
    (0, b"\0\0\x01\xba", "an MPEG program stream"),
    (0, b"\0\0\x01\xb3", "MPEG video"),
    (0, b"FLV\x01", "Flash video"),
    (
        0,
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
        "Windows media (ASF)",
    ),
    (0, b"OggS", "Ogg"),
    (0, b"DKIF", "IVF"),
    (0, b"\x06\x0e\x2b\x34", "MXF"),
    (0, b".RMF", "RealMedia"),
    (0, b"nut/multimedia container\0", "NUT"),
    (0, b"YUV4MPEG2 ", "bare YUV pictures (Y4M)"),
    (0, b"DHAV", "a surveillance recording (DHAV)"),
    (0, b"\x1f\x07\0", "DV"),
    (0, b"\x12\0\x0a", "bare AV1"),
    (
        0,
        b"\xb7\xd8\0\x20\x37\x49\xda\x11",
        "a television recording (WTV)",
    ),
    (0, b"\0\0\0\x01\x40\x01", "bare HEVC"),
    (0, b"\0\0\0\x01\x42\x01", "bare HEVC"),
];

/// The same of what is no video.
const OTHERS: [(usize, &[u8], &str); 34] = [
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (8, b"WEBP", "a WebP picture"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"\0\0\x01\0", "a Windows icon picture"),
    (0, b"DDS ", "a DDS picture"),
    (0, b"qoif", "a QOI picture"),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (0, b"\x01\xda", "an SGI picture"),
    (0, b"\x0a\x05\x01", "a PCX picture"),
    (8, b"WAVE", "sound (WAV)"),
    (0, b"fLaC", "sound (FLAC)"),
    (0, b"ID3", "sound (MP3)"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"SQLite format 3\0", "a database (SQLite)"),
    (0, b"\x89HDF\r\n", "an HDF5 file"),
    (0, b"\xd0\xcf\x11\xe0", "an office document"),
];

/// Major brands of MP4's family that hold no film.
const BRANDS: [(&[u8; 4], &str); 13] = [
    (b"heic", "a HEIC picture"),
    (b"heix", "a HEIC picture"),
    (b"heim", "a HEIC picture"),
    (b"heis", "a HEIC picture"),
    (b"hevc", "a HEIC picture"),
    (b"hevx", "a HEIC picture"),
    (b"mif1", "a HEIC picture"),
    (b"msf1", "a HEIC picture"),
    (b"avif", "an AVIF picture"),
    (b"avis", "an AVIF picture"),
    (b"crx ", "a raw picture (CR3)"),
    (b"M4A ", "sound (M4A)"),
    (b"M4B ", "sound (M4B)"),
];

impl Content {
    /// Looks at the first bytes of a file.
    ///
    /// # Errors
    ///
    /// Where they cannot be read.
    pub fn of(path: impl AsRef<Path>) -> io::Result<Self> {
        let kind = std::fs::metadata(&path)?;
        if kind.is_dir() {
            return Ok(Self::Other("a folder"));
        }
        // Opening a pipe would wait for who writes to it.
        if !kind.is_file() {
            return Ok(Self::Other("no regular file"));
        }
        Self::of_reader(&mut File::open(path)?)
    }

    /// The same of what the caller has opened; it is left at its beginning.
    ///
    /// # Errors
    ///
    /// Where its first bytes cannot be read.
    pub(crate) fn of_reader(reader: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut bytes = Vec::new();
        reader.rewind()?;
        reader.by_ref().take(LOOKED_AT).read_to_end(&mut bytes)?;
        reader.rewind()?;
        Ok(Self::of_bytes(&bytes))
    }

    /// Whether it is worth opening as a video.
    pub fn is_video(self) -> bool {
        matches!(self, Self::IsoMedia | Self::Video(_))
    }

    /// Whether it is a picture, of any format that is known by its first bytes.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Other(name) if name.ends_with(" picture"))
    }

    /// The same of the first bytes of a file, a thousand or all.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let marked = |&(place, mark, _): &(usize, &[u8], &str)| {
            let there = bytes.get(place..).unwrap_or_default();
            there.starts_with(mark)
        };
        if let Some(kind) = iso_media(bytes) {
            return kind;
        }
        if let Some((_, _, name)) = VIDEOS.iter().find(|video| marked(video)) {
            return Self::Video(name);
        }
        if let Some((_, _, name)) = OTHERS.iter().find(|other| marked(other)) {
            return Self::Other(name);
        }
        if let [b'P', b'1'..=b'7', b' ' | b'\t' | b'\r' | b'\n', ..] = bytes {
            return Self::Other("a PNM picture");
        }
        if is_transport_stream(bytes) {
            return Self::Video("an MPEG transport stream");
        }
        if is_h264(bytes) {
            return Self::Video("bare H.264");
        }
        match bytes {
            [] => Self::Other("an empty file"),
            _ if bytes.iter().all(|&byte| byte == 0) => Self::Other("nothing but zeros"),
            _ if is_text(bytes) => Self::Other("text"),
            _ => Self::Unknown,
        }
    }

    /// The kind in words; of what is not known, how it begins.
    pub(crate) fn named(self, path: &Path) -> String {
        match self {
            Self::IsoMedia => "MP4 or MOV".to_owned(),
            Self::Video(name) | Self::Other(name) => name.to_owned(),
            Self::Unknown => {
                let mut bytes = Vec::new();
                // What cannot be read any more is not shown.
                _ = File::open(path).and_then(|file| file.take(8).read_to_end(&mut bytes));
                let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!(
                    "a file of no known kind (it begins with {})",
                    bytes.join(" ")
                )
            }
        }
    }
}

fn iso_media(bytes: &[u8]) -> Option<Content> {
    let kind = bytes.get(4..8)?;
    if !FIRST_BOXES.iter().any(|first| kind == *first) {
        return None;
    }
    let brand = match kind {
        b"ftyp" => bytes.get(8..12).unwrap_or_default(),
        _ => &[],
    };
    // `mif1` is said of both.
    let mut behind = bytes.get(16..).unwrap_or_default().chunks(4).take(12);
    if brand == b"mif1" && behind.any(|brand| brand == b"avif") {
        return Some(Content::Other("an AVIF picture"));
    }
    let other = BRANDS.iter().find(|(known, _)| brand == *known);
    Some(other.map_or(Content::IsoMedia, |(_, name)| Content::Other(name)))
}

/// Three packets of 188 bytes in a row (ISO/IEC 13818-1 section 2.4.3.2), or of 192 with a time stamp
/// before each.
fn is_transport_stream(bytes: &[u8]) -> bool {
    [(0, 188), (4, 192)]
        .iter()
        .any(|(first, step)| (0..3).all(|i| bytes.get(first + i * step) == Some(&0x47)))
}

/// A start code, then parameters, a delimiter or supplementary information (H.264, table 7-1).
fn is_h264(bytes: &[u8]) -> bool {
    let unit = (bytes.strip_prefix(b"\0\0\0\x01")).or(bytes.strip_prefix(b"\0\0\x01"));
    matches!(unit, Some([0x67 | 0x27 | 0x47 | 0x06 | 0x09, ..]))
}

fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let mut characters = valid.chars();
    !valid.is_empty() && characters.all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_first_bytes() {
        let mut stream = [0; 600];
        for start in [0, 188, 376, 564] {
            stream[start] = 0x47;
        }
        for (bytes, kind) in [
            (&b"\0\0\0\x18ftyp3gp5"[..], Content::IsoMedia),
            (b"\0\0\0\x08wide\0\0", Content::IsoMedia),
            (
                b"\0\0\0\x18ftypheic\0\0\0\0",
                Content::Other("a HEIC picture"),
            ),
            (
                b"\0\0\0\x20ftypmif1\0\0\0\0mif1avif",
                Content::Other("an AVIF picture"),
            ),
            (
                b"\x1a\x45\xdf\xa3\x01\0\0\0",
                Content::Video("Matroska or WebM"),
            ),
            (b"RIFF\0\0\0\0AVI LIST", Content::Video("AVI")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Content::Other("a WebP picture")),
            (&stream, Content::Video("an MPEG transport stream")),
            (b"\0\0\0\x01\x67\x64", Content::Video("bare H.264")),
            (b"", Content::Other("an empty file")),
            (&[0; 100], Content::Other("nothing but zeros")),
            ("Bücher\n".as_bytes(), Content::Other("text")),
            (b"\x01\x02\x03\xfe", Content::Unknown),
        ] {
            assert_eq!(Content::of_bytes(bytes), kind, "{bytes:?}");
        }
        // A character that the end of what was read cuts in two.
        assert_eq!(
            Content::of_bytes(&"aä".as_bytes()[..2]),
            Content::Other("text")
        );
    }
}
