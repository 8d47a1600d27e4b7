//! I2G over the real faces of one split: Algorithm 1, from the search for a source to the forgery.

use face_preproc::split::Split;
use rand::Rng;
use synth_data::{
    Forgery, I2gConfig, LandmarkIndex,
    augment::{AugmentConfig, Sample, augment},
    forge,
    mask::Mask,
};

use crate::{
    Error,
    faces::{Face, Faces},
    recipe::Recipe,
};

/// Makes forgeries from the real faces of a split. Sources come from the same split, so no
/// identity crosses from one to another.
pub(crate) struct Forger<'a> {
    faces: &'a Faces,
    config: &'a I2gConfig,
    /// Of sources.
    augmentation: &'a AugmentConfig,
    /// In pixels of the crop.
    epsilon: f32,
    /// Rows of the faces in the index.
    sources: Vec<usize>,
    /// Absent where there is no source.
    index: Option<LandmarkIndex>,
}

/// A forgery and where it came from.
pub(crate) struct Forged {
    /// The forged crop.
    pub forgery: Forgery,
    /// Row of the source face.
    pub source: usize,
}

impl<'a> Forger<'a> {
    /// Indexes the real faces with landmarks of `split`, or of all rows.
    ///
    /// # Errors
    /// Where landmarks are not finite.
    pub(crate) fn new(
        faces: &'a Faces,
        split: Option<Split>,
        recipe: &'a Recipe,
    ) -> Result<Self, Error> {
        let config = &recipe.forgery.i2g;
        let mut sources = faces.rows(split);
        sources.retain(|&row| !faces.forged(row) && faces.landmarks(row).is_some());
        let shapes: Vec<_> = sources
            .iter()
            .filter_map(|&row| faces.landmarks(row))
            .copied()
            .collect();
        let identities: Vec<_> = sources.iter().map(|&row| faces.identities[row]).collect();
        let index = match shapes.is_empty() {
            true => None,
            false => Some(LandmarkIndex::new(&shapes, &identities)?),
        };
        Ok(Self {
            faces,
            config,
            augmentation: &recipe.forgery.source,
            epsilon: config.epsilon * config.scale((faces.size(), faces.size())),
            sources,
            index,
        })
    }

    /// Rows of the real faces that can be forged, and be sources.
    #[must_use]
    pub(crate) fn sources(&self) -> &[usize] {
        &self.sources
    }

    /// Whether there are faces of two people or more: a source is of another person.
    pub(crate) fn can_forge(&self) -> bool {
        let mut people = self.sources.iter().map(|&row| self.faces.identities[row]);
        people
            .next()
            .is_some_and(|first| people.any(|other| other != first))
    }

    /// A forgery of the real face of `row`: a random source within epsilon (Alg. 1, line 2), then
    /// lines 3 to 6. [`None`] where no source or no mask can be had for this face.
    ///
    /// # Errors
    /// Where the source's picture cannot be read any more, or the configuration is wrong.
    pub(crate) fn forge(
        &self,
        row: usize,
        face: &Face,
        rng: &mut impl Rng,
    ) -> Result<Option<Forged>, Error> {
        let (Some(index), Some(landmarks)) = (&self.index, &face.landmarks) else {
            return Ok(None);
        };
        let Ok(drawn) = index.draw(landmarks, self.faces.identities[row], self.epsilon, rng) else {
            return Ok(None);
        };
        let source = self.sources[drawn.index];
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
                mask: Mask::new(self.faces.size(), self.faces.size()),
                landmarks: *source_landmarks,
            },
            self.augmentation,
            rng,
        )?;
        let from = synth_data::Face {
            image: &from.image,
            landmarks: &from.landmarks,
        };
        match forge(target, from, self.config, rng) {
            Ok(forgery) => Ok(Some(Forged { forgery, source })),
            Err(error @ synth_data::Error::Config { .. }) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }
}
