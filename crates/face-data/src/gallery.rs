//! Forgeries to look at, with what a detector learns from them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use askama::Template;
use burn::tensor::{Device, Tensor, TensorData};
use experiment::{Model, Recipe, write_atomically};
use face_preproc::{
    manifest::{Label, Manifest, Row, known::SOURCE_IDENTITY},
    pictures::{Mask, write_mask, write_png},
};
use image::{DynamicImage, GrayImage, RgbImage, imageops};
use model_pcl::PclConfig;
use report::overlay::mask_picture;
use runtime::{DeviceName, Event, Observer, Purpose, generator};
use serde_json::json;

use crate::{
    Error,
    faces::Faces,
    forger::{Forged, Forger},
};

/// What to make.
#[derive(Debug, Clone)]
pub struct SynthOptions {
    /// Whose generator and crop are used.
    pub recipe: Recipe,
    /// A manifest with landmarks.
    pub data: PathBuf,
    /// Where it goes.
    pub out: PathBuf,
    /// How many forgeries.
    pub count: usize,
}

#[derive(Template)]
#[template(path = "gallery.html")]
struct Page {
    generator: &'static str,
    recipe: String,
    seed: u64,
    data: String,
    /// Side of a patch of PCL's coarse mask in pixels.
    patch: Option<usize>,
    shown: Vec<Shown>,
}

/// A line of the page: five pictures and what they are.
struct Shown {
    strip: String,
    caption: String,
}

/// Makes forgeries from real faces of a data set with the recipe's generator: `images/`, `masks/`, a manifest of them
/// (`forgeries.json`) that `eval` and `train` take, and `index.html` to look at.
///
/// # Errors
/// Where the data hold no real face with landmarks, or a file cannot be written.
pub fn synth(options: &SynthOptions, observer: &mut dyn Observer) -> Result<PathBuf, Error> {
    let SynthOptions {
        recipe,
        data,
        out,
        count,
    } = options;
    let faces = Faces::open(data, &recipe.crop, &recipe.split, observer)?;
    let forger = Forger::new(&faces, None, recipe)?;
    if forger.targets().is_empty() {
        return Err(forger.lacking(data, "it"));
    }
    for folder in ["images", "masks", "strips"] {
        let folder = out.join(folder);
        fs::create_dir_all(&folder).map_err(experiment::Error::io(&folder))?;
    }
    let device = DeviceName::Cpu.open()?;
    observer.event(Event::Began {
        what: "forging",
        total: *count,
        done: 0,
    });
    let mut rows = Vec::new();
    let mut shown = Vec::new();
    // Faces spread over the whole data set; a second round where more are wanted than there are.
    let sources = forger.targets();
    for index in 0..*count {
        let row = sources[(index * sources.len() / count.min(&sources.len())) % sources.len()];
        let mut rng = generator(recipe.seed, Purpose::Gallery, index as u64, 0);
        let face = faces.face(row)?;
        let Some(forged) = forger.forge(row, &face, &mut rng)? else {
            let what = &faces.manifest.rows[row].file;
            observer.event(Event::Skipped {
                what,
                why: "this face cannot be forged",
            });
            continue;
        };
        let (target, source) = (
            &faces.manifest.rows[row],
            &faces.manifest.rows[forged.source],
        );
        let name = format!("{index:05}.png");
        let (image, mask) = (format!("images/{name}"), format!("masks/{name}"));
        write_png(out.join(&image), &forged.image)?;
        write_mask(out.join(&mask), &forged.mask)?;
        let coarse = match &recipe.model {
            Model::Pcl(config) => Some(coarse_picture(&forged.mask, config, &device)),
            _ => None,
        };
        let source_face = faces.face(forged.source)?.image;
        let strip = strip(&face.image, &source_face, &forged, coarse.as_ref());
        write_png(out.join("strips").join(&name), &strip)?;
        shown.push(Shown {
            strip: format!("strips/{name}"),
            caption: format!(
                "{}; target {}, source {}",
                forged.how, target.file, source.file
            ),
        });
        let mut made = Row::new(image);
        made.label = Label::Forged;
        made.dataset.clone_from(&target.dataset);
        made.method = recipe.forgery.generator.as_str().into();
        made.video = format!("{}-{index}", target.video);
        made.identity.clone_from(&target.identity);
        made.landmarks68 = face.landmarks;
        made.mask = Some(mask);
        made.extra
            .insert(SOURCE_IDENTITY.into(), json!(source.identity));
        made.extra.insert("how".into(), json!(forged.how));
        rows.push(made);
        observer.event(Event::Advanced {
            done: index + 1,
            note: "",
        });
    }
    observer.event(Event::Ended);
    Manifest {
        root: out.clone(),
        numbers: (0..rows.len()).collect(),
        listed: rows.len(),
        rows,
        digest: String::new(),
    }
    .write(out.join("forgeries.json"))?;
    write_page(recipe, data, shown, &out.join("index.html"))
}

/// Target, source, forgery, mask, and for PCL the coarse mask that Eq. 2's targets follow from.
fn strip(
    target: &RgbImage,
    source: &RgbImage,
    forged: &Forged,
    coarse: Option<&GrayImage>,
) -> RgbImage {
    let mask = mask_picture(&forged.mask);
    let (width, height) = mask.dimensions();
    let enlarge = |coarse| imageops::resize(coarse, width, height, imageops::FilterType::Nearest);
    let greys = std::iter::once(mask).chain(coarse.map(enlarge));
    let greys: Vec<_> = greys
        .map(|grey| DynamicImage::from(grey).to_rgb8())
        .collect();
    let pictures: Vec<_> = [target, source, &forged.image]
        .into_iter()
        .chain(&greys)
        .collect();
    report::overlay::side_by_side(&pictures, 4)
}

/// The coarse mask of the network itself, a pixel for each patch.
fn coarse_picture(mask: &Mask, config: &PclConfig, device: &Device) -> GrayImage {
    let (width, height) = mask.dimensions();
    let patches = config.input_size.div_ceil(config.patch_stride);
    let shape = [1, 1, height as usize, width as usize];
    let mask = TensorData::new(mask.as_raw().clone(), shape);
    let mask = Tensor::<4>::from_data(mask, device);
    let coarse = model_pcl::equations::coarse_mask(mask, [patches; 2]);
    let levels = coarse.mul_scalar(255.0).into_data();
    let grey = levels.iter::<f32>().map(|v| v.round() as u8).collect();
    GrayImage::from_raw(patches as u32, patches as u32, grey).unwrap_or_default()
}

fn write_page(
    recipe: &Recipe,
    data: &Path,
    shown: Vec<Shown>,
    path: &Path,
) -> Result<PathBuf, Error> {
    let page = Page {
        generator: recipe.forgery.generator.full_name(),
        recipe: recipe.name.clone(),
        seed: recipe.seed,
        data: data.display().to_string(),
        patch: match &recipe.model {
            Model::Pcl(config) => Some(config.patch_stride),
            _ => None,
        },
        shown,
    };
    let text = page.render().map_err(|error| experiment::Error::Damaged {
        path: path.into(),
        reason: error.to_string(),
    })?;
    write_atomically(path, text.as_bytes())?;
    Ok(path.to_owned())
}
