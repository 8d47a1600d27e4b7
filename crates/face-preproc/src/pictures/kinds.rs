//! Files that are no picture of those read here: what they are, by their first bytes.

/// Pictures that are not decoded here, and how to make one of them that is.
pub(super) fn other_picture(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4)? {
            b"avif" | b"avis" => "AVIF",
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => "HEIC",
            _ => return None,
        },
        [0xFF, 0x0A, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => "JPEG XL",
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] => "JPEG 2000",
        [b'8', b'B', b'P', b'S', ..] => "PSD",
        _ => return None,
    })
}

/// What a file is that holds no picture.
pub(super) fn no_picture(bytes: &[u8]) -> &'static str {
    match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] | [_, _, _, _, b'm', b'o', b'o', b'v', ..] => {
            "it is a video (MP4 or MOV)"
        }
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "it is a video (Matroska or WebM)",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', ..] => "it is a video (AVI)",
        [b'%', b'P', b'D', b'F', ..] => "it is a PDF",
        [b'P', b'K', 3, 4, ..] => "it is a ZIP archive",
        _ if bytes.iter().all(|&byte| byte == 0) => "it holds nothing but zeros",
        _ if bytes.starts_with(b"<svg") || bytes.starts_with(b"<?xml") => "it is SVG or other XML",
        _ => "its first bytes are those of no picture format",
    }
}
