//! The forgeries of one split, from whatever generator the recipe names.

use std::path::Path;

use experiment::{Forgery, Generator, Mix, Recipe};
use face_preproc::{crop::Face, geometry::Landmarks68, pictures::Mask, split::Split};
use image::RgbImage;
use rand::{Rng, RngExt, seq::IndexedRandom};
use synth_data::{
    LandmarkIndex,
    augment::{Sample, augment},
    bi, boxes, i2g,
    mask::support,
    mfs, sbi,
};

use crate::{Error, faces::Faces, pairs::Pairs};

/// The least share of the picture that a part of a forgery forges.
const LEAST_PART: f32 = 0.01;

/// Makes forgeries from the real faces of a split. Sources come from the same split, so no
/// identity crosses from one to another.
pub struct Forger<'a> {
    faces: &'a Faces,
    config: &'a Forgery,
    /// Of I2G, in pixels of the crop.
    epsilon: f32,
    /// Rows of the real faces that can be forged.
    targets: Vec<usize>,
    /// Of the sources of I2G and BI, which are the targets; absent where there is none.
    index: Option<LandmarkIndex>,
    /// The data set's own forgeries of the targets.
    pairs: Pairs,
}

/// A forgery and where it came from.
pub struct Forged {
    /// `size` x `size` RGB.
    pub image: RgbImage,
    /// 1 = forged.
    pub mask: Mask,
    /// Around what is forged, `[x0, y0, x1, y1]` in shares of width and height.
    pub boxes: Vec<[f32; 4]>,
    /// The real picture of the pair, where the generator changes that, too.
    pub real: Option<RgbImage>,
    /// Row of the picture that the forged part came from.
    pub source: usize,
    /// How it was made, for a person.
    pub how: String,
}

impl<'a> Forger<'a> {
    /// Finds what can be forged among the real faces of `split`, or of all rows.
    ///
    /// # Errors
    /// Where landmarks are not finite.
    pub fn new(faces: &'a Faces, split: Option<Split>, recipe: &'a Recipe) -> Result<Self, Error> {
        let config = &recipe.forgery;
        let pairs = Pairs::new(faces, split);
        let mut targets = faces.rows(split);
        targets.retain(|&row| match config.generator.needs_pairs() {
            true => !pairs.of(row).is_empty(),
            false => !faces.forged(row) && faces.landmarks(row).is_some(),
        });
        let index = match config.generator {
            Generator::I2g | Generator::Bi | Generator::Mix if !targets.is_empty() => {
                let shapes: Vec<_> = targets
                    .iter()
                    .filter_map(|&row| faces.landmarks(row))
                    .collect();
                let identities: Vec<_> = targets.iter().map(|&row| faces.identities[row]).collect();
                Some(LandmarkIndex::new(&shapes, &identities)?)
            }
            _ => None,
        };
        let scale = config.i2g.scale((faces.size(), faces.size()));
        Ok(Self {
            faces,
            config,
            epsilon: config.i2g.epsilon * scale,
            targets,
            index,
            pairs,
        })
    }

    /// Rows of the real faces that can be forged.
    #[must_use]
    pub fn targets(&self) -> &[usize] {
        &self.targets
    }

    /// Rows of the data set's forgeries that were made from a real one.
    pub(crate) fn forgeries_of(&self, row: usize) -> &[usize] {
        self.pairs.of(row)
    }

    /// Whether any forgery can be made.
    pub fn can_forge(&self) -> bool {
        match self.config.generator {
            Generator::I2g | Generator::Bi => {
                // A source is of another person.
                let mut people = self.targets.iter().map(|&row| self.faces.identities[row]);
                people
                    .next()
                    .is_some_and(|first| people.any(|other| other != first))
            }
            Generator::Sbi | Generator::Mfs | Generator::Data | Generator::Mix => {
                !self.targets.is_empty()
            }
        }
    }

    /// Share of the faces that have a source within I2G's epsilon, of up to 200 that are spread over all;
    /// the others take the nearest. [`None`] where none is drawn by it.
    #[must_use]
    pub fn within_epsilon(&self, rng: &mut impl Rng) -> Option<f64> {
        let of_epsilon = self.config.generator != Generator::Bi;
        let index = self.index.as_ref().filter(|_| of_epsilon)?;
        let (mut drawn, mut within) = (0, 0);
        let every = self.targets.len().div_ceil(200).max(1);
        for &row in self.targets.iter().step_by(every) {
            let shape = self.faces.landmarks(row)?;
            let identity = self.faces.identities[row];
            if let Ok(source) = index.draw(&shape, identity, self.epsilon, rng) {
                drawn += 1;
                within += usize::from(source.within_epsilon);
            }
        }
        (drawn > 0).then(|| f64::from(within as u32) / f64::from(drawn))
    }

    /// The error where no forgery can be made of the data at `path`; `who` needs what is missing.
    #[must_use]
    pub fn lacking(&self, path: &Path, who: &str) -> Error {
        Error::NothingToForge {
            path: path.to_owned(),
            reason: format!("{who} needs {}", self.needs()),
            generator: self.config.generator,
        }
    }

    /// What the data need, where no forgery can be made.
    pub fn needs(&self) -> &'static str {
        match self.config.generator {
            Generator::I2g | Generator::Bi => "real faces with `landmarks68` of two people or more",
            Generator::Sbi | Generator::Mix => "real faces with `landmarks68`",
            Generator::Mfs => "forged faces beside the real ones they were made from, cut alike",
            Generator::Data => "forged faces with a `mask`, and the real ones they were made from",
        }
    }

    /// A forgery of the real face of `row`. [`None`] where none can be made of this face. The data set's
    /// forgeries are cut as the face was.
    ///
    /// # Errors
    /// Where another picture that is needed cannot be read any more, or the configuration is wrong.
    pub fn forge(
        &self,
        row: usize,
        face: &Face,
        rng: &mut impl Rng,
    ) -> Result<Option<Forged>, Error> {
        match self.config.generator {
            Generator::I2g | Generator::Bi => self.blend(row, face, rng),
            Generator::Sbi => self.sbi(row, face, rng),
            Generator::Mfs => self.mfs(row, face, rng),
            Generator::Data => self.data(row, face, rng),
            Generator::Mix => self.mix(row, face, rng),
        }
    }

    /// By I2G or SBI, the whole of it or a part alone; by SBI where no other face is like enough.
    fn mix(&self, row: usize, face: &Face, rng: &mut impl Rng) -> Result<Option<Forged>, Error> {
        let Mix { i2g, sbi, partial } = self.config.mix;
        let part = rng.random_bool(partial / (i2g + sbi + partial));
        let forged = match rng.random_bool(i2g / (i2g + sbi)) {
            true => match self.blend(row, face, rng)? {
                None => self.sbi(row, face, rng)?,
                forged => forged,
            },
            false => self.sbi(row, face, rng)?,
        };
        match (forged, &face.landmarks) {
            (Some(forged), Some(landmarks)) if part => self.part(forged, face, landmarks, rng),
            (forged, _) => Ok(forged),
        }
    }

    /// A swap between the real face and a forgery of it: what is forged is where both masks are. The whole
    /// forgery where hardly anything of it would be left.
    fn part(
        &self,
        forged: Forged,
        face: &Face,
        landmarks: &Landmarks68,
        rng: &mut impl Rng,
    ) -> Result<Option<Forged>, Error> {
        let real = forged.real.as_ref().unwrap_or(&face.image);
        let [from, into] = [&forged.image, real].map(|image| synth_data::Face { image, landmarks });
        let swap = unless_config(mfs::forge(from, into, &self.config.mfs, rng))?;
        let Some(swap) = swap else {
            return Ok(Some(forged));
        };
        let mut mask = swap.mask;
        for (both, forged) in mask.iter_mut().zip(forged.mask.iter()) {
            *both *= forged;
        }
        let area = mask.iter().sum::<f32>() / mask.len() as f32;
        Ok(Some(match area < LEAST_PART {
            true => forged,
            false => Forged {
                how: format!("{:?}, {}", swap.kind, forged.how),
                boxes: around(&mask),
                image: swap.image,
                mask,
                real: forged.real,
                source: forged.source,
            },
        }))
    }

    /// Two real faces. BI: one of those whose landmarks are the nearest. I2G, as algorithm 1 of PCL: a random
    /// source within epsilon (line 2), then lines 3 to 6.
    fn blend(&self, row: usize, face: &Face, rng: &mut impl Rng) -> Result<Option<Forged>, Error> {
        let (Some(index), Some(landmarks)) = (&self.index, &face.landmarks) else {
            return Ok(None);
        };
        // Likeness is that of plain crops, however this one was moved.
        let shape = self.faces.landmarks(row).unwrap_or(*landmarks);
        let identity = self.faces.identities[row];
        let by_bi = (self.config.generator == Generator::Bi).then_some(&self.config.bi);
        let drawn = match by_bi {
            Some(bi) => index.draw_near(&shape, identity, [bi.subset, bi.nearest], rng),
            None => index
                .draw(&shape, identity, self.epsilon, rng)
                .map(|drawn| drawn.index),
        };
        let Ok(drawn) = drawn else {
            return Ok(None);
        };
        let source = self.targets[drawn];
        let source_face = self.faces.face(source)?;
        let Some(source_landmarks) = &source_face.landmarks else {
            return Ok(None);
        };
        let target = synth_data::Face {
            image: &face.image,
            landmarks,
        };
        let from = augment(
            &Sample {
                image: source_face.image.clone(),
                mask: Mask::default(),
                landmarks: *source_landmarks,
                boxes: Vec::new(),
            },
            &self.config.source,
            rng,
        )?;
        let from = synth_data::Face {
            image: &from.image,
            landmarks: &from.landmarks,
        };
        let forged = match by_bi {
            Some(config) => bi::forge(target, from, config, rng),
            None => i2g::forge(target, from, &self.config.i2g, rng),
        };
        unless_config(forged.map(|forgery| Forged {
            how: format!("{:?} blending, {:?}", forgery.blending, forgery.hull),
            boxes: around(&forgery.mask),
            image: forgery.image,
            mask: forgery.mask,
            real: None,
            source,
        }))
    }

    /// Self-blending.
    fn sbi(&self, row: usize, face: &Face, rng: &mut impl Rng) -> Result<Option<Forged>, Error> {
        let Some(landmarks) = &face.landmarks else {
            return Ok(None);
        };
        let of = synth_data::Face {
            image: &face.image,
            landmarks,
        };
        unless_config(sbi::forge(of, &self.config.sbi, rng).map(|forgery| Forged {
            how: "self-blended".into(),
            image: forgery.image,
            mask: forgery.mask,
            boxes: forgery.boxes,
            real: Some(forgery.real),
            source: row,
        }))
    }

    /// A swap between the face and one of the data set's forgeries of it (ADM 4.2).
    fn mfs(&self, row: usize, face: &Face, rng: &mut impl Rng) -> Result<Option<Forged>, Error> {
        let (Some(&fake), Some(landmarks)) = (self.pairs.of(row).choose(rng), &face.landmarks)
        else {
            return Ok(None);
        };
        let fake_face = self.faces.face_moved(fake, face.moved.as_ref())?;
        let [from, into] =
            [&fake_face.image, &face.image].map(|image| synth_data::Face { image, landmarks });
        let forged = mfs::forge(from, into, &self.config.mfs, rng).map(|forgery| Forged {
            how: format!(
                "{:?}, {}",
                forgery.kind, self.faces.manifest.rows[fake].method
            ),
            image: forgery.image,
            mask: forgery.mask,
            boxes: forgery.boxes,
            real: None,
            source: fake,
        });
        unless_config(forged)
    }

    /// One of the data set's forgeries of the face.
    fn data(&self, row: usize, face: &Face, rng: &mut impl Rng) -> Result<Option<Forged>, Error> {
        let Some(&source) = self.pairs.of(row).choose(rng) else {
            return Ok(None);
        };
        let face = self.faces.face_moved(source, face.moved.as_ref())?;
        let mask = self.faces.mask(source, &face.transform)?;
        Ok(mask.map(|mask| Forged {
            boxes: around(&mask),
            image: face.image,
            mask,
            real: None,
            source,
            how: self.faces.manifest.rows[source].method.clone(),
        }))
    }
}

/// The box of what is forged by half or more; none where nothing is.
pub fn around(mask: &Mask) -> Vec<[f32; 4]> {
    let edges = support(mask, 0.5);
    edges
        .map(|edges| boxes::of_region(edges, mask.dimensions()))
        .into_iter()
        .collect()
}

/// A face that cannot be forged is none; a wrong configuration is an error.
fn unless_config<T>(forged: Result<T, synth_data::Error>) -> Result<Option<T>, Error> {
    match forged {
        Ok(forged) => Ok(Some(forged)),
        Err(error @ synth_data::Error::Config { .. }) => Err(error.into()),
        Err(_) => Ok(None),
    }
}
