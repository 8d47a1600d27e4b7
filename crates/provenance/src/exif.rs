//! EXIF.

use std::{fs::File, io::BufReader, path::Path};

use exif::{In, Tag, Value};

use crate::fact::{Fact, tamed};

/// EXIF fields that are told, with what each is to a reader.
const FIELDS: [(Tag, &str); 14] = [
    (Tag::Make, "Camera's maker"),
    (Tag::Model, "Camera"),
    (Tag::LensModel, "Lens"),
    (Tag::Software, "Software"),
    (Tag::DateTimeOriginal, "Taken"),
    (Tag::DateTime, "Changed"),
    (Tag::ExposureTime, "Exposure"),
    (Tag::FNumber, "Aperture"),
    (Tag::PhotographicSensitivity, "Sensitivity (ISO)"),
    (Tag::FocalLength, "Focal length"),
    (Tag::Artist, "Artist"),
    (Tag::Copyright, "Copyright"),
    (Tag::ImageDescription, "Description"),
    (Tag::GPSLatitude, "Latitude"),
];

/// The EXIF block, or that there is none.
pub(crate) fn facts(path: &Path) -> Vec<Fact> {
    let read = File::open(path).ok().and_then(|file| {
        let mut reader = exif::Reader::new();
        reader.continue_on_error(true);
        match reader.read_from_container(&mut BufReader::new(file)) {
            Ok(read) => Some(read),
            Err(error) => error.distill_partial_result(|_| ()).ok(),
        }
    });
    let Some(read) = read else {
        return vec![Fact::new(
            "EXIF",
            "none; cameras write it, web sites and messengers take it out",
        )];
    };
    let told = FIELDS.iter().filter_map(|&(tag, what)| {
        let field = read.get_field(tag, In::PRIMARY)?;
        // Latitude alone says that a place is in it; the place itself is for the original to tell.
        if tag == Tag::GPSLatitude {
            return Some(Fact::new("Place", "the file holds GPS coordinates"));
        }
        let told = match &field.value {
            Value::Ascii(texts) => texts
                .iter()
                .map(|text| String::from_utf8_lossy(text).trim().to_owned())
                .collect::<Vec<_>>()
                .join(", "),
            _ => field.display_value().with_unit(&read).to_string(),
        };
        (!told.is_empty()).then(|| Fact::new(what, tamed(&told)))
    });
    let mut facts: Vec<_> = told.collect();
    if facts.is_empty() {
        facts.push(Fact::new("EXIF", "a block without camera, program or date"));
    }
    if read
        .get_field(Tag::JPEGInterchangeFormat, In::THUMBNAIL)
        .is_some()
    {
        facts.push(Fact::new(
            "Thumbnail",
            "the EXIF block holds a small picture",
        ));
    }
    facts
}
